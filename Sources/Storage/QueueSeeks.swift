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

  /// The queue of a phone as far as a few seeks find it at `now`: all that decides when messages go out, but of those that
  /// are ready only the first ones by their keys. Nil where ``queueSummary(of:now:)`` is.
  package func beginningOfQueue(of phone: String, first: Int, now: Instant) throws -> SendQueue? {
    try read { session in
      try QueueSeeks(session: session, key: Self.phone(session, named: phone).key, now: now)
        .queue(first: first)
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
    guard let queue = try queue(first: 0) else { return nil }
    return QueueSummary(
      ready: queue.unread.count, later: queue.ready, exactReady: queue.exactReady,
      exactExpires: queue.exactExpires)
  }

  /// See ``Store/beginningOfQueue(of:first:now:)``.
  func queue(first: Int) throws -> SendQueue? {
    let counts = try session.first(
      "SELECT waiting, max_send_attempts FROM phone WHERE key = ?1", [.integer(key)]
    ) { ($0.int(0), $0.int(1)) }
    guard let (waiting, attempts) = counts,
      try !Lapsed.exist(session, phoneKey: key, attempts: attempts, now: now), try !expire()
    else { return nil }
    let exact = try rows(isExact: true)
    let later = try rows(isExact: false, " AND ready_at > ?3")
    let ready = waiting - later.count - exact.count
    guard exact.count <= Self.most, later.count <= Self.most, ready >= 0 else { return nil }
    let head = first == 0 ? [] : try rows(isExact: false, " AND ready_at <= ?3", limit: first)
    let ordinary = head + later
    return SendQueue(
      keys: ordinary.map(\.key), ready: ordinary.map(\.ready), thenUnread: ready - head.count,
      at: head.count, readyBy: now, exactKeys: exact.map(\.key), exactReady: exact.map(\.ready),
      exactExpires: exact.allSatisfy { $0.expires == .max } ? [] : exact.map(\.expires))
  }

  private typealias Row = (key: Int64, ready: Instant, expires: Instant)

  /// The first messages of a kind that wait; `?3` is now.
  private func rows(isExact: Bool, _ condition: String = "", limit: Int = most + 1) throws -> [Row] {
    let sql = """
      SELECT key, ready_at, expires_at FROM message WHERE phone_key = ?1 AND is_exact = ?2 AND \(Schema.isWaiting)
      \(condition) ORDER BY ready_at, queued_at, key LIMIT \(limit)
      """
    let values: [Value] = [.integer(key), .bool(isExact)]
    return try session.all(sql, condition.isEmpty ? values : values + [.integer(now)]) {
      ($0.integer(0), $0.integer(1), $0.optionalInteger(2) ?? .max)
    }
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
