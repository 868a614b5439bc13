import Foundation
import Scheduling
import Synchronization
import Testing
import TimeZones

@testable import Storage

/// Texts that several threads collect.
final class Collected: Sendable {
  private let list = Mutex<[String]>([])
  var texts: [String] { list.withLock { $0 } }
  func add(_ text: String) { list.withLock { $0.append(text) } }
}

/// Fails one statement of those that it hears of.
private final class Failing: Sendable {
  private let counts = Mutex<(heard: Int, at: Int)>((0, 0))
  private let state: String

  init(state: String) { self.state = state }

  var heard: Int { counts.withLock { $0.heard } }
  func begin(at number: Int) { counts.withLock { $0 = (0, number) } }

  func hear() throws {
    let isNow = counts.withLock { counts in
      counts.heard += 1
      return counts.heard == counts.at
    }
    if isNow { throw PostgreSQLError(state: state, message: "again") }
  }
}

/// What is different about a store on a server: who may open it, many at once, and answers that do not come.
@Suite(.enabled(if: PostgreSQLServer.isThere, "no PostgreSQL server"), .serialized)
struct PostgreSQLStoreTests {
  let conninfo: String

  init() throws { conninfo = try PostgreSQLServer.database() }

  private func command(_ sql: String) throws { try PostgreSQLConnection(conninfo).command(sql) }

  private func conninfo(as role: String) -> String {
    var parts = URLComponents(string: conninfo)
    parts?.user = role
    return parts?.string ?? ""
  }

  // MARK: - Opening

  @Test func nothingIsMadeUnlessAsked() throws {
    for access in [Store.Access.read, .write] {
      #expect(throws: StoreError.self) { try Store.open(conninfo, for: access) }
    }
    let schemas = try PostgreSQLConnection(conninfo).execute(
      "SELECT 1 FROM pg_namespace WHERE nspname = 'send_schedule'", [])
    #expect(schemas.count == 0)
    #expect(try Store.open(conninfo, for: .create).check().isEmpty)
    #expect(try Store.open(conninfo, for: .read).phones().isEmpty)
  }

