import Scheduling
import Synchronization
import Testing

@testable import Storage

/// What gateways and editors ask often finds its rows by an index, in the order in which it wants them.
@Suite struct QueryPlanTests {
  /// Asks how each statement would be run before it runs it.
  private final class PlanningSession: Session {
    let session: any Session
    var plans: [(sql: String, plan: String)] = []

    init(_ session: any Session) { self.session = session }

    var dialect: Dialect { session.dialect }
    var name: String { session.name }
    var changes: Int64 { session.changes }
    func concerns(phone number: String?) { session.concerns(phone: number) }
    func now() throws -> Instant { try session.now() }

    private func explain(_ sql: String, _ values: [Value]) throws {
      try session.each("EXPLAIN QUERY PLAN " + sql, values) { plans.append((sql, $0.text(3))) }
    }

    func run(_ sql: String, _ values: [Value]) throws -> Int {
      try explain(sql, values)
      return try session.run(sql, values)
    }

    func send(_ sql: String, _ values: [Value]) throws { _ = try run(sql, values) }
    func update(_ update: RowUpdate, _ rows: [[Value]]) throws {
      for row in rows { try send(update.onFile, row) }
    }
    func prefetch(steps: [[Query]]) -> [PrefetchedStep] { steps.map { _ in PrefetchedStep {} } }

    func each(_ sql: String, _ values: [Value], _ row: (any ResultRow) throws -> Void) throws {
      try explain(sql, values)
      try session.each(sql, values, row)
    }

    func insert(
      into table: String, columns: [String], conflict: String?, _ fill: (any RowWriter) throws -> Void
    ) throws -> Int {
      try session.insert(into: table, columns: columns, conflict: conflict, fill)
    }
  }

  /// An engine whose reads are planned too.
  private struct PlanningEngine: Engine {
    let engine: any Engine
    let planned: @Sendable ([(sql: String, plan: String)]) -> Void

    var dialect: Dialect { engine.dialect }
    var name: String { engine.name }
    func changes() -> (any Changes)? { engine.changes() }
    func version() throws -> StoreVersion { try engine.version() }
    var clockOffset: Scheduling.Duration { engine.clockOffset }
    func close() throws { try engine.close() }

    func read<T>(isRepeatable: Bool, _ body: (any Session) throws -> T) throws -> T {
      try engine.read(isRepeatable: isRepeatable) { session in
        let planning = PlanningSession(session)
        defer { planned(planning.plans) }
        return try body(planning)
      }
    }

    func write<T>(_ isolation: Isolation, _ body: (any Session) throws -> T) throws -> T {
      try engine.write(isolation, body)
    }

    func writeInTurn<T>(_ body: (any Session, Turn) throws -> T) throws -> T { try engine.writeInTurn(body) }
    func presence() -> (any Presence)? { engine.presence() }
    func isRunning(_ process: String) -> Bool? { engine.isRunning(process) }
    var isAlone: Bool { engine.isAlone }
  }

  /// What a store reads, and how.
  private func readPlans(_ body: (Store) throws -> Void) throws -> [(sql: String, plan: String)] {
    let store = try Store.sample(rate: 0)
    let many = (0..<20).map { NewMessage(id: "m\($0)", contact: "12345", content: "x") }
    try store.addMessages(many, to: "+18005550199", at: .fixed(monday))
    let plans = Mutex<[(sql: String, plan: String)]>([])
    let engine = PlanningEngine(engine: store.engine) { new in plans.withLock { $0 += new } }
    try body(Store(engine: engine, path: store.path, isWritable: true, zones: store.zones))
    return plans.withLock { $0 }
  }

  /// What is done within one transaction, and how.
  private func plans(expiring: Bool = true, _ body: (Store, any Session) throws -> Void) throws -> [(
    sql: String, plan: String
  )] {
    let store = try Store.sample(rate: 0)
    try store.changePhone("+18005550199") { $0.messagesPerDay = 100 }
    let many = (0..<20).map {
      NewMessage(
        id: "m\($0)", contact: "12345", content: "x", isExact: $0 % 5 == 0,
        expiresAt: expiring ? monday + Int64($0) : nil)
    }
    try store.addMessages(many, to: "+18005550199", at: .fixed(monday))
    for _ in 0..<5 { _ = try store.claimOne(at: monday + 1, lease: .second) }
    return try store.write { session in
      let planning = PlanningSession(session)
      try body(store, planning)
      return planning.plans
    }
  }

  private func expectIndexed(_ plans: [(sql: String, plan: String)], except: String = "-") {
    #expect(!plans.isEmpty)
    for (sql, plan) in plans where !sql.contains(except) {
      // Counting what a limited subquery found is no search, nor are values that are asked for by themselves, nor is going
      // through the phones one by one.
      let isSearch =
        !plan.hasPrefix("SCAN") || plan == "SCAN found" || plan == "SCAN CONSTANT ROW"
        || plan.hasPrefix("SCAN p")
      #expect(isSearch, "\(plan): \(sql)")
      #expect(!plan.contains("TEMP B-TREE"), "\(plan): \(sql)")
    }
  }

  @Test func claims() throws {
    expectIndexed(
      try plans { store, session in
        let transaction = QueueTransaction(store: store, session: session)
        for now in [monday + 2, monday + 10, monday + .minute] {
          _ = try transaction.claim(phone: "+18005550199", lease: .second, at: .fixed(now))
        }
        _ = try transaction.next(of: "+18005550199", at: .fixed(monday))
      })
  }

