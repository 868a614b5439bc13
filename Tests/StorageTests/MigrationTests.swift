import Foundation
import Scheduling
import TestSupport
import Testing

@testable import Storage

@Suite struct MigrationTests {
  let directory: TemporaryDirectory
  let path: String

  init() throws {
    directory = try TemporaryDirectory()
    path = directory.file("old.sqlite")
    try Self.script(FirstVersion.sql, path)
  }

  private static func script(_ sql: String, _ path: String) throws {
    let connection = try SQLiteConnection(
      file: path, name: path, isWritable: true, onlyReads: false, wait: LockWait())
    let engine = SQLiteEngine(connection, name: path)
    try engine.alone { try $0.script(sql) }
    try engine.close()
  }

  @Test func aDatabaseOfTheFirstVersionOpens() throws {
    let store = try Store.open(path, for: .write)
    #expect(try store.check() == [])
    #expect(
      try store.phone(named: "p1")
        == Phone(
          id: "p1", number: "+18005550199", label: "desk", sim: .sim2, messagesPerMinute: 6,
          maxSendAttempts: 3,
          scheduleID: "s1"))
    #expect(try store.schedule(named: "Office").content.exceptions == [])
    #expect(try store.revisions(of: "s1").map(\.number) == [1])
    #expect(try store.drafts(of: "mari").map(\.subject) == ["phone:p1#7-8"])
    let state = try store.state(of: "p1", now: monday)
    #expect(state.waiting == 2 && state.failed == 1 && state.claimed == 1)
    #expect(try store.state(of: "p1", now: monday + 5_000).previous == monday + 3_000)
    var ids: [String] = []
    try store.forEachMessage(of: "p1", now: monday) { ids.append($0.id) }
    #expect(ids == ["a", "c", "d", "e", "f"])
    let known = try store.read {
      try $0.all("SELECT high, low FROM known_row") { ($0.integer(0), $0.integer(1)) }
    }
    #expect(known.map(\.0) == [-0x11_2233_4455_6678] && known.map(\.1) == [0x7766_5544_3322_1100])
  }

  @Test func itsQueueGoesOn() throws {
    let store = try Store.open(path, for: .write)
    try store.addMessages(
      [NewMessage(id: "new", contact: "12345", content: "x")], to: "p1", at: .fixed(monday))
    try store.addPhone(.sample("+18005550197"))
    let queue = try store.loadQueue(of: "p1", now: monday).queue
    #expect(try queue.keys.map { try store.messages(keys: [$0])[$0]?.id } == ["d", "new"])
    // Monday 09:00 in Tallinn.
    guard case .claimed(let claim) = try store.claim(phone: "p1", lease: .minute, at: .fixed(monday)) else {
      Issue.record("nothing was claimed")
      return
    }
    #expect(claim.messageID == "d" && claim.attempt == 2)
    #expect(try store.recordSent("e", at: .fixed(monday)).warning == nil)
    #expect(try store.check() == [])
  }

  @Test func whoOnlyReadsLeavesItAsItIs() throws {
    let before = try Data(contentsOf: URL(fileURLWithPath: path))
    #expect(throws: StoreError.olderVersion(path: path)) { try Store.open(path, for: .read) }
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["old.sqlite"])
    try Store.open(path, for: .edit).close()
    #expect(try Store.open(path, for: .read).check() == [])
  }

  @Test func onlyWhoMayWriteBringsItUp() throws {
    #expect(chmod(path, 0o400) == 0)
    guard geteuid() != 0 else { return }
    #expect(throws: StoreError.olderVersion(path: path)) { try Store.open(path, for: .edit) }
  }

  @Test func theFirstVersionsProgramRefusesTheNewOne() throws {
    let store = try Store.open(path, for: .write)
    let names = try store.read {
      try $0.all("SELECT identifier FROM grdb_migrations ORDER BY 1") { $0.text(0) }
    }
    // It knows "v1", and refuses what it does not know.
    #expect(names == ["v1", "v2", "v3", "v4"])
  }

  @Test func exceptionsAreKept() throws {
    let store = try Store.open(path, for: .write)
    let christmas = try #require(CivilDate(year: 2026, month: 12, day: 24))
    let exceptions = [
      ScheduleException(
        date: .day(christmas), windows: [DayWindow(startMinute: 540, endMinute: 720)],
        note: "jõulud \"½\" \\ 聖誕"),
      ScheduleException(date: .yearly(month: 2, day: 29)),
    ]
    try store.changeSchedule("Office", stamp: someone) { $0.exceptions = exceptions }
    #expect(try store.schedule(named: "Office").content.exceptions == exceptions)
    #expect(try store.revisions(of: "s1").first?.content.exceptions == exceptions)
  }

  /// What the fourth version changed, undone.
  private static let third = """
    DROP INDEX message_returning;
    DROP INDEX message_lapsing;
    ALTER TABLE message DROP COLUMN is_last_attempt;
    ALTER TABLE pending_import DROP COLUMN renewed_at;
    ALTER TABLE pending_import DROP COLUMN removed_phone;
    CREATE INDEX message_sending ON message (phone_key, is_exact, ready_at, queued_at, key, lease_expires_at)
      WHERE status = 'sending';
    CREATE INDEX message_lease ON message (phone_key, lease_expires_at) WHERE status = 'sending';
    DELETE FROM grdb_migrations WHERE identifier = 'v4';
    """

  /// What the third version changed, undone.
  private static let second = """
    DROP TABLE pending_import;
    DROP TABLE pending_rows;
    DROP TABLE known_row;
    CREATE TABLE known_row (high INTEGER NOT NULL, low INTEGER NOT NULL, imported_at INTEGER NOT NULL,
      message_key INTEGER NOT NULL, PRIMARY KEY (high, low)) STRICT, WITHOUT ROWID;
    INSERT INTO known_row SELECT row_high, row_low, 7, key FROM message WHERE row_high IS NOT NULL;
    INSERT INTO known_row VALUES (1, 2, 3, 0);
    CREATE INDEX known_row_message ON known_row (message_key);
    ALTER TABLE message DROP COLUMN earlier_attempts;
    ALTER TABLE message DROP COLUMN row_high;
    ALTER TABLE message DROP COLUMN row_low;
    DELETE FROM grdb_migrations WHERE identifier = 'v3';
    """

  @Test func rowsOfCSVStayKnownWhenTheSecondVersionIsBroughtUp() throws {
    let path = directory.file("second.sqlite")
    let row = "+18005550199,+18005550100,hello,2026-04-01T08:00:00\n"
    let rows = "FromPhoneNumber,ToPhoneNumber,Content,SendTime\n" + row + row
    do {
      let store = try Store.open(path, for: .create)
      try store.addPhone(.sample())
      try ImportFixtures.load(rows, into: store)
      try store.close()
    }
    try Self.script(Self.third + Self.second, path)
    let store = try Store.open(path, for: .write)
    #expect(try store.check() == [])
    #expect(try store.read { try $0.integer("SELECT count(*) FROM known_row") } == 3)
    #expect(try ImportFixtures.load(rows, into: store).messages == ImportCounts(unchanged: 2))
    try store.removePhone("+18005550199")
    #expect(try store.read { try $0.integer("SELECT count(*) FROM known_row") } == 1)
    let fresh = try Store.inMemory()
    let columns = "SELECT name FROM pragma_table_info('message') ORDER BY cid"
    #expect(
      try store.read { try $0.all(columns) { $0.text(0) } }
        == fresh.read { try $0.all(columns) { $0.text(0) } })
  }

  @Test func whatWasOutIsMarkedWhenTheThirdVersionIsBroughtUp() throws {
    let path = directory.file("third.sqlite")
    do {
      let store = try Store.open(path, for: .create)
      try store.handOutOnceForTheLastTime()
      try store.close()
    }
    try Self.script(Self.third, path)
    let store = try Store.open(path, for: .write)
    #expect(try store.check() == [])
    let marked = "SELECT id FROM message WHERE is_last_attempt = 1"
    #expect(try store.read { try $0.all(marked) { $0.text(0) } } == ["m1"])
    let fresh = try Store.inMemory()
    let schema = "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name"
    #expect(
      try store.read { try $0.all(schema) { $0.text(0) } } == fresh.read { try $0.all(schema) { $0.text(0) } }
    )
  }
}
