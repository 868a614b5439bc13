import Scheduling

extension Store {
  /// The message with an id, as it stands at `now`, and the integer that names it in a ``SendQueue``.
  package func keyedMessage(_ id: String, now: Instant) throws -> (key: Int64, message: Message) {
    try read { session in
      let stored = try StoredMessage.find(session, id: id)
      return (stored.key, stored.seen(at: now))
    }
  }

  /// Makes a message again what it was before somebody canceled, retried or rescheduled it, if it is still what that
  /// made of it; else ``StoreError/wrongState(message:status:action:)``.
  package func putBack(_ before: Message, from after: Message, at time: Time, by: String = "") throws {
    try write(.lockingPhones) { session in
      try session.lock(phones: [], ofMessages: [before.id])
      let now = try time.instant(in: session)
      var stored = try StoredMessage.find(session, id: before.id)
      let seen = stored.seen(at: now)
      guard MessageState(seen) == MessageState(after) else {
        throw StoreError.wrongState(message: before.id, status: seen.status, action: "put back as it was")
      }
      stored.message.status = before.status.isWaiting ? before.waitingStatus : before.status
      stored.message.sendAt = before.sendAt
      stored.message.retryAt = before.retryAt
      stored.message.isExact = before.isExact
      stored.earlierAttempts = max(0, stored.claimNumber - before.sendAttemptCount)
      stored.message.sendAttemptCount = before.sendAttemptCount
      stored.message.failureReason = before.failureReason
      stored.message.leaseExpiresAt = nil
      stored.claimToken = nil
      let kind: MessageEvent.Kind =
        switch before.status {
        case .failed: .failed
        case .canceled: .canceled
        default: seen.status.isWaiting ? .rescheduled : .retried
        }
      try stored.save(session, MessageEvent(at: now, kind: kind, by: by, reason: "undone: as it was before"))
    }
  }
}

/// What of a message its administrator changes.
private struct MessageState: Equatable {
  var isWaiting: Bool
  var status: MessageStatus?
  var sendAt: Instant?
  var retryAt: Instant?
  var isExact: Bool
  var attempts: Int

  init(_ message: Message) {
    isWaiting = message.status.isWaiting
    status = isWaiting ? nil : message.status
    (sendAt, retryAt, isExact) = (message.sendAt, message.retryAt, message.isExact)
    attempts = message.sendAttemptCount
  }
}
