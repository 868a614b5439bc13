import Scheduling

/// What was recorded about a message that was handed out.
package struct Settlement: Equatable, Sendable {
  /// The message as it is now.
  package var message: Message
  /// Why the report is unusual, for people; nil if it came in time.
  package var warning: String?
}

extension Store {
  /// Records that a claimed message was sent; see ``QueueTransaction/sent(_:at:by:)``.
  @discardableResult
  package func recordSent(_ id: String, at time: Time, by: String = "") throws -> Settlement {
    try write(.lockingPhones) { try QueueTransaction(store: self, session: $0).sent(id, at: time, by: by) }
  }

  /// Records that a claimed message could not be sent; see ``QueueTransaction/failed(_:attempt:reason:at:by:)``.
  @discardableResult
  package func recordFailure(
    _ id: String, attempt: Int? = nil, reason: String?, at time: Time, by: String = ""
  ) throws -> Settlement {
    try write(.lockingPhones) {
      try QueueTransaction(store: self, session: $0)
        .failed(id, attempt: attempt, reason: reason, at: time, by: by)
    }
  }

  /// Lets a claim run for `lease` milliseconds from now on.
  @discardableResult
  package func extend(
    _ id: String, attempt: Int? = nil, lease: Duration?, at time: Time, by: String = ""
  ) throws -> Message {
    try write(.lockingPhones) {
      try QueueTransaction(store: self, session: $0)
        .extend(id, attempt: attempt, lease: lease, at: time, by: by)
    }
  }

  /// Undoes a claim; see ``QueueTransaction/release(_:attempt:at:by:)``.
  @discardableResult
  package func release(claimOf id: String, attempt: Int? = nil, at time: Time, by: String = "") throws
    -> Message
  {
    try write(.lockingPhones) {
      try QueueTransaction(store: self, session: $0).release(id, attempt: attempt, at: time, by: by)
    }
  }
}

extension QueueTransaction {
  /// Records that a message was sent. This holds whoever says it of a message that was ever handed out, and saying it
  /// again changes nothing.
  ///
  /// One success ends the phone's row of failures, and the hold that it put on itself for them.
  package func sent(_ id: String, at time: Time, by: String = "") throws -> Settlement {
    let now = try lock(.message(id), at: time)
    var stored = try StoredMessage.find(session, id: id)
    let seen = stored.seen(at: now)
    if seen.status == .sent || seen.status == .delivered { return Settlement(message: seen) }
    guard try seen.status == .sending || wasClaimed(stored) else {
      throw StoreError.wrongState(message: id, status: seen.status, action: "reported as sent")
    }
    let warning: String? =
      switch seen.status {
      case .sending: nil
      case .failed: "it had failed: \(seen.failureReason ?? "no reason")"
      case .canceled: "it had been canceled"
      default: "it was waiting again"
      }
    stored.message.status = .sent
    stored.message.sentAt = now
    stored.message.leaseExpiresAt = nil
    stored.message.failureReason = nil
    // One that was claimed in the future counts from now on.
    let isCounted = stored.sendTime.map { $0 <= now } ?? false
    stored.sendTime = min(stored.sendTime ?? now, now)
    stored.claimToken = nil
    let event = MessageEvent(at: now, kind: .sent, attempt: stored.claimNumber, by: by)
    if let fronts, let leaseEnd = seen.leaseExpiresAt, seen.status == .sending, isCounted,
      !stored.endsFailures
    {
      fronts.report(id, leaseEnd: leaseEnd, ofPhone: stored.phoneKey, stored.values(event))
      return Settlement(message: stored.message)
    }
    fronts?.forget(stored.phoneKey)
    try stored.save(session, event, wasOut: seen.status == .sending)
    if stored.endsFailures { try FailureRow.end(session, phoneKey: stored.phoneKey) }
    return Settlement(message: stored.message, warning: warning)
  }

  /// A claim that was undone leaves no count, but a line in the history.
  private func wasClaimed(_ stored: StoredMessage) throws -> Bool {
    if stored.message.sendAttemptCount > 0 { return true }
    let history = try session.text("SELECT history FROM message WHERE key = ?1", [.integer(stored.key)]) ?? ""
    return MessageEvent.list(history).contains { $0.kind == .claimed }
  }

