extension Message {
  /// The status of a message that waits (again).
  package var waitingStatus: MessageStatus { sendAt == nil ? .pending : .scheduled }

  /// How far ahead of now a claim may have been made, in milliseconds: clocks are put right, but what lies further
  /// off was claimed by a wrong one, and its lease counts for nothing.
  package static let clockTolerance: Duration = .hour

  /// Whether it was handed out and the time for reporting on it is over.
  package func isLapsed(at now: Instant) -> Bool {
    guard status == .sending, let leaseExpiresAt else { return false }
    return leaseExpiresAt <= now || (lastAttemptedAt ?? now) > now + Message.clockTolerance
  }

  /// The message as it stands at an instant: one whose lease ran out waits again, or has failed.
  ///
  /// `maxSendAttempts` is its phone's number, which counts where it has none of its own.
  package func seen(at now: Instant, maxSendAttempts: Int) -> Message {
    guard isLapsed(at: now) else { return self }
    var message = self
    message.leaseExpiresAt = nil
    if sendAttemptCount < self.maxSendAttempts ?? maxSendAttempts {
      message.status = waitingStatus
    } else {
      message.status = .failed
      message.failureReason = Message.lapsedReason(attempts: sendAttemptCount)
    }
    return message
  }

  /// Why a message failed on which nobody ever reported.
  package static func lapsedReason(attempts: Int) -> String {
    "lease ran out after \(attempts.counted("attempt"))"
  }
}
