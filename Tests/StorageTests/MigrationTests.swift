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

  @Test func onlyWhoMayWriteBringsItUp() throws {
    #expect(chmod(path, 0o400) == 0)
    guard geteuid() != 0 else { return }
    #expect(throws: StoreError.readOnly(path: path)) { try Store.open(path, for: .read) }
  }

  @Test func theFirstVersionsProgramRefusesTheNewOne() throws {
    let store = try Store.open(path, for: .write)
    let names = try store.read {
      try $0.all("SELECT identifier FROM grdb_migrations ORDER BY 1") { $0.text(0) }
    }
    // It knows "v1", and refuses what it does not know.
    #expect(names == ["v1", "v2"])
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
}