  /// Looking for lapsed claims costs the same however many are out.
  @Test func lapsedClaimsAreFoundByEitherReason() throws {
    let plans = try plans { store, session in
      _ = try Lapsed.exist(session, phoneKey: 1, attempts: 2, now: monday)
      _ = try Lapsed.keys(session, phoneKey: 1, now: monday)
      _ = try Lapsed.changed(session, phoneKey: 1, between: monday, and: monday + 1)
    }
    for bound in [
      "message_lapsing (phone_key=? AND is_last_attempt=? AND lease_expires_at",
      "message_attempt (phone_key=? AND last_attempted_at>?",
    ] {
      #expect(plans.count { $0.plan.contains(bound) } == 3, "\(bound): \(plans.map(\.plan))")
    }
  }

  /// What is over is found phone by phone, however much waits, or is out.
  @Test func sweeps() throws {
    let plans = try plans { store, session in
      _ = try Lapsed.sweepSome(session, now: monday)
      _ = try Expired.dropSome(session, now: monday)
    }
    expectIndexed(plans)
    #expect(
      plans.contains {
        $0.plan.contains("message_lapsing (phone_key=? AND is_last_attempt=? AND lease_expires_at<?)")
      })
    #expect(
      plans.contains { $0.plan.contains("message_expiring (phone_key=? AND expires_at>? AND expires_at<?)") })
  }

  @Test func lists() throws {
    expectIndexed(
      try readPlans { store in
        let now = monday + .minute
        _ = try store.phones()
        var (_, seen) = try store.phoneFigures()
        _ = try store.changes(since: &seen)
        _ = try store.changes(since: &seen, among: ["+18005550199"])
        _ = try store.phoneStates(now: now)
        _ = try store.queueSummary(of: "+18005550199", now: now)
        _ = try store.beginningOfQueue(of: "+18005550199", first: 5, now: now)
        _ = try store.arrivals(of: "+18005550199", since: monday)
        _ = try store.schedules()
      }, except: "FROM schedule")
  }

  /// What went out on some days is found by those days, however much did.
  @Test func sendsOfAWeek() throws {
    let plans = try readPlans { store in
      _ = try store.claimOne(at: monday)
      let week = monday - .day..<monday + .day
      #expect(try store.sends(of: "+18005550199", during: week, now: monday) == [monday: 1])
      // A claim on which nobody reported went nowhere.
      #expect(try store.sends(of: "+18005550199", during: week, now: monday + .hour).isEmpty)
    }
    #expect(
      plans.contains {
        $0.plan
          == "SEARCH message USING INDEX message_send_time (phone_key=? AND send_time>? AND send_time<?)"
      }, "\(plans.map(\.plan))")
  }

  /// The messages of one phone, in the order of their keys: nothing is sorted.
  @Test func searches() throws {
    let plans = try readPlans { store in
      try store.findMessages(containing: "x", of: "+18005550199") { _ in true }
      _ = try store.findWaiting(of: "+18005550199", containing: "x")
      _ = try store.messages(keys: store.findWaiting(of: "+18005550199", containing: "x"))
      _ = try store.message("m1", now: monday)
    }
    expectIndexed(plans)
    #expect(plans.contains { $0.plan == "SEARCH m USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)" })
  }

  /// The phones of a schedule are found by it; they are few enough to be sorted.
  @Test func phonesOfASchedule() throws {
    let plans = try readPlans { store in
      _ = try store.phones(
        servedBy: store.addSchedule(.sample(), stamp: Stamp(author: "test", at: monday)).id)
    }
    #expect(plans.contains { $0.plan == "SEARCH phone USING INDEX phone_schedule (schedule_id=?)" })
  }

  @Test func reports() throws {
    expectIndexed(
      try plans { store, session in
        let transaction = QueueTransaction(store: store, session: session)
        guard
          case .claimed(let claim) = try transaction.claim(
            phone: "+18005550199", lease: .second, at: .fixed(monday + 2))
        else {
          Issue.record("nothing was claimed")
          return
        }
        _ = try transaction.extend(claim.messageID, lease: .minute, at: .fixed(monday + 2))
        _ = try transaction.failed(claim.messageID, reason: nil, at: .fixed(monday + 2))
        _ = try transaction.sent(claim.messageID, at: .fixed(monday + 2))
      })
  }

  @Test func queues() throws {
    expectIndexed(
      try plans { store, session in
        _ = try store.loadQueue(session, phoneKey: 1, now: monday)
        _ = try store.state(session, key: 1, now: monday)
      })
  }

  @Test func totalsAndFirstPages() throws {
    let plans = try plans(expiring: false) { store, session in
      _ = try QueueSeeks(session: session, key: 1, now: monday).summary()
      _ = try store.loadQueue(session, phoneKey: 1, now: monday, first: 20)
    }
    expectIndexed(plans)
    #expect(plans.contains { $0.sql.contains("LIMIT 100") && $0.plan.contains("message_expiring") })
    #expect(plans.contains { $0.sql.contains("LIMIT 20") && $0.plan.contains("message_waiting") })
  }

  /// The index alone says what a forecast reads.
  @Test func aForecastReadsNoMessages() throws {
    let plans = try plans { store, session in _ = try store.loadQueue(session, phoneKey: 1, now: monday) }
    #expect(
      plans.contains { $0.plan.contains("USING COVERING INDEX message_waiting") }, "\(plans.map(\.plan))")
  }
}
