import Formats
import Scheduling

/// How rows become values of ``Scheduling``.

extension Phone {
  static let columns = """
    id, number, label, sim, messages_per_minute, max_send_attempts, schedule_id, messages_per_day, \
    retry_delay_seconds, pause_after_failures, failures_in_row, held_until, hold_reason, hold_ends_with_success, \
    held_by_hand_until, held_by_hand_reason
    """
  static let columnCount = 16

  /// A row that begins with ``columns``.
  init(row: any ResultRow) {
    let byHand = row.optionalInteger(14).map { HoldByHand(until: $0, reason: row.text(15)) }
    let hold = row.optionalInteger(11).map {
      Hold(until: $0, reason: row.text(12), endsWithSuccess: row.bool(13), byHand: byHand)
    }
    self.init(
      id: row.text(0), number: row.text(1), label: row.text(2), sim: SIM(rawValue: row.text(3)) ?? .sim1,
      messagesPerMinute: row.int(4), messagesPerDay: row.int(7), maxSendAttempts: row.int(5),
      retryDelaySeconds: row.int(8), pauseAfterFailures: row.int(9), failuresInARow: row.int(10), hold: hold,
      scheduleID: row.optionalText(6))
  }

  /// The values of ``columns``.
  var values: [Value] {
    [
      .text(id), .text(number), .text(label), .text(sim.rawValue), .integer(messagesPerMinute),
      .integer(maxSendAttempts), .optional(scheduleID), .integer(messagesPerDay), .integer(retryDelaySeconds),
      .integer(pauseAfterFailures), .integer(failuresInARow), .optional(hold?.until),
      .text(hold?.reason ?? ""), .bool(hold?.endsWithSuccess ?? false),
      .optional(hold?.byHand?.until), .optional(hold?.byHand?.reason),
    ]
  }
}

extension ScheduleContent {
  static let columns = "name, time_zone, is_active, windows, exceptions"

  /// The columns of a row from `first` on; nil if they hold no schedule.
  init?(row: any ResultRow, from first: Int) {
    guard let windows = ScheduleColumns.windows(row.text(first + 3)),
      let exceptions = ScheduleColumns.exceptions(row.text(first + 4))
    else { return nil }
    self.init(
      name: row.text(first), timeZone: row.text(first + 1), isActive: row.bool(first + 2), windows: windows,
      exceptions: exceptions)
  }

  /// The values of ``columns``.
  var values: [Value] {
    [
      .text(name), .text(timeZone), .bool(isActive), .text(ScheduleColumns.text(windows)),
      .text(ScheduleColumns.text(exceptions)),
    ]
  }
}

extension Schedule {
  static let columns = "id, \(ScheduleContent.columns), revision"
  static let columnCount = 7

  /// The columns of a row from `first` on.
  init(row: any ResultRow, from first: Int = 0, path: String) throws {
    let id = row.text(first)
    guard let content = ScheduleContent(row: row, from: first + 1) else {
      throw StoreError.damaged(path: path, reason: "schedule \(id) has no valid windows or exceptions")
    }
    self.init(id: id, content: content, revision: row.int(first + 6))
  }
}

extension Message {
  /// Of `message m JOIN phone p`.
  static let columns = columns(owner: "p.number")

  /// Of `message m` with an expression for the number of its phone.
  static func columns(owner: String) -> String {
    """
    m.id, \(owner), m.contact, m.content, m.status, m.queued_at, m.send_at, m.is_exact, m.last_attempted_at, \
    m.sent_at, m.lease_expires_at, m.send_attempt_count, m.failure_reason, m.expires_at, m.retry_at, \
    m.max_send_attempts
    """
  }
  static let columnCount = 16

  /// A row that begins with ``columns``.
  init(row: any ResultRow) {
    self.init(
      id: row.text(0), owner: row.text(1), contact: row.text(2), content: row.text(3),
      status: MessageStatus(rawValue: row.text(4)) ?? .failed, queuedAt: row.integer(5),
      sendAt: row.optionalInteger(6), isExact: row.bool(7), expiresAt: row.optionalInteger(13),
      retryAt: row.optionalInteger(14), lastAttemptedAt: row.optionalInteger(8),
      sentAt: row.optionalInteger(9),
      leaseExpiresAt: row.optionalInteger(10), sendAttemptCount: row.int(11),
      maxSendAttempts: row.optionalInt(15), failureReason: row.optionalText(12))
  }
}

/// The key of a message: that of its phone, and its number in the order of being queued there.
enum MessageKey {
  static let numbers: Int64 = 1 << 32

  static func make(phone: Int64, number: Int64) -> Int64 { phone * numbers + number }

  /// All keys that messages of a phone may have.
  static func range(ofPhone key: Int64) -> Range<Int64> { key * numbers..<(key + 1) * numbers }
}