  /// Records that a claimed message could not be sent: it waits again after the phone's retry delay, twice as long
  /// each time, or has failed for good if its attempts are used up.
  ///
  /// `attempt` names the claim. Of any but the last one, and of one that was reported on already, the report changes
  /// nothing: ``StoreError/lateReport(message:attempt:current:)``. A claim whose lease ran out may still be reported
  /// on as long as the message was not handed out again.
  package func failed(
    _ id: String, attempt: Int? = nil, reason: String?, at time: Time, by: String = ""
  ) throws -> Settlement {
    if let reason, reason.utf8.contains(0) {
      throw StoreError.invalid(field: "reason", expected: "a text without NUL characters")
    }
    let now = try lock(.messageAndPhone(message: id), at: time)
    var stored = try StoredMessage.find(session, id: id)
    let phone = try Self.phone(session, ofMessage: id)
    fronts?.forget(stored.phoneKey)
    let (count, number) = (stored.message.sendAttemptCount, stored.claimNumber)
    if let attempt, attempt != number {
      throw StoreError.lateReport(message: id, attempt: attempt, current: number)
    }
    let wasOut = stored.message.status == .sending
    let isOpen = wasOut || (stored.claimToken != nil && stored.message.status != .canceled)
    guard isOpen else {
      if let attempt { throw StoreError.lateReport(message: id, attempt: attempt, current: number) }
      throw StoreError.wrongState(message: id, status: stored.message.status, action: "reported as failed")
    }
    let isLate = !wasOut || stored.message.isLapsed(at: now)
    if count >= stored.maxSendAttempts {
      stored.message.status = .failed
      stored.message.failureReason = reason ?? "failed after \(count.counted("attempt"))"
    } else {
      stored.message.status = stored.message.waitingStatus
      stored.message.failureReason = reason
      stored.message.retryAt = FailureRow.retry(after: count, phone, now: now)
    }
    stored.message.leaseExpiresAt = nil
    stored.claimToken = nil
    try stored.save(
      session, MessageEvent(at: now, kind: .failed, attempt: number, by: by, reason: reason))
    try FailureRow.extend(session, phone, key: stored.phoneKey, now: now)
    return Settlement(message: stored.message, warning: isLate ? "its lease had run out" : nil)
  }

  /// See ``Store/extend(_:attempt:lease:at:by:)``.
  package func extend(
    _ id: String, attempt: Int? = nil, lease: Duration?, at time: Time, by: String = ""
  ) throws -> Message {
    let now = try lock(.message(id), at: time)
    var stored = try claim(of: id, attempt: attempt, now: now, action: "extended")
    let end = now + (lease ?? Claim.usualLease)
    // A lease that was longer to begin with is not made shorter, unless that is what was asked for.
    let least = lease == nil ? stored.message.leaseExpiresAt ?? end : end
    stored.message.leaseExpiresAt = min(max(end, least), .untilReleased)
    try stored.save(
      session, MessageEvent(at: now, kind: .extended, attempt: stored.claimNumber, by: by))
    return stored.message
  }

  /// Undoes a claim: the message stands in the queue as before, and the attempt is not used.
  package func release(_ id: String, attempt: Int? = nil, at time: Time, by: String = "") throws -> Message {
    let now = try lock(.message(id), at: time)
    var stored = try claim(of: id, attempt: attempt, now: now, action: "released")
    let event = MessageEvent(at: now, kind: .released, attempt: stored.claimNumber, by: by)
    stored.message.status = stored.message.waitingStatus
    stored.message.leaseExpiresAt = nil
    stored.message.sendAttemptCount = max(0, stored.message.sendAttemptCount - 1)
    stored.message.lastAttemptedAt = stored.priorAttemptedAt
    try EarlierSends.giveBack(session, stored)
    stored.sendTime = stored.priorSendTime
    stored.priorSendTime = nil
    stored.priorAttemptedAt = nil
    stored.claimToken = nil
    try stored.save(session, event)
    return stored.message
  }

