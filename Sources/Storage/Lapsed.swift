import Scheduling

/// Claims on which nobody reported in time. They count as waiting, or as failed, from the instant at which
/// their lease ran out; the next claim of their phone stores it.
///
/// A lapse is no report of a failure: the message is ready again at once, in its old place, and the phone is not
/// held for it.
enum Lapsed {
  /// SQL: a message in `sending` is not out any more at an instant.
  static func condition(at now: String) -> String {
    "(lease_expires_at <= \(now) OR last_attempted_at > \(now) + \(Message.clockTolerance))"
  }

  /// SQL: rows of a phone's messages for which that holds, each once, by an index for either half: with OR between them
  /// all claims of the phone would be looked at. The pluses keep SQLite from an index of the wrong half.
  private static func select(_ columns: String, mayReturn: Bool = false, and more: String = "", limit: Int)
    -> String
  {
    let claims = "SELECT \(columns) FROM message WHERE status = 'sending' AND phone_key = ?1"
    let kinds = mayReturn ? "= 0" : "IN (0, 1)"
    return """
      \(claims) AND is_last_attempt \(kinds) AND lease_expires_at <= ?2\(more) UNION ALL
      \(claims) AND last_attempted_at > ?2 + \(Message.clockTolerance) AND +is_last_attempt \(kinds)
        AND +lease_expires_at > ?2\(more) LIMIT \(limit)
      """
  }

  /// How many lapsed claims one claim stores besides its own.
  private static let most = 100

  /// When the next lease of a phone that runs at `now` will be over.
  static func nextEnd(_ session: any Session, phoneKey: Int64, now: Instant) throws -> Instant? {
    let questions: [Query] = [0, 1].map { isLast in
      let sql = """
        SELECT min(lease_expires_at) FROM message
        WHERE status = 'sending' AND phone_key = ?1 AND is_last_attempt = \(isLast) AND lease_expires_at > ?2
          AND last_attempted_at <= ?2 + \(Message.clockTolerance)
        """
      return (sql, [.integer(phoneKey), .integer(now)])
    }
    try session.prefetch(questions)
    return try questions.compactMap { try session.integer($0.sql, $0.values) }.min()
  }

  /// Whether a phone has lapsed claims that wait again.
  static func exist(_ session: any Session, phoneKey: Int64, attempts: Int, now: Instant) throws -> Bool {
    let sql = select(
      "1", mayReturn: true, and: " AND send_attempt_count < coalesce(max_send_attempts, ?3)", limit: 1)
    return try session.exists(sql, [.integer(phoneKey), .integer(now), .integer(attempts)])
  }

  /// Whether claims of a phone lapsed, or came to be made in the past again, from one instant to another.
  static func changed(_ session: any Session, phoneKey: Int64, between a: Instant, and b: Instant) throws
    -> Bool
  {
    let claims = "SELECT 1 FROM message WHERE status = 'sending' AND phone_key = ?1"
    let sql = """
      \(claims) AND is_last_attempt IN (0, 1) AND lease_expires_at > ?2 AND lease_expires_at <= ?3 UNION ALL
      \(claims) AND last_attempted_at > ?2 + \(Message.clockTolerance) LIMIT 1
      """
    return try session.exists(sql, [.integer(phoneKey), .integer(min(a, b)), .integer(max(a, b))])
  }

  /// Some of a phone's lapsed claims that are not stored as such.
  static func keys(_ session: any Session, phoneKey: Int64, now: Instant) throws -> [Int64] {
    try session.all(select("key", limit: most), [.integer(phoneKey), .integer(now)]) { $0.integer(0) }
  }

  /// Stores some claims of all phones whose lease is over, which are gone through one by one; says whether there may be
  /// more. What was claimed in the future of `now` is left to its phone: on a machine whose clock is behind that may be
  /// a claim that somebody is sending.
  static func sweepSome(_ session: any Session, now: Instant) throws -> Bool {
    try session.lock("key IN (SELECT phone_key FROM message WHERE status = 'sending')", [])
    let sql = """
      SELECT m.key FROM phone AS p CROSS JOIN message AS m
      WHERE m.phone_key = p.key AND status = 'sending' AND is_last_attempt IN (0, 1) AND lease_expires_at <= ?1
      LIMIT \(swept)
      """
    let keys = try session.all(sql, [.integer(now)]) { $0.integer(0) }
    for key in keys { try settle(session, key: key, now: now) }
    return keys.count == swept
  }

  private static let swept = 1_000

  /// Stores what time has decided about one lapsed claim.
  static func settle(_ session: any Session, key: Int64, now: Instant) throws {
    var stored = try StoredMessage.find(session, key: key)
    let event = MessageEvent(
      at: stored.message.leaseExpiresAt ?? now, kind: .lapsed, attempt: stored.claimNumber)
    stored.message = stored.seen(at: now)
    // The claim may still be reported on.
    stored.claimToken = stored.claimToken ?? 0
    try stored.save(session, event)
  }
}

/// Messages that came to their expiry while they waited.
enum Expired {
  static let reason = "expired before it could be sent"
  /// How many one claim drops.
  private static let most = 1_000

  /// Fails messages of a phone whose expiry is over; says how many.
  @discardableResult
  static func drop(_ session: any Session, phoneKey: Int64, now: Instant) throws -> Int {
    let sql = """
      SELECT key FROM message WHERE phone_key = ?1 AND expires_at IS NOT NULL AND expires_at < ?2
        AND \(Schema.isWaiting) ORDER BY expires_at LIMIT \(most)
      """
    let keys = try session.all(sql, [.integer(phoneKey), .integer(now)]) { $0.integer(0) }
    return try fail(keys, session, now)
  }

  /// The same for every phone; says whether there may be more.
  static func dropSome(_ session: any Session, now: Instant) throws -> Bool {
    let isOver = "expires_at IS NOT NULL AND expires_at < ?1 AND \(Schema.isWaiting)"
    try session.lock("key IN (SELECT phone_key FROM message WHERE \(isOver))", [.integer(now)])
    // Phone by phone, as the index of what expires is.
    let sql = """
      SELECT m.key FROM phone AS p CROSS JOIN message AS m WHERE m.phone_key = p.key AND \(isOver) LIMIT \(most)
      """
    return try fail(try session.all(sql, [.integer(now)]) { $0.integer(0) }, session, now) == most
  }

  private static func fail(_ keys: [Int64], _ session: any Session, _ now: Instant) throws -> Int {
    for key in keys {
      var stored = try StoredMessage.find(session, key: key)
      stored.message.status = .failed
      stored.message.failureReason = reason
      stored.claimToken = nil
      try stored.save(session, MessageEvent(at: stored.message.expiresAt ?? now, kind: .expired))
    }
    return keys.count
  }
}