  @Test func manyMayMakeTheSameSchema() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<6 {
        group.addTask { [conninfo] in
          try Store.open(conninfo, for: .create).addPhone(.sample("+1800555010\(number)"))
        }
      }
      try await group.waitForAll()
    }
    #expect(try Store.open(conninfo, for: .read).phones().count == 6)
  }

  @Test func anotherProgramsSchemaIsLeftAlone() throws {
    try command("CREATE SCHEMA send_schedule; CREATE TABLE send_schedule.theirs (id BIGINT)")
    #expect(throws: StoreError.self) { try Store.open(conninfo, for: .create) }
  }

  @Test func aNewerSchemaIsRefused() throws {
    let store = try Store.open(conninfo, for: .create)
    try command("INSERT INTO send_schedule.schema_version VALUES ('v999')")
    for access in [Store.Access.read, .create] {
      #expect(throws: StoreError.newerVersion(path: store.path)) { try Store.open(conninfo, for: access) }
    }
  }

  @Test func theThirdVersionIsBroughtUp() throws {
    do {
      let store = try Store.open(conninfo, for: .create)
      try store.handOutOnceForTheLastTime()
    }
    try command(
      """
      SET search_path = send_schedule; ALTER TABLE message DROP COLUMN is_last_attempt;
      DROP INDEX IF EXISTS message_returning; DROP INDEX IF EXISTS message_lapsing;
      ALTER TABLE pending_import DROP COLUMN renewed_at, DROP COLUMN removed_phone;
      CREATE INDEX message_sending ON message (phone_key, is_exact) WHERE status = 'sending';
      CREATE INDEX message_lease ON message (phone_key, lease_expires_at) WHERE status = 'sending';
      DELETE FROM schema_version WHERE version = 'v4'
      """)
    let store = try Store.open(conninfo, for: .write)
    #expect(try store.check() == [])
    let marked = "SELECT id FROM message WHERE is_last_attempt = 1"
    #expect(try store.read { try $0.all(marked) { $0.text(0) } } == ["m1"])
    #expect(try !store.read { try $0.exists("SELECT 1 FROM pg_indexes WHERE indexname = 'message_lease'") })
  }

  @Test func anOlderSchemaIsBroughtOnByOneWhoMay() async throws {
    let store = try Store.open(conninfo, for: .create)
    try store.addPhone(.sample())
    let next = PostgreSQLSchema(
      steps: PostgreSQLSchema.steps + [("v5", ["ALTER TABLE phone ADD COLUMN more BIGINT"])])
    #expect(throws: StoreError.olderVersion(path: store.path)) {
      try Store.openServer(conninfo, for: .read, zones: TimeZoneDatabase.system, schema: next)
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask { [conninfo] in
          let store = try Store.openServer(
            conninfo, for: .write, zones: TimeZoneDatabase.system, schema: next)
          #expect(try store.phones().count == 1)
        }
      }
      try await group.waitForAll()
    }
    // This version must not write to the next one's tables.
    #expect(throws: StoreError.newerVersion(path: store.path)) { try Store.open(conninfo, for: .write) }
  }

  @Test func aServerHasNoFileToCopy() throws {
    let store = try Store.open(conninfo, for: .create)
    #expect(
      throws: StoreError.onServer(path: store.path, instead: "pg_dump --schema=send_schedule")
    ) { try store.backUp(to: "/nowhere/copy") }
  }

  // MARK: - Serialization failures

  /// What each thing that is done comes to must not depend on how often it had to begin again.
  @Test(arguments: [("40001", false), ("40P01", false), ("40001", true)])
  func aFailureAtAnyStatementIsRepeated(state: String, isCockroach: Bool) throws {
    _ = try Store.openServer(
      conninfo, for: .create, zones: TimeZoneDatabase.system, isCockroach: isCockroach)
    let failing = Failing(state: state)
    let engine = try PostgreSQLEngine(conninfo, mayWrite: true, isCockroach: isCockroach) { _ in
      try failing.hear()
    }
    let store = Store(engine: engine, path: engine.name, isWritable: true, zones: TimeZoneDatabase.system)
    let phone = "+18005550199"
    let steps: [(Store) throws -> Void] = [
      { try $0.addPhone(.sample(rate: 0), stamp: someone) },
      { _ = try $0.addSchedule(.sample(windows: "daily 0-24"), id: "s", stamp: someone) },
      { _ = try $0.attach("s", toPhones: ["phone-18005550199"], stamp: someone) },
      { try $0.add("a", "b", "c", "d", "e") },
      { _ = try $0.claimOne(at: monday) },
      { _ = try $0.recordSent("a", at: .fixed(monday)) },
      { _ = try $0.claimOne(at: monday + 1) },
      { _ = try $0.recordFailure("b", attempt: 1, reason: "no", at: .fixed(monday + 2)) },
      { _ = try $0.claimOne(at: monday + 3) },
      { _ = try $0.extend("c", lease: .hour, at: .fixed(monday + 4)) },
      { _ = try $0.release(claimOf: "c", at: .fixed(monday + 5)) },
      { try $0.cancel(["d"], at: .fixed(monday + 6)) },
      { try $0.retry(["d"], at: .fixed(monday + 7)) },
      { _ = try $0.reschedule("e", sendAt: monday + .day, at: .fixed(monday + 8)) },
      { _ = try $0.hold([phone], until: monday + .hour, stamp: someone) },
      { _ = try $0.release(phones: [phone], stamp: someone) },
      {
        let message = ImportFixtures.message("imported")
        try ImportFixtures.load("{\"messages\":[\(message)]}", into: $0, now: monday)
      },
      { _ = try $0.changeSchedule("s", stamp: someone) { $0.isActive = false } },
      { _ = try $0.prune(before: monday + .hour, at: .fixed(monday + .day)) },
      { _ = try $0.removeSchedule("s", stamp: someone) },
    ]
    // The same on SQLite, where nothing fails.
    let other = try Store.inMemory(zones: TimeZoneDatabase.system)
    for (number, step) in steps.enumerated() {
      try step(other)
      let expected = try ImportFixtures.export(other)
      var tries = 0
      while true {
        // The state before the step is kept in a copy of the tables.
        try command("DROP SCHEMA IF EXISTS kept CASCADE; CREATE SCHEMA kept; \(Self.copies(to: "kept"))")
        failing.begin(at: tries + 1)
        try step(store)
        let count = failing.heard
        failing.begin(at: 0)
        let found = try ImportFixtures.export(store)
        #expect(found == expected, "step \(number), failing at \(tries + 1)")
        if tries + 1 > count { break }
        tries += 1
        try command(Self.back(from: "kept"))
      }
      #expect(tries > 0, "step \(number)")
    }
  }

  private static let kept = Schema.tables.sorted()
  private static func copies(to schema: String) -> String {
    kept.map { "CREATE TABLE \(schema).\($0) AS TABLE send_schedule.\($0)" }.joined(separator: "; ")
  }
  private static func back(from schema: String) -> String {
    "TRUNCATE \(kept.map { "send_schedule.\($0)" }.joined(separator: ", ")); "
      + (["schedule"] + kept.filter { $0 != "schedule" })
      .map { "INSERT INTO send_schedule.\($0) SELECT * FROM \(schema).\($0)" }.joined(separator: "; ")
  }

  // MARK: - Many at once

  @Test(arguments: [false, true])
  func nothingIsHandedOutTwice(isCockroach: Bool) async throws {
    let open = { @Sendable [conninfo] (access: Store.Access) in
      try Store.openServer(
        conninfo, for: access, zones: TimeZoneDatabase.system, isCockroach: isCockroach)
    }
    let store = try open(.create)
    try store.addPhone(.sample(rate: 0))
    try store.addMessages(
      (0..<120).map { NewMessage(id: "m\($0)", contact: "12345", content: "x") }, to: "+18005550199",
      at: .engine)
    let claimed = Collected()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<6 {
        group.addTask {
          let store = try open(.write)
          while case .claimed(let claim) = try store.claim(
            phone: "+18005550199", lease: .hour, at: .engine)
          {
            claimed.add(claim.messageID)
            _ = try store.recordSent(claim.messageID, at: .engine)
          }
        }
      }
      try await group.waitForAll()
    }
    let ids = claimed.texts
    #expect(ids.count == 120 && Set(ids).count == 120)
    #expect(try store.check().isEmpty)
  }

  /// One whose phone somebody else has locked holds up nobody.
  @Test func requestsOfALockedPhoneAreBusyAtOnce() throws {
    let store = try Store.open(conninfo, for: .create)
    let (locked, free) = ("+18005550199", "+18005550100")
    for phone in [locked, free] { try store.addPhone(.sample(phone, rate: 0)) }
    try store.add("m")
    let connection = try PostgreSQLConnection(conninfo)
    try connection.command("BEGIN; SELECT 1 FROM phone WHERE number = '\(locked)' FOR NO KEY UPDATE")
    let requests = [("+18005550199", "a"), (free, "b"), (locked, "c")].map { phone, id in
      QueueRequest(.phone(phone)) {
        try $0.add([NewMessage(id: id, contact: "12345", content: "x")], to: phone, at: .engine)[0].id
      }
    }
    let report = QueueRequest(.message("m")) { try $0.sent("m", at: .engine).message.id }
    let began = ContinuousClock.now
    let busy = Result<String, StoreError>.failure(.busy(path: store.path))
    #expect(try store.together(requests + [report]) == [busy, .success("b"), busy, busy])
    #expect(try store.together([requests[0]]) == [busy])
    #expect(try store.together([report]) == [busy])
    #expect(ContinuousClock.now - began < .seconds(5))
    try connection.command("ROLLBACK")
    #expect(try store.together([requests[0], requests[2]]) == [.success("a"), .success("c")])
    #expect(try store.check().isEmpty)
  }

  @Test func othersAreToldWhichPhoneIsConcerned() throws {
    let store = try Store.open(conninfo, for: .create)
    let other = try Store.open(conninfo, for: .write)
    guard let changes = store.changes() else {
      Issue.record("nobody tells")
      return
    }
    func next() -> News {
      var wait = pollfd(fd: changes.descriptor, events: Int16(POLLIN), revents: 0)
      return poll(&wait, 1, 5_000) > 0 ? changes.take() : .nothing
    }
    #expect(next() == .anything)
    try other.addPhone(.sample())
    #expect(next() == .anything)
    try store.add("mine")
    try other.add("theirs")
    #expect(next() == .phones(["+18005550199"]))
    let before = try store.version()
    _ = try other.claimOne(at: monday - .day)
    try store.add("mine too")
    #expect(try !store.version().mayHaveOthers(since: before))
    try other.add("theirs too")
    #expect(try store.version().mayHaveOthers(since: before))
  }

  /// Each store has an identity of its own, as programs on two hosts have.
  @Test func whoRunsIsKnownOnAllHosts() throws {
    func wait(_ what: String, _ condition: () throws -> Bool) rethrows {
      for _ in 0..<100 {
        if try condition() { return }
        usleep(50_000)
      }
      Issue.record("\(what): not within five seconds")
    }
    let store = try Store.open(conninfo, for: .create)
    let other = try Store.open(conninfo, for: .write)
    let name = try #require(store.nameOnServer)
    #expect(other.nameOnServer != name && other.isRunning(name) != nil)
    try withExtendedLifetime(try #require(store.changes())) {
      let server = try PostgreSQLConnection(conninfo)
      let isLocked = {
        try server.execute("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted", []).count == 1
      }
      try wait("it runs", isLocked)
      #expect(other.isRunning(name) == true)
      // A connection that breaks is made anew.
      try server.command(
        """
        SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()
        """)
      try wait("its connection is gone") { try !isLocked() }
      try wait("it runs again", isLocked)
      #expect(other.isRunning(name) == true)
    }
    let isYoung =
      try PostgreSQLConnection(conninfo).execute(
        "SELECT 1 WHERE pg_postmaster_start_time() > now() - INTERVAL '15 seconds'", []
      ).count == 1
    if !isYoung { wait("it does not run") { other.isRunning(name) == false } }
  }

  // MARK: - From one engine to the other

  @Test func movingOverAndBackChangesNothing() throws {
    let file = try Store.inMemory(zones: TimeZoneDatabase.system)
    _ = try file.addSchedule(.sample(), id: "s", stamp: someone)
    try file.addPhone(.sample(rate: 7, schedule: "s"), stamp: someone)
    try file.addPhone(.sample("+4915112345678", rate: 0), stamp: someone)
    try file.add("b", "a", "c", at: monday)
    try file.add("exact", at: monday, sendAt: monday + .hour, exact: true)
    let claimed = try file.claimOne(at: monday + .hour)
    _ = try file.recordFailure(claimed?.messageID ?? "", reason: "no", at: .fixed(monday + .hour))
    let bundle = try ImportFixtures.export(file)
    let server = try Store.open(conninfo, for: .create)
    _ = try ImportFixtures.load(bundle, into: server, now: monday)
    #expect(try ImportFixtures.export(server) == bundle)
    let back = try Store.inMemory(zones: TimeZoneDatabase.system)
    _ = try ImportFixtures.load(ImportFixtures.export(server), into: back, now: monday)
    #expect(try ImportFixtures.export(back) == bundle)
    for phone in try file.phones() {
      let rows = try [file, server, back].map { store in
        var rows: [ForecastRow] = []
        try store.forEachForecast(of: phone.number, now: monday + .hour) { rows.append($1) }
        return rows.map { "\($0.messageID) \($0.entry.sendAt ?? -1) \($0.entry.cause)" }
      }
      #expect(rows[0] == rows[1] && rows[0] == rows[2])
    }
  }
}