  /// A message that is handed out, under the claim with a number if there is one.
  private func claim(of id: String, attempt: Int?, now: Instant, action: String) throws -> StoredMessage {
    let stored = try StoredMessage.find(session, id: id)
    fronts?.forget(stored.phoneKey)
    let seen = stored.seen(at: now)
    if let attempt, attempt != stored.claimNumber {
      throw StoreError.lateReport(message: id, attempt: attempt, current: stored.claimNumber)
    }
    guard seen.status == .sending else {
      throw StoreError.wrongState(message: id, status: seen.status, action: action)
    }
    return stored
  }

  private static func phone(_ session: any Session, ofMessage id: String) throws -> Phone {
    let question = Store.question(ofMessagesPhone: id)
    guard let phone = try session.first(question.sql, question.values, Phone.init(row:)) else {
      throw StoreError.damaged(path: session.name, reason: "the phone of message \(id) is not there")
    }
    return phone
  }
}

/// A phone's failures in a row, and the hold that it puts on itself for them.
enum FailureRow {
  /// When a message may be tried again after its n-th attempt failed: the delay doubles, up to an hour.
  static func retry(after attempts: Int, _ phone: Phone, now: Instant) -> Instant {
    let delay = doubled(Int64(phone.retryDelaySeconds) * .second, times: attempts - 1, most: .hour)
    return min(now + delay, .untilReleased)
  }

  /// Counts one more failure; from the phone's number of them on it holds itself: a minute, twice as long after each
  /// further one, at most half an hour.
  static func extend(_ session: any Session, _ phone: Phone, key: Int64, now: Instant) throws {
    let failures = phone.failuresInARow + 1
    try session.send(
      "UPDATE phone SET failures_in_row = ?2 WHERE key = ?1", [.integer(key), .integer(failures)])
    guard phone.pauseAfterFailures > 0, failures >= phone.pauseAfterFailures else { return }
    let pause = doubled(.minute, times: failures - phone.pauseAfterFailures, most: 30 * .minute)
    let end = min(now + pause, .untilReleased)
    // A hold that lasts longer stays.
    guard (phone.hold?.until ?? .min) < end else { return }
    let hold = Hold(
      until: end, reason: "\(failures) failure\(failures == 1 ? "" : "s in a row")", endsWithSuccess: true,
      byHand: byHand(phone.hold, now: now))
    try HoldColumns.write(session, ofItself: hold, key: key)
  }

  /// What somebody set and a hold for failures covers: a success does not end it.
  private static func byHand(_ hold: Hold?, now: Instant) -> HoldByHand? {
    guard let hold else { return nil }
    let byHand = hold.endsWithSuccess ? hold.byHand : HoldByHand(until: hold.until, reason: hold.reason)
    return byHand.flatMap { $0.until > now ? $0 : nil }
  }

  /// A success: the row begins anew, and a hold for it ends.
  static func end(_ session: any Session, phoneKey: Int64) throws {
    try session.send(
      """
      UPDATE phone SET failures_in_row = 0,
        held_until = CASE WHEN hold_ends_with_success = 1 THEN held_by_hand_until ELSE held_until END,
        hold_reason = CASE WHEN hold_ends_with_success = 1 THEN coalesce(held_by_hand_reason, '')
          ELSE hold_reason END,
        held_by = CASE WHEN hold_ends_with_success = 1 AND held_by_hand_until IS NULL THEN NULL ELSE held_by END,
        held_at = CASE WHEN hold_ends_with_success = 1 AND held_by_hand_until IS NULL THEN NULL ELSE held_at END,
        hold_ends_with_success = 0, held_by_hand_until = NULL, held_by_hand_reason = NULL
      WHERE key = ?1
      """, [.integer(phoneKey)])
    try SettingsCounter.increase(session)
  }

  private static func doubled(_ first: Duration, times: Int, most: Duration) -> Duration {
    var result = min(first, most)
    for _ in 0..<max(0, min(times, 64)) where result < most { result = min(result * 2, most) }
    return result
  }
}
