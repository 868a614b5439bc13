import Formats
import Foundation
import Scheduling
import TestSupport
import Testing
import TimeZones

@testable import Storage

/// Large imports: they wait in the database, are decided at once, and are queued a few at a time.
@Suite(.eachEngine) struct ImportTurnsTests {
  private let directory = try? TemporaryDirectory()
  private let numbers = ["+18005550101", "+18005550102", "+18005550103"]

  /// A store that others can open too.
  private func shared() throws -> Store {
    let store =
      if let server = TestServer.current { try server.store() } else {
        try Store.open(#require(directory).file("a.sqlite"), for: .create)
      }
    for number in numbers { try store.addPhone(.sample(number, rate: 0)) }
    return store
  }

  /// Rows of CSV, of one phone after the other in turn.
  private func rows(_ count: Int, last: String = "") -> String {
    let rows = (0..<count).map { "\(numbers[$0 % numbers.count]),+18005550100,text \($0),\n" }
    return "FromPhoneNumber,ToPhoneNumber,Content,SendTime(optional)\n" + rows.joined() + last
  }

  /// Nobody runs, as this sees it.
  private struct Gone: Presence {
    let name = "gone"
  }

  private struct Stopped: Error {}

  /// Imports in the smallest steps.
  @discardableResult
  private func load(
    _ texts: String..., into store: Store, isDryRun: Bool = false, presence: (any Presence)? = Gone(),
    progress: (ImportProgress) throws -> Void = { _ in }
  ) throws -> ImportSummary {
    var options = ImportOptions(stamp: ImportFixtures.stamp, isDryRun: isDryRun)
    options.limits.small = 10
    options.limits.held = 3_000
    options.limits.chunk = 400
    options.limits.isOneAtATime = true
    options.limits.presence = presence
    let inputs = try texts.enumerated().map { try ImportFixtures.input($1, name: "file\($0 + 1)") }
    return try store.importFiles(ImportFiles(inputs), options, progress: progress)
  }

  private func contents(_ store: Store, of number: String) throws -> [String] {
    var found: [String] = []
    try store.forEachMessage(of: number, now: ImportFixtures.now) { found.append($0.content) }
    return found
  }

  private func isAnyPending(_ store: Store) throws -> Bool {
    try store.read { session in
      try PendingImports.isAny(session) || session.exists("SELECT 1 FROM pending_rows LIMIT 1")
    }
  }

  @Test func allOfItComesInTheOrderOfTheFile() throws {
    let store = try shared()
    var seen: [ImportProgress] = []
    let summary = try load(rows(300), into: store) { seen.append($0) }
    #expect(summary.messages == ImportCounts(added: 300))
    #expect(seen.count > 10 && seen.last == .queued(300, of: 300))
    for (index, number) in numbers.enumerated() {
      #expect(try contents(store, of: number) == (0..<300).filter { $0 % 3 == index }.map { "text \($0)" })
    }
    #expect(try !isAnyPending(store))
    #expect(try store.check() == [])
    #expect(try load(rows(300), into: store).messages == ImportCounts(unchanged: 300))
    #expect(try load(rows(301), into: store).messages == ImportCounts(added: 1, unchanged: 300))
    #expect(try store.check() == [])
  }

  @Test(arguments: [0, 1, 7]) func whatWasDecidedIsFinishedByWhoeverComesNext(after steps: Int) throws {
    let store = try shared()
    var seen = 0
    #expect(throws: Stopped.self) {
      try load(rows(300), into: store) { _ in
        if seen == steps { throw Stopped() }
        seen += 1
      }
    }
    #expect(try isAnyPending(store))
    #expect(try contents(store, of: numbers[0]).count < 100)
    let other = try store.reopened(for: .read)
    #expect(try !isAnyPending(other))
    for (index, number) in numbers.enumerated() {
      #expect(try contents(other, of: number) == (0..<300).filter { $0 % 3 == index }.map { "text \($0)" })
      #expect(try other.state(of: number, now: ImportFixtures.now).waiting == 100)
    }
    #expect(try other.check() == [])
    #expect(try load(rows(300), into: store).messages == ImportCounts(unchanged: 300))
  }

