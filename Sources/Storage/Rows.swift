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
