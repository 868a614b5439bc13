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

  /// When a claim of a phone may find something, without claiming it; now or earlier if something is due.
  package func nextClaim(of phone: String, at time: Time) throws -> Instant? {
    try read { session in try QueueTransaction(store: self, session: session).next(of: phone, at: time) }
  }
}

extension QueueTransaction {
  /// See ``Store/claim(phone:lease:at:by:)``.
  package func claim(phone name: String, lease: Duration, at time: Time, by: String = "") throws
    -> ClaimOutcome
  {
    // The clock is read once the phone's row is locked.
    let locking = Store.question(ofPhone: name, isLocking: true, session.dialect)
    try session.prefetch([locking] + (time == .engine ? [(session.dialect.clock, [])] : []))
    let (key, phone) = try Store.phone(session, named: name, isLocking: true)
    let now = try time.instant(in: session)
    try session.prefetch(
      PastSends.questions(phoneKey: key, now: now)
        + Lapsed.questions(phoneKey: key, attempts: phone.maxSendAttempts, now: now)
        + NextSend.questions(key: key, phone: phone, now: now)
        + [phone.scheduleID.map(Store.question(ofSchedule:))].compactMap { $0 })
    let next = try NextSend(self, key: key, phone: phone, now: now).first()
    guard let next, next.sendAt <= now else {
      let leaseEnd = try Lapsed.nextEnd(session, phoneKey: key, now: now)
      return .nothing(nextAt: [next?.sendAt, leaseEnd].compactMap { $0 }.min())
    }
    let lapsed = try Lapsed.keys(session, phoneKey: key, now: now)
    if next.isLapsed { try Lapsed.settle(session, key: next.key, now: now) }
    let claim = try mark(next, phone, lease: lease, now: now, by: by)
    if next.isHead {
      try QueueCounts.takeHead(session, phoneKey: key)
    } else {
      try QueueCounts.change(session, phoneKey: key, waiting: -1)
    }
    for other in lapsed where other != next.key { try Lapsed.settle(session, key: other, now: now) }
    try Expired.drop(session, phoneKey: key, now: now)
    return .claimed(claim)
  }

  /// See ``Store/nextClaim(of:at:)``.
  package func next(of name: String, at time: Time) throws -> Instant? {
    let (key, phone) = try Store.phone(session, named: name)
    let now = try time.instant(in: session)
    let next = try NextSend(self, key: key, phone: phone, now: now).first()
    let leaseEnd = try Lapsed.nextEnd(session, phoneKey: key, now: now)
    return [next?.sendAt, leaseEnd].compactMap { $0 }.min()
  }

  private func mark(_ next: NextSend.Candidate, _ phone: Phone, lease: Duration, now: Instant, by: String)
    throws -> Claim
  {
    let claim = Claim(
      messageID: next.messageID, owner: phone.number, sim: phone.sim, contact: next.contact,
      content: next.content, attempt: next.attempts + 1, leaseExpiresAt: min(now + lease, .untilReleased))
    try EarlierSends.keep(session, key: next.key, now: now)
    let event = MessageEvent(at: now, kind: .claimed, attempt: claim.attempt, by: by)
    try session.send(
      """
      UPDATE message SET status = 'sending', prior_send_time = send_time, prior_attempted_at = last_attempted_at,
        last_attempted_at = ?2, send_time = ?2, lease_expires_at = ?3, send_attempt_count = ?4, claim_token = ?5,
        history = \(session.dialect.tail("history || ?6", MessageEvent.longestHistory))
      WHERE key = ?1
      """,
      [
        .integer(next.key), .integer(now), .integer(claim.leaseExpiresAt), .integer(claim.attempt),
        .integer(Int64.random(in: 1...Int64.max)), .text(event.line),
      ])
    return claim
  }
}

extension Store {
  /// When the first waiting message of a phone goes out; nil if none does within the horizon.
  package func nextSend(of phone: String, now: Instant) throws -> Instant? {
    try read { session in
      let transaction = QueueTransaction(store: self, session: session)
      let (key, phone) = try Self.phone(session, named: phone)
      return try NextSend(transaction, key: key, phone: phone, now: now).first()?.sendAt
    }
  }
}
