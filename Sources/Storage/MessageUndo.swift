import Scheduling

extension Store {
  /// Makes a message again what it was before somebody canceled, retried or rescheduled it, if it is still what that
  /// made of it, and no gateway had or has it; else ``StoreError/wrongState(message:status:action:)``.
  package func putBack(_ before: Message, from after: Message, at time: Time, by: String = "") throws {
    _ = try edit(before.id, at: time, Self.puttingBack(before, from: after, by: by))
  }

  /// Makes a message again what it was, if it is still what an edit made of it.
  static func puttingBack(_ before: Message, from after: Message, by: String) -> MessageChange {
    { stored, seen, now in
      guard seen.status.isEditable, MessageState(seen) == MessageState(after) else {
        throw StoreError.wrongState(message: before.id, status: seen.status, action: "put back as it was")
      }
      stored.message.status = before.status.isWaiting ? before.waitingStatus : before.status
      stored.message.sendAt = before.sendAt
      stored.message.retryAt = before.retryAt
      stored.message.isExact = before.isExact
      stored.earlierAttempts = max(0, stored.claimNumber - before.sendAttemptCount)
      stored.message.sendAttemptCount = before.sendAttemptCount
      stored.message.failureReason = before.failureReason
      let kind: MessageEvent.Kind =
        switch before.status {
        case .failed: .failed
        case .canceled: .canceled
        default: seen.status.isWaiting ? .rescheduled : .retried
        }
      return MessageEvent(at: now, kind: kind, by: by, reason: "undone: as it was before")
    }
  }
}

extension MessageStatus {
  /// Neither is a gateway sending it, nor was it sent.
  fileprivate var isEditable: Bool {
    switch self {
    case .pending, .scheduled, .expired, .failed, .canceled: true
    case .sending, .sent, .delivered: false
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
