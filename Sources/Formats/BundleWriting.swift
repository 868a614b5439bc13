import Scheduling

/// The objects of the bundle. The names are httpSMS's, always in this order, so that equal records are equal bytes.
extension JSONBytes {
  /// A phone; `more` may add fields of its own, each with its comma in front.
  package mutating func phone(_ phone: Phone, more: (inout JSONBytes) -> Void = { _ in }) {
    raw("{\"id\":")
    text(phone.id)
    raw(",\"phone_number\":")
    text(phone.number)
    raw(",\"label\":")
    text(phone.label)
    raw(",\"messages_per_minute\":")
    integer(phone.messagesPerMinute)
    raw(",\"messages_per_day\":")
    integer(phone.messagesPerDay)
    raw(",\"sim\":")
    text(phone.sim.rawValue)
    raw(",\"message_send_schedule_id\":")
    text(phone.scheduleID)
    raw(",\"max_send_attempts\":")
    integer(phone.maxSendAttempts)
    raw(",\"retry_delay_seconds\":")
    integer(phone.retryDelaySeconds)
    raw(",\"pause_after_failures\":")
    integer(phone.pauseAfterFailures)
    hold(of: phone)
    more(&self)
    raw("}")
  }

  private mutating func hold(of phone: Phone) {
    raw(",\"held_until\":")
    time(phone.hold?.until)
    raw(",\"hold_reason\":")
    text(phone.hold?.reason)
    if phone.hold?.endsWithSuccess == true { raw(",\"hold_ends_with_success\":true") }
    if let byHand = phone.hold?.byHand {
      raw(",\"held_by_hand_until\":")
      time(byHand.until)
      raw(",\"held_by_hand_reason\":")
      text(byHand.reason)
    }
    if phone.failuresInARow > 0 {
      raw(",\"failures_in_row\":")
      integer(phone.failuresInARow)
    }
  }

  /// A schedule; `more` may add fields of its own, each with its comma in front.
  package mutating func schedule(
    _ schedule: Schedule, more: (inout JSONBytes) -> Void = { _ in }
  ) {
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
    if !schedule.content.exceptions.isEmpty {
      raw(",\"exceptions\":")
      exceptions(schedule.content.exceptions)
    }
    more(&self)
    raw("}")
  }

  /// The windows of a week, as the column of a database has them too.
  package mutating func windows(_ windows: [Window]) {
    list(windows) { json, window in
      json.raw("{\"day_of_week\":")
      json.integer(window.day)
      json.raw(",\"start_minute\":")
      json.integer(window.startMinute)
      json.raw(",\"end_minute\":")
      json.integer(window.endMinute)
      json.raw("}")
    }
  }

  /// Dates with hours of their own, as the column of a database has them too.
  package mutating func exceptions(_ exceptions: [ScheduleException]) {
    list(exceptions) { json, exception in
      json.raw("{\"date\":")
      json.text(exception.date.text)
      json.raw(",\"windows\":")
      json.list(exception.windows) { json, window in
        json.raw("{\"start_minute\":")
        json.integer(window.startMinute)
        json.raw(",\"end_minute\":")
        json.integer(window.endMinute)
        json.raw("}")
      }
      json.raw(",\"note\":")
      json.text(exception.note)
      json.raw("}")
    }
  }

  /// A field of a phone, with a comma in front; nothing if there are none.
  package mutating func pastSends(_ sends: [PhoneRecord.PastSend]) {
    guard !sends.isEmpty else { return }
    raw(",\"past_sends\":")
    list(sends) { json, send in
      json.raw("{\"send_time\":")
      json.time(send.sendTime)
      json.raw(",\"count\":")
      json.integer(send.count)
      json.raw("}")
    }
  }

  private mutating func list<T>(_ values: [T], _ write: (inout JSONBytes, T) -> Void) {
    raw("[")
    for (index, value) in values.enumerated() {
      if index > 0 { raw(",") }
      write(&self, value)
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
    raw(",\"expires_at\":")
    time(message.expiresAt)
    raw(",\"retry_at\":")
    time(message.retryAt)
    raw(",\"last_attempted_at\":")
    time(message.lastAttemptedAt)
    raw(",\"sent_at\":")
    time(message.sentAt)
    raw(",\"send_attempt_count\":")
    integer(message.sendAttemptCount)
    raw(",\"max_send_attempts\":")
    if let most = message.maxSendAttempts { integer(most) } else { null() }
    raw(",\"lease_expires_at\":")
    time(message.leaseExpiresAt)
    raw(",\"failure_reason\":")
    text(message.failureReason)
    raw("}")
  }
}
