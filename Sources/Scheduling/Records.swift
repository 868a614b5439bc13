/// A sending phone of the gateway.
package struct Phone: Hashable, Sendable, Identifiable {
  /// The gateway's own identifier (a UUID at httpSMS); any text of 1 to 255 characters.
  package var id: String
  /// E.164 with its `+`.
  package var number: String
  package var label: String
  package var sim: SIM
  /// 0 means no limit; see ``Rate``.
  package var messagesPerMinute: Int
  /// How often one message is handed out before it is failed, at least 1.
  package var maxSendAttempts: Int
  package var scheduleID: String?

  package init(
    id: String, number: String, label: String = "", sim: SIM = .sim1, messagesPerMinute: Int = 1,
    maxSendAttempts: Int = 2, scheduleID: String? = nil
  ) {
    self.id = id
    self.number = number
    self.label = label
    self.sim = sim
    self.messagesPerMinute = messagesPerMinute
    self.maxSendAttempts = maxSendAttempts
    self.scheduleID = scheduleID
  }
}

/// Which SIM card of the phone sends.
package enum SIM: String, Sendable, CaseIterable {
  case sim1 = "SIM1"
  case sim2 = "SIM2"
}

/// What a schedule says: everything of it that a person edits, and that a revision keeps.
package struct ScheduleContent: Hashable, Sendable {
  package var name: String
  /// An IANA name, such as `Europe/Tallinn`.
  package var timeZone: String
  /// An inactive schedule lets everything through.
  package var isActive: Bool
  /// As ``Window/check(_:)`` wants them.
  package var windows: [Window]

  package init(name: String, timeZone: String, isActive: Bool = true, windows: [Window]) {
    self.name = name
    self.timeZone = timeZone
    self.isActive = isActive
    self.windows = windows
  }
}

/// The hours in which phones may send; one schedule may serve many phones.
package struct Schedule: Hashable, Sendable, Identifiable {
  package var id: String
  package var content: ScheduleContent
  /// 1 when it was made, one more with each save.
  package var revision: Int

  package init(id: String, content: ScheduleContent, revision: Int = 1) {
    self.id = id
    self.content = content
    self.revision = revision
  }
}

/// Where a message stands. The names are httpSMS's, and `canceled` ours.
package enum MessageStatus: String, Sendable, CaseIterable {
  case pending, scheduled, expired
  case sending
  case sent, delivered, failed, canceled

  /// Whether the message is in the queue, to be handed out.
  package var isWaiting: Bool { self == .pending || self == .scheduled || self == .expired }
}

/// One SMS of one phone.
package struct Message: Hashable, Sendable, Identifiable {
  package var id: String
  /// The number of the phone that sends it.
  package var owner: String
  package var contact: String
  package var content: String
  package var status: MessageStatus
  package var queuedAt: Instant
  package var sendAt: Instant?
  package var isExact: Bool
  package var lastAttemptedAt: Instant?
  package var sentAt: Instant?
  package var leaseExpiresAt: Instant?
  package var sendAttemptCount: Int
  package var failureReason: String?

  package init(
    id: String, owner: String, contact: String, content: String, status: MessageStatus = .pending,
    queuedAt: Instant, sendAt: Instant? = nil, isExact: Bool = false, lastAttemptedAt: Instant? = nil,
    sentAt: Instant? = nil, leaseExpiresAt: Instant? = nil, sendAttemptCount: Int = 0,
    failureReason: String? = nil
  ) {
    self.id = id
    self.owner = owner
    self.contact = contact
    self.content = content
    self.status = status
    self.queuedAt = queuedAt
    self.sendAt = sendAt
    self.isExact = isExact
    self.lastAttemptedAt = lastAttemptedAt
    self.sentAt = sentAt
    self.leaseExpiresAt = leaseExpiresAt
    self.sendAttemptCount = sendAttemptCount
    self.failureReason = failureReason
  }

  /// The later of the time it was queued and its `sendAt`.
  package var readyAt: Instant { max(queuedAt, sendAt ?? queuedAt) }
}
