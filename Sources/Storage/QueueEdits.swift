import Scheduling

/// A message before and after somebody edited it, as one transaction saw it.
package struct MessageEdit: Equatable, Sendable {
  /// The integer that names it in a ``SendQueue``.
  package var key: Int64
  package var before: Message
  package var after: Message
}

// What an administrator does to messages.
extension Store {
  /// Takes waiting messages out of the queue, all or none.
  @discardableResult
  package func cancel(_ ids: [String], at time: Time, by: String = "") throws -> [MessageEdit] {
    try edit(ids, at: time) { stored, seen, now in
      try Self.expectWaiting(seen, action: "canceled")
      stored.message.status = .canceled
      return MessageEvent(at: now, kind: .canceled, by: by)
    }
  }

  /// Puts failed or canceled messages back into the queue, all or none, with all their attempts.
  @discardableResult
  package func retry(_ ids: [String], at time: Time, by: String = "") throws -> [MessageEdit] {
    try edit(ids, at: time, Self.retrying(by: by))
  }

  /// Makes of a failed or canceled message one that waits, with all its attempts.
  static func retrying(by: String) -> MessageChange {
    { stored, seen, now in
      guard seen.status == .failed || seen.status == .canceled else {
        throw StoreError.wrongState(message: seen.id, status: seen.status, action: "retried")
      }
      if let expiresAt = seen.expiresAt, expiresAt < now {
        throw StoreError.invalid(
          field: "message \(seen.id)", expected: "one whose expiry is not over (\(Timestamp.utc(expiresAt)))")
      }
      stored.message.status = seen.waitingStatus
      stored.message.failureReason = nil
      stored.message.retryAt = nil
      stored.earlierAttempts = stored.claimNumber
      stored.message.sendAttemptCount = 0
      return MessageEvent(at: now, kind: .retried, by: by)
    }
  }

  /// Gives a waiting message another time before which it does not go out; nil for none.
  @discardableResult
  package func reschedule(_ id: String, sendAt: Instant?, at time: Time, by: String = "") throws
    -> MessageEdit
  {
    try edit(id, at: time) { stored, seen, now in
      try Self.expectWaiting(seen, action: "rescheduled")
      stored.message.sendAt = sendAt
      // Whoever gives it a time means this one, not a later one after a failed attempt.
      stored.message.retryAt = nil
      stored.message.status = stored.message.waitingStatus
      return MessageEvent(at: now, kind: .rescheduled, by: by)
    }
  }

  /// Makes a waiting message exact, so that hours, rate and the day's limit do not count for it, or ordinary again.
  @discardableResult
  package func mark(_ id: String, exact: Bool, at time: Time, by: String = "") throws -> MessageEdit {
    try edit(id, at: time) { stored, seen, now in
      try Self.expectWaiting(seen, action: exact ? "marked exact" : "made ordinary")
      stored.message.isExact = exact
      stored.message.status = stored.message.waitingStatus
      let reason = exact ? "marked exact" : "ordinary again"
      return MessageEvent(at: now, kind: .rescheduled, by: by, reason: reason)
    }
  }

  private static func expectWaiting(_ message: Message, action: String) throws {
    guard message.status.isWaiting else {
      throw StoreError.wrongState(message: message.id, status: message.status, action: action)
    }
  }

  /// Makes of a message something else, or throws; says what happens to it. It is given the message as it is stored, as
  /// it is seen at the time, and the time.
  typealias MessageChange = (inout StoredMessage, _ seen: Message, _ now: Instant) throws -> MessageEvent

  /// Edits messages, all or none, in one transaction. No gateway has them out after it.
  private func edit(_ ids: [String], at time: Time, _ change: MessageChange) throws -> [MessageEdit] {
    try write(.lockingPhones) { session in
      try session.lock(phones: [], ofMessages: ids)
      let now = try time.instant(in: session)
      return try ids.map { try edit(session, $0, now: now, change) }
    }
  }

  /// The same of one message.
  func edit(_ id: String, at time: Time, _ change: MessageChange) throws -> MessageEdit {
    try write(.lockingPhones) { session in
      try session.lock(phones: [], ofMessages: [id])
      return try edit(session, id, now: time.instant(in: session), change)
    }
  }

  private func edit(_ session: any Session, _ id: String, now: Instant, _ change: MessageChange) throws
    -> MessageEdit
  {
    try edit(session, StoredMessage.find(session, id: id), now: now, change)
  }

