import Scheduling

/// A message that was handed out to be sent.
package struct Claim: Equatable, Sendable {
  package var messageID: String
  /// The number of the phone that is to send it.
  package var owner: String
  package var sim: SIM
  package var contact: String
  package var content: String
  /// 1 for the first time that the message is handed out.
  package var attempt: Int
  /// Until when `sent` or `failed` must be said of it.
  package var leaseExpiresAt: Instant
}

/// What came of asking for the next message.
package enum ClaimOutcome: Equatable, Sendable {
  case claimed(Claim)
  /// Nothing is due. `nextAt` is the next moment at which a claim may find something, as far as is known now: when
  /// the first of the queue goes out, or a lease ends; nil if nothing waits and nothing is out, or never.
  case nothing(nextAt: Instant?)
}

extension Claim {
  /// How long a claim lasts unless told.
  package static let usualLease: Duration = .minute
}

extension Store {
  /// Hands out the next message of a phone if it is due, for `lease` milliseconds.
  ///
  /// Decides by the rule of the forecast and marks, in one transaction. If nothing is due nothing changes; else
  /// messages whose expiry is over have failed too. `by` says who asks, for the message's history.
  package func claim(phone: String, lease: Duration, at time: Time, by: String = "") throws -> ClaimOutcome {
    try write(.lockingPhones) { session in
      try QueueTransaction(store: self, session: session).claim(phone: phone, lease: lease, at: time, by: by)
    }
  }
}

extension QueueTransaction {
  /// See ``Store/claim(phone:lease:at:by:)``.
  package func claim(phone name: String, lease: Duration, at time: Time, by: String = "") throws
    -> ClaimOutcome
  {
    let now = try lock(.queue(ofPhone: name), at: time)
    let front = try QueueFront.find(session, phone: name)
    let next = try NextSend(self, front, now: now).first()
    guard let next, next.sendAt <= now else {
      let leaseEnd = try front.nextLeaseEnd(session, now: now)
      return .nothing(nextAt: [next?.sendAt, leaseEnd].compactMap { $0 }.min())
    }
    let lapsed = front.hasLapsed(at: now) ? try Lapsed.keys(session, phoneKey: front.key, now: now) : []
    if next.isLapsed { try Lapsed.settle(session, key: next.message.key, now: now) }
    let claim = try mark(next.message, front, lease: lease, now: now, by: by)
    if next.isHead {
      try QueueCounts.takeHead(session, phoneKey: front.key)
    } else {
      try QueueCounts.change(session, phoneKey: front.key, waiting: -1)
    }
    for other in lapsed where other != next.message.key { try Lapsed.settle(session, key: other, now: now) }
    if let firstExpiry = front.firstExpiry, firstExpiry < now {
      try Expired.drop(session, phoneKey: front.key, now: now)
    }
    return .claimed(claim)
  }

  /// When a claim of a phone may find something, without claiming it; now or earlier if something is due.
  package func next(of name: String, at time: Time) throws -> Instant? {
    let now = try instant(at: time)
    let front = try QueueFront.find(session, phone: name)
    let next = try NextSend(self, front, now: now).first()
    let leaseEnd = try front.nextLeaseEnd(session, now: now)
    return [next?.sendAt, leaseEnd].compactMap { $0 }.min()
  }

  private func mark(_ next: QueuedRow, _ front: QueueFront, lease: Duration, now: Instant, by: String) throws
    -> Claim
  {
    let claim = Claim(
      messageID: next.messageID, owner: front.phone.number, sim: front.phone.sim, contact: next.contact,
      content: next.content, attempt: next.earlierAttempts + next.attempts + 1,
      leaseExpiresAt: min(now + lease, .untilReleased))
    try EarlierSends.keep(session, phoneKey: front.key, sendTime: next.sendTime, now: now)
    let event = MessageEvent(at: now, kind: .claimed, attempt: claim.attempt, by: by)
    try session.send(
      """
      UPDATE message SET status = 'sending', prior_send_time = send_time, prior_attempted_at = last_attempted_at,
        last_attempted_at = ?2, send_time = ?2, lease_expires_at = ?3, send_attempt_count = ?4, claim_token = ?5,
        is_last_attempt = \(UsedUp.isLast(count: "?4", attempts: "?7")),
        history = \(session.dialect.tail("history || ?6", MessageEvent.longestHistory))
      WHERE key = ?1
      """,
      [
        .integer(next.key), .integer(now), .integer(claim.leaseExpiresAt), .integer(next.attempts + 1),
        .integer(Int64.random(in: 1...Int64.max)), .text(event.line), .integer(front.phone.maxSendAttempts),
      ])
    return claim
  }
}

extension Store {
  /// When the first waiting message of a phone goes out; nil if none does within the horizon.
  package func nextSend(of phone: String, now: Instant) throws -> Instant? {
    try read { session in
      let transaction = QueueTransaction(store: self, session: session)
      let front = try QueueFront.find(session, phone: phone)
      return try NextSend(transaction, front, now: now).first()?.sendAt
    }
  }
}
