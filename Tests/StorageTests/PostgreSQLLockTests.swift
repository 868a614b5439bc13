import Formats
import Foundation
import Scheduling
import Synchronization
import Testing
import TimeZones

@testable import Storage

/// What two connections do to the same rows at once.
@Suite(.enabled(if: PostgreSQLServer.isThere, "no PostgreSQL server"), .serialized)
struct PostgreSQLLockTests {
  let conninfo: String
  let store: Store
  private let phone = "phone-18005550199"

  init() throws {
    conninfo = try PostgreSQLServer.database()
    store = try Store.open(conninfo, for: .create)
    try store.addPhone(.sample(rate: 0), stamp: someone)
    _ = try store.addSchedule(.sample(), id: "s", stamp: someone)
  }

  private final class Answer<T: Sendable>: Sendable {
    private let result = Mutex<Result<T, any Error>?>(nil)
    func take(_ body: () throws -> T) {
      let done = Result { try body() }
      result.withLock { $0 = done }
    }
    var isThere: Bool { result.withLock { $0 != nil } }
    func get() throws -> T? { try result.withLock { try $0?.get() } }
  }

  /// Does something that has to wait for a transaction of somebody else, which is committed then.
  ///
  /// On a thread of its own: those of the tests may all be busy, and the server ends a transaction that does nothing.
  private func whileOpen<T: Sendable>(_ statements: String, _ body: @escaping @Sendable () throws -> T) throws
    -> T
  {
    let other = try PostgreSQLConnection(conninfo)
    try other.command("SET search_path = send_schedule; BEGIN; \(statements)")
    let answer = Answer<T>()
    Thread { answer.take(body) }.start()
    let waiting =
      "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    var waits = false
    while !waits, !answer.isThere {
      waits = try other.execute(waiting, []).count == 1
      usleep(5_000)
    }
    #expect(waits)
    try other.command("COMMIT")
    while !answer.isThere { usleep(1_000) }
    return try #require(try answer.get())
  }

  @Test func rowsOfAnImportComeAfterAMessageThatIsQueuedMeanwhile() throws {
    let rows = (0..<20).map { "+18005550199,+18005550100,text \($0)\n" }.joined()
    var options = ImportOptions(stamp: ImportFixtures.stamp)
    options.limits.small = 10
    let input = try ImportFixtures.input("FromPhoneNumber,ToPhoneNumber,Content\n" + rows)
    let files = try ImportFiles([input])
    nonisolated(unsafe) let source = files
    let limits = options
    // It has the number that the first row was to have.
    let queued = """
      UPDATE phone SET last_number = last_number + 1, waiting = waiting + 1; INSERT INTO message (key, id, phone_key,
        contact, content, status, queued_at, ready_at, is_exact, send_attempt_count)
      SELECT key * 4294967296 + last_number, 'own', key, '12345', 'own', 'pending', 0, 0, 0, 0 FROM phone
      """
    let summary = try whileOpen(queued) { [store] in try store.importFiles(source, limits) }
    #expect(summary.messages == ImportCounts(added: 20))
    let texts = try store.read { try $0.all("SELECT content FROM message ORDER BY key") { $0.text(0) } }
    #expect(texts == ["own"] + (0..<20).map { "text \($0)" })
    #expect(try store.check() == [])
  }

  @Test func aPhoneThatIsAttachedWhileItsScheduleIsRemovedIsFreedAndAttachedAgain() throws {
    let removed = try whileOpen("UPDATE phone SET schedule_id = 's'") { [store] in
      try store.removeSchedule("s", stamp: someone)
    }
    #expect(removed.freed.map(\.id) == [phone])
    #expect(try store.revisions(ofPhone: phone).first?.summary == "schedule Office removed")
    try store.restore("s", to: 1, stamp: someone)
    #expect(try store.phone(named: phone).scheduleID == "s")
  }

  @Test func aScheduleThatIsRemovedMeanwhileIsNotAttached() throws {
    #expect(throws: StoreError.unknownSchedule("s")) {
      try whileOpen("DELETE FROM schedule WHERE id = 's'") { [store, phone] in
        _ = try store.attach("s", toPhones: [phone], stamp: someone)
      }
    }
    #expect(try store.phone(named: phone).scheduleID == nil)
  }

  @Test func aMessageThatIsQueuedWhileItsPhoneIsRemovedIsCounted() throws {
    let insert = """
      INSERT INTO message (key, id, phone_key, contact, content, status, queued_at, ready_at, is_exact,
        send_attempt_count) SELECT key * \(MessageKey.numbers) + 1, 'm', key, '12345', 'x', 'pending', 0, 0, 0, 0
      FROM phone
      """
    let removed = try whileOpen("\(insert); UPDATE phone SET waiting = 1, last_number = 1") {
      [store, phone] in
      try store.removePhone(phone)
    }
    #expect(removed.waiting == 1)
  }

  /// An edit that looked before it locked could act on what is not true any more.
  @Test func editsOfAMessageLockItsPhoneBeforeTheyLook() throws {
    let heard = Collected()
    let engine = try PostgreSQLEngine(conninfo, mayWrite: true) { heard.add($0) }
    let store = Store(engine: engine, path: engine.name, isWritable: true, zones: TimeZoneDatabase.system)
    try store.add("m")
    let edits: [(Store) throws -> Void] = [
      { try $0.mark("m", exact: true, at: .fixed(monday)) },
      { try $0.reschedule("m", sendAt: nil, at: .fixed(monday)) },
      { try $0.cancel(["m"], at: .fixed(monday)) },
      { store in
        let edit = try store.retry(["m"], at: .fixed(monday))[0]
        try store.putBack(edit.before, from: edit.after, at: .fixed(monday))
      },
    ]
    for (number, edit) in edits.enumerated() {
      let before = heard.texts.count
      try edit(store)
      let statements = heard.texts[before...]
      let lock = statements.firstIndex { $0.contains("FOR NO KEY UPDATE") }
      let look = statements.firstIndex { $0.contains("FROM message AS m JOIN phone") }
      #expect(lock.flatMap { lock in look.map { lock < $0 } } == true, "edit \(number): \(statements)")
    }
  }
}
