import Scheduling
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
    func prefetch(steps: [[Query]]) throws {}
    func begin(step: Int) {}

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
      // Counting what a limited subquery found is no search, nor are values that are asked for by themselves.
      let isSearch = !plan.hasPrefix("SCAN") || plan == "SCAN found" || plan == "SCAN CONSTANT ROW"
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
      "message_lease (phone_key=? AND lease_expires_at",
      "message_attempt (phone_key=? AND last_attempted_at>?",
    ] {
      #expect(plans.count { $0.plan.contains(bound) } == 3, "\(bound): \(plans.map(\.plan))")
    }
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
