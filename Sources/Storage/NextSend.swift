import Scheduling

/// Finds the first message of a phone's forecast from the heads of its queues alone.
///
/// When an ordinary message goes out depends on nothing of it but when it is ready, and rises with that; so the
/// first that does not expire before its time is the first of all, and those in front of it that do are skipped
/// within an index.
struct NextSend {
  struct Candidate {
    var key: Int64
    var ready: Instant
    var queued: Instant
    var sendAt: Instant
    /// It was handed out, and its lease has run out.
    var isLapsed: Bool
    /// Nothing of its kind stands before it.
    var isHead: Bool
    var messageID: String
    var contact: String
    var content: String
    var attempts: Int
  }

  private let session: any Session
  private let key: Int64
  private let phone: Phone
  private let rules: ForecastRules
  private var now: Instant { rules.now }

  init(_ transaction: QueueTransaction, key: Int64, phone: Phone, now: Instant) throws {
    session = transaction.session
    self.key = key
    self.phone = phone
    rules = try transaction.store.rules(transaction.session, key: key, phone: phone, now: now)
  }

  /// The first to go out within the horizon; nil if none does.
  func first() throws -> Candidate? {
    let sources: [Source] =
      try Lapsed.exist(session, phoneKey: key, attempts: phone.maxSendAttempts, now: now)
      ? [.waiting, .lapsed] : [.waiting]
    let exact = Self.first(of: try sources.compactMap(exact(in:)))
    let ordinary = Self.first(of: try sources.compactMap(ordinary(in:)))
    guard let exact else { return ordinary }
    guard let ordinary else { return exact }
    return exact.sendAt <= ordinary.sendAt ? exact : ordinary
  }

  /// The one that comes first in the order of one kind.
  private static func first(of candidates: [Candidate]) -> Candidate? {
    candidates.min { ($0.ready, $0.queued, $0.key) < ($1.ready, $1.queued, $1.key) }
  }

  // MARK: - The two kinds

  private func ordinary(in source: Source) throws -> Candidate? {
    guard let head = try row(source, isExact: false), var sendAt = allowed(from: head.ready) else {
      return nil
    }
    if head.goes(at: sendAt) { return candidate(head, source, sendAt, isHead: true) }
    var from = Instant.min
    while true {
      let due = Bounds(readyFrom: from, readyThrough: sendAt, expiresFrom: sendAt)
      if let found = try row(source, isExact: false, due) { return candidate(found, source, sendAt) }
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
    guard let head = try row(source, isExact: true) else { return nil }
    let headAt = max(earliest, head.ready)
    guard headAt <= rules.horizon else { return nil }
    if head.goes(at: headAt) { return candidate(head, source, headAt, isHead: true) }
    let due = Bounds(readyThrough: earliest, expiresFrom: earliest)
    if let found = try row(source, isExact: true, due) { return candidate(found, source, earliest) }
    let later = Bounds(readyFrom: earliest + 1, readyThrough: rules.horizon, expiresFromReady: true)
    return try row(source, isExact: true, later).map { candidate($0, source, $0.ready) }
  }

  /// When an ordinary message that is ready at an instant would go out; nil if not within the horizon.
  private func allowed(from ready: Instant) -> Instant? {
    Forecast(queue: SendQueue(keys: [0], ready: [ready]), rules: rules).entry(at: 0)?.sendAt
  }

  private func candidate(_ row: Row, _ source: Source, _ sendAt: Instant, isHead: Bool = false) -> Candidate {
    Candidate(
      key: row.key, ready: row.ready, queued: row.queued, sendAt: sendAt, isLapsed: source == .lapsed,
      isHead: isHead && source == .waiting, messageID: row.messageID, contact: row.contact,
      content: row.content, attempts: row.attempts)
  }

  // MARK: - Rows

  /// Where messages that wait are found.
  private enum Source { case waiting, lapsed }

  private struct Row {
    var key: Int64
    var ready: Instant
    var queued: Instant
    var expires: Instant?
    var messageID: String
    var contact: String
    var content: String
    var attempts: Int

    func goes(at sendAt: Instant) -> Bool { expires.map { sendAt <= $0 } ?? true }
  }

  /// What is asked of a message besides its place; nil for nothing.
  private struct Bounds {
    var readyFrom: Instant?
    var readyThrough: Instant?
    var expiresFrom: Instant?
    /// It does not expire before it is ready.
    var expiresFromReady = false
  }

  /// The first message of a kind within bounds, by the order of the rule.
  private func row(_ source: Source, isExact: Bool, _ bounds: Bounds = Bounds()) throws -> Row? {
    let question = Self.question(source, isExact: isExact, bounds, key: key, phone: phone, now: now)
    return try session.first(question.sql, question.values) {
      Row(
        key: $0.integer(0), ready: $0.integer(1), queued: $0.integer(2), expires: $0.optionalInteger(3),
        messageID: $0.text(4), contact: $0.text(5), content: $0.text(6), attempts: $0.int(7))
    }
  }

  /// What is asked where nothing is unusual.
  static func questions(key: Int64, phone: Phone, now: Instant) -> [Query] {
    [true, false].map {
      question(.waiting, isExact: $0, Bounds(), key: key, phone: phone, now: now)
    }
  }

  private static func question(
    _ source: Source, isExact: Bool, _ bounds: Bounds, key: Int64, phone: Phone, now: Instant
  ) -> Query {
    var values: [Value] = [.integer(key), .bool(isExact)]
    func place(_ value: Int64) -> String {
      values.append(.integer(value))
      return "?\(values.count)"
    }
    var conditions = ["phone_key = ?1", "is_exact = ?2"]
    switch source {
    case .waiting: conditions.append(Schema.isWaiting)
    case .lapsed:
      conditions += [
        "status = 'sending'", Lapsed.condition(at: place(now)),
        "send_attempt_count < coalesce(max_send_attempts, \(place(Int64(phone.maxSendAttempts))))",
      ]
    }
    if let from = bounds.readyFrom { conditions.append("ready_at >= \(place(from))") }
    if let through = bounds.readyThrough { conditions.append("ready_at <= \(place(through))") }
    if let expires = bounds.expiresFrom {
      conditions.append("(expires_at IS NULL OR expires_at >= \(place(expires)))")
    }
    if bounds.expiresFromReady { conditions.append("(expires_at IS NULL OR expires_at >= ready_at)") }
    let sql = """
      SELECT key, ready_at, queued_at, expires_at, id, contact, content, send_attempt_count FROM message WHERE \(conditions.joined(separator: " AND "))
      ORDER BY ready_at, queued_at, key LIMIT 1
      """
    return (sql, values)
  }
}

extension Store {
  /// The rule for a phone at `now`, within a transaction.
  func rules(_ session: any Session, key: Int64, phone: Phone, now: Instant) throws -> ForecastRules {
    let schedule = try phone.scheduleID.flatMap { try Self.schedule(session, id: $0, path: path) }
    let previous = try PastSends.previous(session, phoneKey: key, now: now)
    var sentOn: [Int64: Int] = [:]
    if phone.messagesPerDay > 0 {
      sentOn = try PastSends.counts(
        session, phoneKey: key, timeline: timeline(of: schedule, now: now), now: now,
        limit: phone.messagesPerDay)
    }
    return ForecastRules(
      now: now, previous: previous, rate: Rate(messagesPerMinute: phone.messagesPerMinute),
      hours: try hours(of: schedule, now: now), heldUntil: phone.hold?.until,
      messagesPerDay: phone.messagesPerDay, sentOn: sentOn)
  }
}
