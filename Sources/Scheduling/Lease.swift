extension Message {
  /// The status of a message that waits (again).
  package var waitingStatus: MessageStatus { sendAt == nil ? .pending : .scheduled }

  /// Whether it was handed out and the time for reporting on it is over.
  package func isLapsed(at now: Instant) -> Bool {
    guard status == .sending, let leaseExpiresAt else { return false }
    return leaseExpiresAt <= now
  }

  /// The message as it stands at an instant: one whose lease ran out waits again, or has failed.
  package func seen(at now: Instant, maxSendAttempts: Int) -> Message {
    guard isLapsed(at: now) else { return self }
    var message = self
    message.leaseExpiresAt = nil
    if sendAttemptCount < maxSendAttempts {
      message.status = waitingStatus
    } else {
      message.status = .failed
      message.failureReason = Message.lapsedReason(attempts: sendAttemptCount)
    }
    return message
  }

  /// Why a message failed on which nobody ever reported.
  package static func lapsedReason(attempts: Int) -> String {
    "lease ran out after \(attempts) attempt\(attempts == 1 ? "" : "s")"
  }
}
