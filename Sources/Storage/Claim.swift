import GRDB
import Scheduling

/// A message that was handed out to be sent.
package struct Claim: Equatable, Sendable {
  package var messageID: String
  package var contact: String
  package var content: String
  /// 1 for the first time that the message is handed out.
  package var attempt: Int
  /// Until when `sent` or `failed` must be said of it.
  package var leaseExpiresAt: Instant
}

/// What came of asking for the next message.
package enum ClaimOutcome: Equatable, Sendable {
  case claimed(Claim)
  /// Nothing is due. `nextAt` is when something will be, as far as is known now; nil if nothing waits, or
  /// never. `leaseExpiresAt` is when the next claim that is out may come back.
  case nothing(nextAt: Instant?, leaseExpiresAt: Instant?)
}

extension Store {
  /// Hands out the next message of a phone if it is due at `now`, for `lease` milliseconds.
  ///
  /// Decides by the rule of the forecast and marks, in one immediate transaction. If nothing is due,
  /// nothing changes in the file.
  package func claim(phone: String, lease: Duration, now: Instant) throws -> ClaimOutcome {
    try writeOrUndo { db in
      let (key, phone) = try Self.phone(db, named: phone)
      let lapsed = try Lapsed.waiting(db, phoneKey: key, attempts: phone.maxSendAttempts, now: now)
      guard let first = try firstToGo(db, key: key, phone: phone, lapsed: lapsed, now: now) else {
        return (.nothing(nextAt: nil, leaseExpiresAt: try nextExpiry(db, key, now)), false)
      }
      guard let sendAt = first.sendAt, sendAt <= now else {
        return (.nothing(nextAt: first.sendAt, leaseExpiresAt: try nextExpiry(db, key, now)), false)
      }
      try Lapsed.sweep(db, phoneKey: key, attempts: phone.maxSendAttempts, now: now)
      return (.claimed(try mark(db, first.key, phoneKey: key, lease: lease, now: now)), true)
    }
  }

  private func nextExpiry(_ db: Database, _ key: Int64, _ now: Instant) throws -> Instant? {
    try Lapsed.nextExpiry(db, phoneKey: key, now: now)
  }

  /// The first message of the phone's forecast. Only the heads of the two queues can be it.
  private func firstToGo(_ db: Database, key: Int64, phone: Phone, lapsed: [Lapsed.Row], now: Instant) throws
    -> (key: Int64, sendAt: Instant?)?
  {
    var queue = SendQueue()
    if let head = try head(db, key, isExact: false, lapsed) {
      queue.keys.append(head.key)
      queue.ready.append(head.ready)
    }
    if let head = try head(db, key, isExact: true, lapsed) {
      queue.exactKeys.append(head.key)
      queue.exactReady.append(head.ready)
    }
    guard queue.count > 0 else { return nil }
    let schedule = try phone.scheduleID.flatMap { try Self.schedule(db, id: $0, path: path) }
    let rules = ForecastRules(
      now: now, previous: try Self.previous(db, phoneKey: key),
      rate: Rate(messagesPerMinute: phone.messagesPerMinute), hours: try hours(of: schedule, now: now))
    guard let entry = Forecast(queue: queue, rules: rules).entry(at: 0) else { return nil }
    return switch entry.message {
    case .ordinary(let index): (queue.keys[index], entry.sendAt)
    case .exact(let index): (queue.exactKeys[index], entry.sendAt)
    }
  }

  /// The first of the phone's ordinary messages, or of its exact ones.
  private func head(_ db: Database, _ phoneKey: Int64, isExact: Bool, _ lapsed: [Lapsed.Row]) throws
    -> Lapsed.Row?
  {
    let sql = """
      SELECT key, ready_at, queued_at FROM message
      WHERE phone_key = ? AND is_exact = \(isExact ? 1 : 0) AND \(Schema.isWaiting)
      ORDER BY ready_at, queued_at, key LIMIT 1
      """
    let stored = try Row.fetchOne(db.cachedStatement(sql: sql), arguments: [phoneKey]).map {
      Lapsed.Row(key: $0[0], ready: $0[1], queued: $0[2], isExact: isExact)
    }
    guard let back = lapsed.first(where: { $0.isExact == isExact }) else { return stored }
    guard let stored else { return back }
    return back.precedes(stored) ? back : stored
  }

  private func mark(_ db: Database, _ key: Int64, phoneKey: Int64, lease: Duration, now: Instant) throws
    -> Claim
  {
    let expiry = now + lease
    let sql = """
      UPDATE message SET status = 'sending', last_attempted_at = ?1, send_time = ?1, lease_expires_at = ?2,
        send_attempt_count = send_attempt_count + 1 WHERE key = ?3
      """
    try db.cachedStatement(sql: sql).execute(arguments: [now, expiry, key])
    try Self.changeWaiting(db, phoneKey: phoneKey, by: -1)
    try QueueLog.note(db, phoneKey: phoneKey, messageKey: key)
    let read = "SELECT id, contact, content, send_attempt_count FROM message WHERE key = ?"
    guard let row = try Row.fetchOne(db.cachedStatement(sql: read), arguments: [key]) else {
      throw StoreError.damaged(
        path: path, reason: "message with key \(key) is in an index, but not in its table")
    }
    return Claim(
      messageID: row[0], contact: row[1], content: row[2], attempt: row[3], leaseExpiresAt: expiry)
  }
}

extension Lapsed.Row {
  /// The order in which messages of one kind go out.
  func precedes(_ other: Lapsed.Row) -> Bool { (ready, queued, key) < (other.ready, other.queued, other.key) }
}
