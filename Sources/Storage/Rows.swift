import GRDB
import Scheduling

/// How rows become values of ``Scheduling``.

extension Phone {
  static let columns = "id, number, label, sim, messages_per_minute, max_send_attempts, schedule_id"

  /// A row that begins with ``columns``.
  init(row: Row) {
    self.init(
      id: row[0], number: row[1], label: row[2], sim: SIM(rawValue: row[3]) ?? .sim1,
      messagesPerMinute: row[4], maxSendAttempts: row[5], scheduleID: row[6])
  }
}

extension Schedule {
  static let columns = "id, name, time_zone, is_active, windows, revision"

  /// A row that begins with ``columns``.
  init(row: Row, path: String) throws {
    let id: String = row[0]
    guard let windows = WindowsColumn.decode(row[4]) else {
      throw StoreError.damaged(path: path, reason: "schedule \(id) has no valid windows")
    }
    let content = ScheduleContent(name: row[1], timeZone: row[2], isActive: row[3], windows: windows)
    self.init(id: id, content: content, revision: row[5])
  }
}

extension Message {
  static let columns = """
    m.id, p.number, m.contact, m.content, m.status, m.queued_at, m.send_at, m.is_exact, m.last_attempted_at, \
    m.sent_at, m.lease_expires_at, m.send_attempt_count, m.failure_reason
    """

  /// A row that begins with ``columns``.
  init(row: Row) {
    self.init(
      id: row[0], owner: row[1], contact: row[2], content: row[3],
      status: MessageStatus(rawValue: row[4]) ?? .failed, queuedAt: row[5], sendAt: row[6], isExact: row[7],
      lastAttemptedAt: row[8], sentAt: row[9], leaseExpiresAt: row[10], sendAttemptCount: row[11],
      failureReason: row[12])
  }
}

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
