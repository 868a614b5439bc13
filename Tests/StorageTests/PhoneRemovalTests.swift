import Scheduling
import TestSupport
import Testing

@testable import Storage

/// Phones with many messages: they are gone at once, their messages in turns where others would have to wait.
@Suite struct PhoneRemovalTests {
  private let directory = try? TemporaryDirectory()
  private let phone = "+18005550199"
  private let other = "+18005550198"

  /// A store that others can open too, with many messages: some sent, some not, from rows of CSV, of which some came
  /// twice.
  private func shared(_ count: Int = 1_200) throws -> Store {
    let store =
      if let server = TestServer.current { try server.store() } else {
        try Store.open(#require(directory).file("a.sqlite"), for: .create)
      }
    try store.addPhone(.sample(phone, rate: 0))
    try store.addPhone(.sample(other, rate: 0))
    try ImportFixtures.load(rows(count), into: store)
    try ImportFixtures.load(rows(10), into: store, isAgain: true)
    // Of what came twice the later one, and of the rest every third one, is sent.
    try store.write {
      try $0.run(
        "UPDATE message SET status = 'sent' WHERE key % 3 = 0 OR key > (SELECT max(key) FROM message) - 10")
    }
    try store.write { try QueueCounts.recount($0, phoneKey: 1) }
    return store
  }

  private func rows(_ count: Int) -> String {
    "FromPhoneNumber,ToPhoneNumber,Content,SendTime(optional)\n"
      + (0..<count).map { "\(phone),+18005550100,text \($0),\n" }.joined()
  }

  private func count(_ table: String, _ store: Store) throws -> Int {
    try Int(store.read { try $0.integer("SELECT count(*) FROM \(table)") } ?? 0)
  }

  /// What a removal may leave is what it left when it was one transaction.
  private func expectGone(_ store: Store, _ rows: Int = 1_200) throws {
    #expect(try store.phones().map(\.number) == [other])
    #expect(try count("message", store) == 0 && count("pending_import", store) == 0)
    #expect(try store.check() == [])
    try store.addPhone(.sample(phone, rate: 0))
    let again = try ImportFixtures.load(self.rows(rows), into: store).messages
    let sent = Set((1...rows).filter { $0 % 3 == 0 } + Array(1...10)).count
    #expect(again == ImportCounts(added: rows - sent, unchanged: sent))
    #expect(try store.check() == [])
  }

  @Test(.eachEngine) func allOfItGoesAndWhatWasSentStaysKnown() throws {
    let store = try shared()
    let waiting = try store.state(of: phone, now: ImportFixtures.now).waiting
    #expect(try store.removePhone(phone, stamp: someone).waiting == waiting && waiting > 700)
    try expectGone(store)
  }

  @Test(.eachEngine) func severalGoTogether() throws {
    let store = try shared()
    let change = PhoneChange(before: try store.phone(named: phone), after: nil)
    let result = try store.change([change], stamp: someone)
    #expect(result.done.count == 1 && result.messagesRemoved > 700)
    try expectGone(store)
  }

  private struct Killed: Error {}

  /// Removes the phone, and no more than some of its messages.
  private func beginRemoval(_ store: Store, turns: Int) throws {
    let engine = StoppingEngine(engine: store.engine, turns: turns)
    try Store(engine: engine, path: store.path, isWritable: true, zones: store.zones)
      .removePhone(phone, stamp: someone)
  }

  /// An engine with which no more than some turns can be done.
  private final class StoppingEngine: Engine {
    let engine: any Engine
    nonisolated(unsafe) var turns: Int
    init(engine: any Engine, turns: Int) { (self.engine, self.turns) = (engine, turns) }

    var dialect: Dialect { engine.dialect }
    var name: String { engine.name }
    var isAlone: Bool { engine.isAlone }
    var clockOffset: Duration { engine.clockOffset }
    func changes() -> (any Changes)? { nil }
    func version() throws -> StoreVersion { try engine.version() }
    func close() throws { try engine.close() }
    func presence() -> (any Presence)? { engine.presence() }
    func isRunning(_ process: String) -> Bool? { engine.isRunning(process) }
    func read<T>(isRepeatable: Bool, _ body: (any Session) throws -> T) throws -> T {
      try engine.read(isRepeatable: isRepeatable, body)
    }
    func write<T>(_ isolation: Isolation, _ body: (any Session) throws -> T) throws -> T {
      try engine.write(isolation, body)
    }
    func writeInTurn<T>(_ body: (any Session, Turn) throws -> T) throws -> T {
      guard turns > 0 else { throw Killed() }
      turns -= 1
      return try engine.writeInTurn { session, _ in try body(session, Turn(milliseconds: 0)) }
    }
  }

  @Test(.eachEngine, arguments: [0, 1, 5, 9, 11]) func whatWasLeftIsSeenByNobodyAndFinishedByWhoeverComesNext(
    turns: Int
  )
    throws
  {
    let store = try shared()
    var ids: [String] = []
    try store.forEachMessage(of: phone, now: ImportFixtures.now) { ids.append($0.id) }
    try beginRemoval(store, turns: turns)
    #expect(try count("message", store) > 0 && count("pending_import", store) == 1)
    #expect(try store.phones().map(\.number) == [other])
    #expect(try store.check() == [])
    let last = try #require(ids.last)
    #expect(throws: StoreError.unknownMessage(last)) { try store.message(last, now: ImportFixtures.now) }
    #expect(throws: StoreError.unknownMessage(last)) {
      try store.recordSent(last, at: .fixed(ImportFixtures.now))
    }
    let requests = [last, ids[0]].map { id in
      QueueRequest<Void>(.message(id)) { _ = try $0.sent(id, at: .engine) }
    }
    for result in try store.together(requests) {
      #expect(throws: StoreError.self) { try result.get() }
      if case .failure(.unknownMessage) = result {} else { Issue.record("\(result)") }
    }
    #expect(try ImportFixtures.export(store).contains(phone) == false)
    try store.findMessages(containing: "text") { _ in
      Issue.record("a message of the removed phone is found")
      return false
    }
    _ = try store.reopened(for: .write)
    try expectGone(store)
  }

  @Test(.eachEngine) func theIdsOfWhatIsLeftCanBeUsed() throws {
    let store = try shared()
    try store.addMessages(
      [NewMessage(id: "own", contact: "12345", content: "x")], to: phone, at: .fixed(monday))
    try beginRemoval(store, turns: 0)
    try store.addMessages(
      [NewMessage(id: "own", contact: "12345", content: "y")], to: other, at: .fixed(monday))
    #expect(try store.message("own", now: monday).content == "y")
    _ = try store.reopened(for: .write)
    #expect(try store.message("own", now: monday).content == "y")
    #expect(try count("message", store) == 1)
    #expect(try store.check() == [])
  }

  @Test(.eachEngine) func anImportWaitsUntilItIsDone() throws {
    let store = try shared()
    try beginRemoval(store, turns: 3)
    try store.addPhone(.sample(phone, rate: 0))
    let summary = try ImportFixtures.load(rows(1_200), into: store).messages
    #expect(summary.added > 700 && summary.added + summary.unchanged == 1_200)
    #expect(try store.state(of: phone, now: ImportFixtures.now).waiting == summary.added)
    #expect(try count("pending_import", store) == 0)
    #expect(try store.check() == [])
  }
}
