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
    let known = try front(ofPhone: name, at: now)
    let front = known.front
    let next = try NextSend(self, known).first()
    guard let next, next.sendAt <= now else {
      let leaseEnd = try front.nextLeaseEnd(self, now: now)
      return .nothing(nextAt: [next?.sendAt, leaseEnd].compactMap { $0 }.min())
    }
    let mark = ClaimMark(next.message, front.phone, lease: lease, now: now, by: by)
    try EarlierSends.keep(session, phoneKey: front.key, sendTime: next.message.sendTime, now: now)
    var after = known
    if let fronts, try after.handOut(next, until: mark.claim.leaseExpiresAt, in: store) {
      fronts.handOut(mark.claim.messageID, ofPhone: front.key, mark.values, after)
    } else {
      fronts?.disturb(front.key)
      try write(mark, next, front, now: now)
    }
    return .claimed(mark.claim)
  }

  /// Writes a claim, and what time has decided about others of its phone.
  private func write(_ mark: ClaimMark, _ next: NextSend.Candidate, _ front: QueueFront, now: Instant) throws
  {
    let session = try written(front.key)
    let lapsed = front.hasLapsed(at: now) ? try Lapsed.keys(session, phoneKey: front.key, now: now) : []
    if next.isLapsed { try Lapsed.settle(session, key: next.message.key, now: now) }
    try ClaimMark.write([mark.values], session)
    if next.isHead {
      try QueueCounts.takeHeads([(front.key, 1)], session)
    } else {
      try QueueCounts.change(session, phoneKey: front.key, waiting: -1)
    }
    for other in lapsed where other != next.message.key { try Lapsed.settle(session, key: other, now: now) }
    if let firstExpiry = front.firstExpiry, firstExpiry < now {
      try Expired.drop(session, phoneKey: front.key, now: now)
    }
  }

  /// When a claim of a phone may find something, without claiming it; now or earlier if something is due.
  package func next(of name: String, at time: Time) throws -> Instant? {
    let now = try instant(at: time)
    let known = try front(ofPhone: name, at: now)
    let next = try NextSend(self, known).first()
    let leaseEnd = try known.front.nextLeaseEnd(self, now: now)
    return [next?.sendAt, leaseEnd].compactMap { $0 }.min()
  }
}

extension Store {
  /// When the first waiting message of a phone goes out; nil if none does within the horizon.
  package func nextSend(of phone: String, now: Instant) throws -> Instant? {
    try read { session in
      let transaction = QueueTransaction(store: self, session: session)
      return try NextSend(transaction, transaction.front(ofPhone: phone, at: now)).first()?.sendAt
    }
  }
}

/// What handing out a message makes of it.
struct ClaimMark {
  let claim: Claim
  /// The parameters of what writes it.
  let values: [Value]

  init(_ next: QueuedRow, _ phone: Phone, lease: Duration, now: Instant, by: String) {
    claim = Claim(
      messageID: next.messageID, owner: phone.number, sim: phone.sim, contact: next.contact,
      content: next.content, attempt: next.earlierAttempts + next.attempts + 1,
      leaseExpiresAt: min(now + lease, .untilReleased))
    let event = MessageEvent(at: now, kind: .claimed, attempt: claim.attempt, by: by)
    values = [
      .integer(next.key), .integer(now), .integer(claim.leaseExpiresAt), .integer(next.attempts + 1),
      .integer(Int64.random(in: 1...Int64.max)), .text(event.line), .integer(phone.maxSendAttempts),
    ]
  }

  /// Writes some, each of another message.
  static func write(_ marks: [[Value]], _ session: any Session) throws { try session.update(update, marks) }

  private static let update = RowUpdate("message") { dialect in
    """
    status = 'sending', prior_send_time = send_time, prior_attempted_at = last_attempted_at,
      last_attempted_at = ?2, send_time = ?2, lease_expires_at = ?3, send_attempt_count = ?4, claim_token = ?5,
      is_last_attempt = \(UsedUp.isLast(count: "?4", attempts: "?7")),
      history = \(dialect.tail("history || ?6", MessageEvent.longestHistory))
    """
  }
}
