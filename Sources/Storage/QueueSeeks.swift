import Scheduling

/// What of a phone's queue was found with a few seeks, for totals under one rule or another.
package enum QueueOutline: Sendable {
  case summary(QueueSummary)
  /// All that waits, where a summary would have to read as much.
  case messages(SendQueue)

  /// The totals of its forecast.
  package func totals(_ rules: ForecastRules) -> ForecastTotals {
    switch self {
    case .summary(let summary): ForecastTotals(summary, rules: rules)
    case .messages(let queue): ForecastTotals(Forecast(queue: queue, rules: rules))
    }
  }
}

extension Store {
  /// What totals need of a phone's queue at `now`, from a few seeks; nil where the messages have to be looked at one by
  /// one, since many are ready only later or go out exactly, or some expire or came back from a claim.
  package func queueSummary(of phone: String, now: Instant) throws -> QueueSummary? {
    try read { session in
      try QueueSeeks(session: session, key: Self.phone(session, named: phone).key, now: now).summary()
    }
  }

  /// A phone and what totals need of its queue, from one state of the database.
  package func outline(of phone: String, now: Instant) throws -> (state: PhoneState, queue: QueueOutline) {
    try read { session in
      let key = try Self.phone(session, named: phone).key
      let state = try state(session, key: key, now: now)
      if let summary = try QueueSeeks(session: session, key: key, now: now).summary() {
        return (state, .summary(summary))
      }
      return (state, .messages(try loadQueue(session, phoneKey: key, now: now).queue))
    }
  }
}

/// Looks at the ends of a phone's queue.
struct QueueSeeks {
  let session: any Session
  let key: Int64
  let now: Instant

  /// More messages than these that are ready later, or exact, are read with all others as quickly.
  private static let most = 20_000

  /// See ``Store/queueSummary(of:now:)``.
  func summary() throws -> QueueSummary? {
    let counts = try session.first(
      "SELECT waiting, max_send_attempts FROM phone WHERE key = ?1", [.integer(key)]
    ) { ($0.int(0), $0.int(1)) }
    guard let (waiting, attempts) = counts,
      try !Lapsed.exist(session, phoneKey: key, attempts: attempts, now: now), try !expire()
    else { return nil }
    var (ready, expires) = ([Instant](), [Instant]())
    try session.each(
      """
      SELECT ready_at, expires_at FROM message WHERE phone_key = ?1 AND is_exact = 1 AND \(Schema.isWaiting)
      ORDER BY ready_at, queued_at, key LIMIT \(Self.most + 1)
      """, [.integer(key)]
    ) { row in
      ready.append(row.integer(0))
      expires.append(row.optionalInteger(1) ?? .max)
    }
    guard ready.count <= Self.most else { return nil }
    let later = try session.all(
      """
      SELECT ready_at FROM message WHERE phone_key = ?1 AND is_exact = 0 AND \(Schema.isWaiting) AND ready_at > ?2
      ORDER BY ready_at LIMIT \(Self.most + 1)
      """, [.integer(key), .integer(now)]
    ) { $0.integer(0) }
    guard later.count <= Self.most, waiting >= later.count + ready.count else { return nil }
    return QueueSummary(
      ready: waiting - later.count - ready.count, later: later, exactReady: ready,
      exactExpires: expires.allSatisfy { $0 == .max } ? [] : expires)
  }

  /// Whether ordinary messages expire; a few exact ones that do are read with the others of their kind.
  private func expire() throws -> Bool {
    // A range, so that the index of what expires is searched.
    let sql = """
      SELECT is_exact FROM message WHERE phone_key = ?1 AND expires_at > ?2 AND \(Schema.isWaiting)
      ORDER BY expires_at LIMIT 100
      """
    let kinds = try session.all(sql, [.integer(key), .integer(Instant.min)]) { $0.bool(0) }
    return kinds.count == 100 || kinds.contains(false)
  }
}
