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

  /// Edits messages, all or none, in one transaction, each once. No gateway has them out after it.
  private func edit(_ ids: [String], at time: Time, _ change: MessageChange) throws -> [MessageEdit] {
    try write(.lockingPhones) { session in
      try session.lock(phones: [], ofMessages: ids)
      let now = try time.instant(in: session)
      var seen: Set<String> = []
      return try ids.filter { seen.insert($0).inserted }.map { try edit(session, $0, now: now, change) }
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
}
