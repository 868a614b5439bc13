/// The fields that an import knows, of all kinds of records together. All others are ignored.
enum Field: String, CaseIterable {
  // The lists of a bundle, and those of an answer of the API.
  case phones, messages, data, message
  case schedules = "message_send_schedules"
  // Phones
  case id, label, sim
  case phoneNumber = "phone_number"
  case messagesPerMinute = "messages_per_minute"
  case messagesPerDay = "messages_per_day"
  case scheduleID = "message_send_schedule_id"
  case maxSendAttempts = "max_send_attempts"
  case retryDelaySeconds = "retry_delay_seconds"
  case pauseAfterFailures = "pause_after_failures"
  case failuresInARow = "failures_in_row"
  case heldUntil = "held_until"
  case holdReason = "hold_reason"
  case holdEndsWithSuccess = "hold_ends_with_success"
  case heldByHandUntil = "held_by_hand_until"
  case heldByHandReason = "held_by_hand_reason"
  case pastSends = "past_sends"
  case sendTime = "send_time"
  case count
  // Schedules
  case name, windows, exceptions, date, note
  case timeZone = "timezone"
  case isActive = "is_active"
  case dayOfWeek = "day_of_week"
  case startMinute = "start_minute"
  case endMinute = "end_minute"
  // Messages
  case owner, contact, content, status, type, encrypted, attachments, exact
  case requestReceivedAt = "request_received_at"
  case createdAt = "created_at"
  case scheduledSendTime = "scheduled_send_time"
  case expiresAt = "expires_at"
  case retryAt = "retry_at"
  case lastAttemptedAt = "last_attempted_at"
  case sentAt = "sent_at"
  case sendAttemptCount = "send_attempt_count"
  case leaseExpiresAt = "lease_expires_at"
  case failureReason = "failure_reason"
  // As `queue add` calls contact, content and scheduled_send_time.
  case to, text
  case sendAt = "send_at"

  /// The field with a name in UTF-8.
  static func named(_ name: UnsafeBufferPointer<UInt8>) -> Field? {
    guard name.count < byLength.count else { return nil }
    return byLength[name.count].first { $0.name.elementsEqual(name) }?.field
  }

  /// Few names have the same length.
  private static let byLength: [[(name: [UInt8], field: Field)]] = {
    var table = [[(name: [UInt8], field: Field)]](repeating: [], count: 32)
    for field in allCases { table[field.rawValue.utf8.count].append((Array(field.rawValue.utf8), field)) }
    return table
  }()
}
