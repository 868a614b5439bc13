import Scheduling

/// The objects of the bundle. The names are httpSMS's, always in this order, so that equal records are equal bytes.
extension JSONBytes {
  package mutating func phone(_ phone: Phone) {
    raw("{\"id\":")
    text(phone.id)
    raw(",\"phone_number\":")
    text(phone.number)
    raw(",\"label\":")
    text(phone.label)
    raw(",\"messages_per_minute\":")
    integer(phone.messagesPerMinute)
    raw(",\"sim\":")
    text(phone.sim.rawValue)
    raw(",\"message_send_schedule_id\":")
    text(phone.scheduleID)
    raw(",\"max_send_attempts\":")
    integer(phone.maxSendAttempts)
    raw("}")
  }

  package mutating func schedule(_ schedule: Schedule) {
    raw("{\"id\":")
    text(schedule.id)
    raw(",\"name\":")
    text(schedule.content.name)
    raw(",\"timezone\":")
    text(schedule.content.timeZone)
    raw(",\"is_active\":")
    boolean(schedule.content.isActive)
    raw(",\"windows\":")
    windows(schedule.content.windows)
    raw("}")
  }

  /// The windows of a schedule, as its column in the database has them.
  package mutating func windows(_ windows: [Window]) {
    raw("[")
    for (index, window) in windows.enumerated() {
      if index > 0 { raw(",") }
      raw("{\"day_of_week\":")
      integer(window.day)
      raw(",\"start_minute\":")
      integer(window.startMinute)
      raw(",\"end_minute\":")
      integer(window.endMinute)
      raw("}")
    }
    raw("]")
  }

  package mutating func message(_ message: Message) {
    raw("{\"id\":")
    text(message.id)
    raw(",\"owner\":")
    text(message.owner)
    raw(",\"contact\":")
    text(message.contact)
    raw(",\"content\":")
    text(message.content)
    raw(",\"status\":")
    text(message.status.rawValue)
    raw(",\"request_received_at\":")
    time(message.queuedAt)
    raw(",\"scheduled_send_time\":")
    time(message.sendAt)
    raw(",\"exact\":")
    boolean(message.isExact)
    raw(",\"last_attempted_at\":")
    time(message.lastAttemptedAt)
    raw(",\"sent_at\":")
    time(message.sentAt)
    raw(",\"send_attempt_count\":")
    integer(message.sendAttemptCount)
    raw(",\"lease_expires_at\":")
    time(message.leaseExpiresAt)
    raw(",\"failure_reason\":")
    text(message.failureReason)
    raw("}")
  }
}