  /// The same of one that was read in this transaction.
  func edit(_ session: any Session, _ found: StoredMessage, now: Instant, _ change: MessageChange) throws
    -> MessageEdit
  {
    var stored = found
    let seen = stored.seen(at: now)
    let event = try change(&stored, seen, now)
    stored.message.leaseExpiresAt = nil
    stored.claimToken = nil
    try stored.save(session, event)
    return MessageEdit(key: stored.key, before: seen, after: stored.message)
  }

  /// Forgets what is done with since before `cutoff`: sent, delivered, failed, canceled. Says how many.
  ///
  /// In short transactions, so that nobody waits long; one that fails leaves those before it done. Ids stay known,
  /// and sends go on counting for the spacing and the day's limit.
  package func prune(before cutoff: Instant, at time: Time) throws -> Int {
    let now = try write(.lockingPhones) { session in
      let now = try time.instant(in: session)
      try session.run("DELETE FROM past_send WHERE send_time < ?1", [.integer(now - EarlierSends.memory)])
      return now
    }
    while try write(.lockingPhones, { try Lapsed.sweepSome($0, now: now) }) {}
    while try write(.lockingPhones, { try Expired.dropSome($0, now: now) }) {}
    var count = 0
    var last: Int64 = 0
    while let keys = try read({ try PrunedMessages.keys($0, before: cutoff, after: last) }) {
      if keys.isEmpty { break }
      var rest = keys[...]
      while !rest.isEmpty {
        let (done, forgotten) = try engine.writeInTurn { session, turn in
          var (done, forgotten) = (0, 0)
          repeat {
            let some = Array(rest.dropFirst(done).prefix(PrunedMessages.step))
            forgotten += try PrunedMessages.forget(session, some, before: cutoff, now: now)
            done += some.count
          } while done < rest.count && !turn.isOver
          return (done, forgotten)
        }
        count += forgotten
        rest = rest.dropFirst(done)
      }
      last = keys[keys.count - 1]
    }
    // What was written in turns is on the disk once this is.
    try write(.lockingPhones) {
      try $0.run("DELETE FROM past_send WHERE send_time < ?1", [.integer(now - EarlierSends.memory)])
    }
    return count
  }
}

/// Messages that nobody needs any more.
private enum PrunedMessages {
  /// How many are looked for at once.
  static let chunk = 5_000
  /// How many are forgotten at once, which takes a few milliseconds.
  static let step = 250
  private static func isDone(_ cutoff: String) -> String {
    """
    (status = 'sent' OR status = 'delivered' OR status = 'failed' OR status = 'canceled')
      AND queued_at < \(cutoff) AND coalesce(last_attempted_at, queued_at) < \(cutoff)
      AND coalesce(sent_at, queued_at) < \(cutoff)
    """
  }

  static func keys(_ session: any Session, before cutoff: Instant, after last: Int64) throws -> [Int64]? {
    let sql = "SELECT key FROM message WHERE key > ?1 AND \(isDone("?2")) ORDER BY key LIMIT \(chunk)"
    return try session.all(sql, [.integer(last), .integer(cutoff)]) { $0.integer(0) }
  }

  /// Forgets those of some messages that are still done with.
  static func forget(_ session: any Session, _ keys: [Int64], before cutoff: Instant, now: Instant) throws
    -> Int
  {
    guard let first = keys.first, let last = keys.last else { return 0 }
    let phones: [Value] = [.integer(first / MessageKey.numbers), .integer(last / MessageKey.numbers)]
    try session.lock("key >= ?1 AND key <= ?2", phones)
    let range: [Value] = [.integer(first), .integer(last), .integer(cutoff)]
    let which = "key >= ?1 AND key <= ?2 AND \(isDone("?3"))"
    try session.run(
      "INSERT INTO known_id (id) SELECT id FROM message WHERE \(which) ON CONFLICT DO NOTHING", range)
    try session.run(
      """
      INSERT INTO past_send (phone_key, send_time, count)
      SELECT phone_key, send_time, count(*) FROM message WHERE \(which) AND send_time >= ?4
      GROUP BY phone_key, send_time
      ON CONFLICT (phone_key, send_time) DO UPDATE SET count = past_send.count + excluded.count
      """, range + [.integer(now - EarlierSends.memory)])
    try session.run(
      """
      UPDATE phone SET failed = failed - (SELECT count(*) FROM message WHERE phone_key = phone.key
        AND status = 'failed' AND \(which))
      WHERE key >= ?4 AND key <= ?5
      """, range + phones)
    return try session.run("DELETE FROM message WHERE \(which)", range)
  }
}
