import Scheduling

/// Finds the first message of a phone's forecast from the heads of its queues alone.
///
/// When an ordinary message goes out depends on nothing of it but when it is ready, and rises with that; so the
/// first that does not expire before its time is the first of all, and those in front of it that do are skipped
/// within an index.
struct NextSend {
  struct Candidate {
    var message: QueuedRow
    var sendAt: Instant
    /// It was handed out, and its lease has run out.
    var isLapsed: Bool
    /// Nothing of its kind stands before it.
    var isHead: Bool
    var isExact: Bool
  }

  private let transaction: QueueTransaction
  private let front: QueueFront
  private let rules: ForecastRules
  private var now: Instant { rules.now }

  init(_ transaction: QueueTransaction, _ known: KnownFront) {
    self.transaction = transaction
    front = known.front
    rules = known.rules
  }

  /// The first to go out within the horizon; nil if none does.
  func first() throws -> Candidate? {
    let sources: [Source] =
      try front.mayHaveReturned(at: now)
      && Lapsed.exist(
        transaction.written(front.key), phoneKey: front.key, attempts: front.phone.maxSendAttempts, now: now)
      ? [.waiting, .lapsed] : [.waiting]
    let exact = Self.first(of: try sources.compactMap(exact(in:)))
    let ordinary = Self.first(of: try sources.compactMap(ordinary(in:)))
    guard let exact else { return ordinary }
    guard let ordinary else { return exact }
    return exact.sendAt <= ordinary.sendAt ? exact : ordinary
  }

  /// The one that comes first in the order of one kind.
  private static func first(of candidates: [Candidate]) -> Candidate? {
    candidates.min {
      let (a, b) = ($0.message, $1.message)
      return (a.ready, a.queued, a.key) < (b.ready, b.queued, b.key)
    }
  }

  // MARK: - The two kinds

  private func ordinary(in source: Source) throws -> Candidate? {
    guard let head = try head(source, isExact: false), var sendAt = allowed(from: head.ready) else {
      return nil
    }
    if head.goes(at: sendAt) { return candidate(head, source, sendAt, isHead: true, isExact: false) }
    var from = Instant.min
    while true {
      let due = Bounds(readyFrom: from, readyThrough: sendAt, expiresFrom: sendAt)
      if let found = try row(source, isExact: false, due) {
        return candidate(found, source, sendAt, isExact: false)
      }
      // Ready only later, perhaps in hours of another time.
      from = sendAt + 1
      guard let later = try row(source, isExact: false, Bounds(readyFrom: from)),
        let laterAt = allowed(from: later.ready)
      else { return nil }
      sendAt = laterAt
    }
  }

  private func exact(in source: Source) throws -> Candidate? {
    let earliest = max(now, rules.heldUntil ?? now)
    guard let head = try head(source, isExact: true) else { return nil }
    let headAt = max(earliest, head.ready)
    guard headAt <= rules.horizon else { return nil }
    if head.goes(at: headAt) { return candidate(head, source, headAt, isHead: true, isExact: true) }
    let due = Bounds(readyThrough: earliest, expiresFrom: earliest)
    if let found = try row(source, isExact: true, due) {
      return candidate(found, source, earliest, isExact: true)
    }
    let later = Bounds(readyFrom: earliest + 1, readyThrough: rules.horizon, expiresFromReady: true)
    return try row(source, isExact: true, later).map { candidate($0, source, $0.ready, isExact: true) }
  }

  /// When an ordinary message that is ready at an instant would go out; nil if not within the horizon.
  private func allowed(from ready: Instant) -> Instant? {
    Forecast(queue: SendQueue(keys: [0], ready: [ready]), rules: rules).entry(at: 0)?.sendAt
  }

  private func candidate(
    _ message: QueuedRow, _ source: Source, _ sendAt: Instant, isHead: Bool = false, isExact: Bool
  ) -> Candidate {
    Candidate(
      message: message, sendAt: sendAt, isLapsed: source == .lapsed, isHead: isHead && source == .waiting,
      isExact: isExact)
  }

  // MARK: - Rows

  /// Where messages that wait are found.
  private enum Source { case waiting, lapsed }

  /// What is asked of a message besides its place; nil for nothing.
  private struct Bounds {
    var readyFrom: Instant?
    var readyThrough: Instant?
    var expiresFrom: Instant?
    /// It does not expire before it is ready.
    var expiresFromReady = false
  }

  /// The first message of a kind, by the order of the rule.
  private func head(_ source: Source, isExact: Bool) throws -> QueuedRow? {
    switch source {
    case .waiting: isExact ? front.exact : front.ordinary
    case .lapsed: try row(source, isExact: isExact, Bounds())
    }
  }

  /// The same within bounds.
  private func row(_ source: Source, isExact: Bool, _ bounds: Bounds) throws -> QueuedRow? {
    let question = question(source, isExact: isExact, bounds)
    return try transaction.written(front.key).first(question.sql, question.values) { QueuedRow(row: $0) }
      ?? nil
  }

  private func question(_ source: Source, isExact: Bool, _ bounds: Bounds) -> Query {
    var values: [Value] = [.integer(front.key), .bool(isExact)]
    func place(_ value: Int64) -> String {
      values.append(.integer(value))
      return "?\(values.count)"
    }
    var conditions = ["phone_key = ?1", "is_exact = ?2"]
    switch source {
    case .waiting: conditions.append(Schema.isWaiting)
    case .lapsed:
      conditions += [
        Schema.mayReturn, Lapsed.condition(at: place(now)),
        "send_attempt_count < coalesce(max_send_attempts, \(place(Int64(front.phone.maxSendAttempts))))",
      ]
    }
    if let from = bounds.readyFrom { conditions.append("ready_at >= \(place(from))") }
    if let through = bounds.readyThrough { conditions.append("ready_at <= \(place(through))") }
    if let expires = bounds.expiresFrom {
      conditions.append("(expires_at IS NULL OR expires_at >= \(place(expires)))")
    }
    if bounds.expiresFromReady { conditions.append("(expires_at IS NULL OR expires_at >= ready_at)") }
    let sql = """
      SELECT \(QueuedRow.columns) FROM message WHERE \(conditions.joined(separator: " AND "))
      ORDER BY ready_at, queued_at, key LIMIT 1
      """
    return (sql, values)
  }
}

extension Store {
  /// The rule for a phone at `now`, within a transaction.
  func rules(_ session: any Session, _ front: QueueFront, now: Instant) throws -> ForecastRules {
    let phone = front.phone
    let previous = try front.previous(session, now: now)
    var sentOn: [Int64: Int] = [:]
    if phone.messagesPerDay > 0 {
      sentOn = try PastSends.counts(
        session, phoneKey: front.key, timeline: timeline(of: front.schedule, now: now), now: now,
        limit: phone.messagesPerDay)
    }
    return ForecastRules(
      now: now, previous: previous, rate: Rate(messagesPerMinute: phone.messagesPerMinute),
      hours: try hours(of: phone, with: front.schedule, now: now), heldUntil: phone.hold?.until,
      messagesPerDay: phone.messagesPerDay, sentOn: sentOn)
  }
}