  @Test func anErrorInTheLastLineLeavesNothing() throws {
    let store = try shared()
    let before = try ImportFixtures.export(store)
    #expect(throws: ImportProblem.self) { try load(rows(300, last: "+18005550101,x,y,\n"), into: store) }
    #expect(try !isAnyPending(store))
    #expect(try ImportFixtures.export(store) == before)
    #expect(try load(rows(300), into: store).messages == ImportCounts(added: 300))
  }

  @Test func whatAProcessLeftUndecidedIsDropped() throws {
    let store = try shared()
    let worker = PendingWorker { Gone() }
    let number = try begin(store, worker)
    let other = try store.reopened(for: .write)
    #expect(try !isAnyPending(other))
    #expect(throws: ImportStage.Outdated.self) {
      try store.write { try PendingImports.stay(number, worker, $0) }
    }
  }

  /// Begins an import with a row.
  private func begin(_ store: Store, _ worker: PendingWorker) throws -> Int64 {
    let number = try PendingImports.begin(store, worker)
    try store.write { try put(number, worker, $0) }
    return number
  }

  private func put(_ number: Int64, _ worker: PendingWorker, _ session: any Session) throws {
    let first = try session.integer("SELECT count(*) FROM pending_rows") ?? 0
    let chunk = ImportChunk(first: Int(first), count: 1, bytes: Array("x".utf8))
    try PendingImports.put([chunk], of: number, by: worker, session)
  }

  /// An engine that cannot tell who runs, such as one whose server lets nobody in any more.
  private struct DeafEngine: Engine {
    let engine: any Engine
    var dialect: Dialect { engine.dialect }
    var name: String { engine.name }
    var isAlone: Bool { engine.isAlone }
    var clockOffset: Scheduling.Duration { engine.clockOffset }
    func changes() -> (any Changes)? { nil }
    func version() throws -> StoreVersion { try engine.version() }
    func close() throws { try engine.close() }
    func presence() -> (any Presence)? { nil }
    func isRunning(_ process: String) -> Bool? { nil }
    func read<T>(isRepeatable: Bool, _ body: (any Session) throws -> T) throws -> T {
      try engine.read(isRepeatable: isRepeatable, body)
    }
    func write<T>(_ isolation: Isolation, _ body: (any Session) throws -> T) throws -> T {
      try engine.write(isolation, body)
    }
    func writeInTurn<T>(_ body: (any Session, Turn) throws -> T) throws -> T { try engine.writeInTurn(body) }
  }

  private func deaf(_ store: Store) -> Store {
    Store(engine: DeafEngine(engine: store.engine), path: store.path, isWritable: true, zones: store.zones)
  }

  @Test func whoCannotTellWhoRunsLeavesOthersAlone() throws {
    let store = try shared()
    let worker = PendingWorker(store.engine.presence)
    let number = try begin(store, worker)
    try deaf(store).settleImports()
    try store.write { try put(number, worker, $0) }
    #expect(try isAnyPending(store))
    try PendingImports.leave(store, number, worker)
    try deaf(store).settleImports()
    #expect(try !isAnyPending(store))
  }

  /// Without a lock, a process says from time to time that it runs.
  @Test func whoSaysThatItRunsIsLeftAloneForAWhile() throws {
    let store = try shared()
    let worker = PendingWorker { nil }
    let number = try begin(store, worker)
    func renewed(_ duration: Scheduling.Duration, decided: Bool = false) throws {
      try store.write { session in
        try session.run("UPDATE pending_import SET renewed_at = ?1", [.integer(session.now() - duration)])
        if decided { try session.run("UPDATE pending_import SET decided_at = 0") }
      }
    }
    for _ in 0..<2 {
      try renewed(14 * .minute)
      try store.settleImports()
      try store.write { try put(number, worker, $0) }
      try store.settleImports()
      #expect(try isAnyPending(store))
    }
    try renewed(16 * .minute)
    try deaf(store).settleImports()
    #expect(try !isAnyPending(store))
    let other = try PendingImports.begin(store, PendingWorker { nil })
    try renewed(20 * .second, decided: true)
    try store.settleImports()
    #expect(try store.read { try PendingImports.decision($0, other) } != nil)
    try renewed(40 * .second)
    try store.settleImports()
    #expect(try !isAnyPending(store))
  }

  /// Whoever takes an import over decides alone what becomes of it.
  @Test func whoLostAnImportCanNeitherAddNorDecide() throws {
    let store = try shared()
    let worker = PendingWorker { Gone() }
    let number = try begin(store, worker)
    try store.write { try $0.run("UPDATE pending_import SET process = 'other'") }
    #expect(throws: ImportStage.Outdated.self) { try store.write { try put(number, worker, $0) } }
    let decision = PendingImports.Decision(number: number, at: 0, phoneKeys: [], dropped: DroppedRows())
    #expect(throws: ImportStage.Outdated.self) {
      try store.write { try PendingImports.decide(decision, by: worker, $0) }
    }
    #expect(try store.read { try PendingImports.decision($0, number) } == nil)
    #expect(try !PendingImports.leave(store, number, worker))
  }

  @Test func whoStillWorksOnOneIsLeftAlone() throws {
    let store = try shared()
    let worker = PendingWorker(store.engine.presence)
    let number = try PendingImports.begin(store, worker)
    _ = try store.reopened(for: .write)
    #expect(try isAnyPending(store))
    try PendingImports.drop(store, number)
    withExtendedLifetime(worker) {}
  }

  @Test func othersComeInBetween() throws {
    let store = try shared()
    let other = try store.reopened(for: .write)
    var claimed: [String] = []
    var loaded = try other.loadQueue(of: numbers[0], now: ImportFixtures.now)
    let summary = try load(rows(300), into: store) { progress in
      guard case .queued(let count, _) = progress, count < 300 else { return }
      let time = Time.fixed(ImportFixtures.now + 1)
      if case .claimed(let claim) = try other.claim(phone: numbers[0], lease: .minute, at: time) {
        claimed.append(claim.content)
      }
      try other.addMessages([NewMessage(contact: "12345", content: "own")], to: numbers[1], at: time)
      _ = try other.refresh(&loaded, now: ImportFixtures.now + 1)
    }
    #expect(summary.messages == ImportCounts(added: 300))
    #expect(claimed.count > 5 && claimed == (0..<claimed.count).map { "text \($0 * 3)" })
    #expect(try contents(store, of: numbers[1]).filter { $0 != "own" }.count == 100)
    #expect(try store.check() == [])
    _ = try other.refresh(&loaded, now: ImportFixtures.now + 1)
    let fresh = try other.loadQueue(of: numbers[0], now: ImportFixtures.now + 1)
    #expect(loaded.queue.keys == fresh.queue.keys && fresh.queue.keys.count == 100 - claimed.count)
  }

  @Test func theSameRowsInTwoFilesAreQueuedOnce() throws {
    let store = try shared()
    let more = rows(300) + "\(numbers[0]),+18005550100,text 0,\n"
    let summary = try load(rows(300), more, into: store)
    // A row that stands twice in one file is two messages, whatever another file has of it.
    #expect(summary.messages == ImportCounts(added: 301, unchanged: 300))
    #expect(summary.knownRows.values.reduce(0, +) == 300)
    #expect(try contents(store, of: numbers[0]).filter { $0 == "text 0" }.count == 2)
    #expect(try load(more, rows(300), into: store).messages == ImportCounts(unchanged: 601))
    #expect(try store.check() == [])
  }

  @Test func idsGrowInTheOrderOfTheQueues() throws {
    let store = try shared()
    try load(rows(300), into: store)
    let ids = try store.read { try $0.all("SELECT id FROM message ORDER BY key") { $0.text(0) } }
    #expect(ids.count == 300 && ids == ids.sorted())
  }

  @Test func fewNewRowsAmongManyKnownOnesAreOneTransaction() throws {
    let store = try shared()
    try load(rows(300), into: store)
    var steps = 0
    #expect(
      try load(rows(305), into: store) { _ in steps += 1 }.messages == ImportCounts(added: 5, unchanged: 300))
    #expect(steps == 0)
  }

  @Test func rowsOfAPhoneThatIsRemovedMeanwhileGoWithIt() throws {
    let store = try shared()
    let other = try store.reopened(for: .write)
    var isRemoved = false
    try load(rows(300), into: store) { _ in
      if !isRemoved { try other.removePhone(numbers[2]) }
      isRemoved = true
    }
    #expect(try contents(store, of: numbers[0]).count == 100)
    #expect(try store.check() == [])
    try store.addPhone(.sample(numbers[2], rate: 0))
    #expect(try contents(store, of: numbers[2]) == [])
    #expect(try load(rows(300), into: store).messages == ImportCounts(added: 100, unchanged: 200))
  }

  /// A CockroachDB gives everybody every lock. Others look all the time while the import runs.
  @Test(.enabled(if: PostgreSQLServer.isThere, "no PostgreSQL server"))
  func anImportIsLeftAloneWhereThereAreNoLocks() throws {
    let conninfo = try PostgreSQLServer.database()
    func open() throws -> Store {
      try Store.openServer(conninfo, for: .create, zones: TimeZoneDatabase.system, isCockroach: true)
    }
    let store = try open()
    for number in numbers { try store.addPhone(.sample(number, rate: 0)) }
    let number = try begin(store, PendingWorker(store.engine.presence))
    _ = try open()
    #expect(try isAnyPending(store))
    try PendingImports.drop(store, number)
    var looks = 0
    let summary = try load(rows(300), into: store, presence: nil) { _ in
      let other = try open()
      looks += 1
      if looks < 3 { #expect(try isAnyPending(other)) }
    }
    #expect(summary.messages == ImportCounts(added: 300))
    #expect(try store.check() == [])
  }

  @Test func aDryRunOfManyChangesNothing() throws {
    let store = try shared()
    let before = try ImportFixtures.export(store)
    #expect(try load(rows(300), into: store, isDryRun: true).messages == ImportCounts(added: 300))
    #expect(try ImportFixtures.export(store) == before)
    #expect(try !isAnyPending(store))
  }

  @Test func messagesOfBundlesMoveOnAndContradictEachOther() throws {
    let store = try shared()
    func bundle(_ fields: String, _ count: Int = 60) -> String {
      let messages = (0..<count).map { ImportFixtures.message("m\($0)", fields) }
      return ImportFixtures.bundle(messages: messages.joined(separator: ","))
    }
    let sent = #""status":"sent","sent_at":"2026-03-29T07:00:00Z","send_attempt_count":1"#
    #expect(try load(bundle(""), into: store).messages == ImportCounts(added: 60))
    #expect(try load(bundle(""), into: store).messages == ImportCounts(unchanged: 60))
    #expect(try load(bundle(sent), into: store, isDryRun: true).messages == ImportCounts(updated: 60))
    #expect(try load(bundle("", 70), bundle(sent), into: store).messages.updated == 60)
    #expect(try store.state(of: "p1", now: ImportFixtures.now).waiting == 10)
    #expect(try store.check() == [])
    let other = ImportFixtures.bundle(messages: ImportFixtures.message("m75", #""content":"other""#))
    let problem = #expect(throws: ImportProblem.self) { try load(bundle("", 80), other, into: store) }
    #expect(
      problem?.description
        == #"file2:3: messages[0].id: expected what the other record of this message says, found "m75""#)
    #expect(try !isAnyPending(store))
  }
}
