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
  /// The most sends on one date of its schedule's zone (UTC without a schedule); 0 means no limit.
  package var messagesPerDay: Int
  /// How often one message is handed out before it is failed, at least 1.
  package var maxSendAttempts: Int
  /// How long a message waits after its first failed attempt, in seconds; doubled each time, at most an hour.
  package var retryDelaySeconds: Int
  /// After so many failures in a row the phone holds itself; 0 for never.
  package var pauseAfterFailures: Int
  /// Failed attempts since the last success.
  package var failuresInARow: Int
  package var hold: Hold?
  package var scheduleID: String?

  /// What people may set ``maxSendAttempts``, ``retryDelaySeconds`` and ``pauseAfterFailures`` to.
  package static let attempts = 1...1_000
  package static let retryDelays = 0...3_600
  package static let pauses = 0...1_000_000

  package init(
    id: String, number: String, label: String = "", sim: SIM = .sim1, messagesPerMinute: Int = 1,
    messagesPerDay: Int = 0, maxSendAttempts: Int = 2, retryDelaySeconds: Int = 60,
    pauseAfterFailures: Int = 5, failuresInARow: Int = 0, hold: Hold? = nil, scheduleID: String? = nil
  ) {
    self.id = id
    self.number = number
    self.label = label
    self.sim = sim
    self.messagesPerMinute = messagesPerMinute
    self.messagesPerDay = messagesPerDay
    self.maxSendAttempts = maxSendAttempts
    self.retryDelaySeconds = retryDelaySeconds
    self.pauseAfterFailures = pauseAfterFailures
    self.failuresInARow = failuresInARow
    self.hold = hold
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
  /// Dates with hours of their own, in the order of their dates, none twice; at most 1,000.
  package var exceptions: [ScheduleException]

  package init(
    name: String, timeZone: String, isActive: Bool = true, windows: [Window],
    exceptions: [ScheduleException] = []
  ) {
    self.name = name
    self.timeZone = timeZone
    self.isActive = isActive
    self.windows = windows
    self.exceptions = exceptions
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
  /// After this instant it does not go out any more; nil if it does at any time.
  package var expiresAt: Instant?
  /// After a failed attempt it is not ready before this.
  package var retryAt: Instant?
  package var lastAttemptedAt: Instant?
  package var sentAt: Instant?
  package var leaseExpiresAt: Instant?
  package var sendAttemptCount: Int
  /// How often it is handed out before it is failed; nil for its phone's number.
  package var maxSendAttempts: Int?
  package var failureReason: String?

  package init(
    id: String, owner: String, contact: String, content: String, status: MessageStatus = .pending,
    queuedAt: Instant, sendAt: Instant? = nil, isExact: Bool = false, expiresAt: Instant? = nil,
    retryAt: Instant? = nil,
    lastAttemptedAt: Instant? = nil, sentAt: Instant? = nil, leaseExpiresAt: Instant? = nil,
    sendAttemptCount: Int = 0, maxSendAttempts: Int? = nil, failureReason: String? = nil
  ) {
    self.id = id
    self.owner = owner
    self.contact = contact
    self.content = content
    self.status = status
    self.queuedAt = queuedAt
    self.sendAt = sendAt
    self.isExact = isExact
    self.expiresAt = expiresAt
    self.retryAt = retryAt
    self.lastAttemptedAt = lastAttemptedAt
    self.sentAt = sentAt
    self.leaseExpiresAt = leaseExpiresAt
    self.sendAttemptCount = sendAttemptCount
    self.maxSendAttempts = maxSendAttempts
    self.failureReason = failureReason
  }

  /// The latest of the time it was queued, its `sendAt` and its `retryAt`.
  package var readyAt: Instant { max(queuedAt, sendAt ?? queuedAt, retryAt ?? queuedAt) }
}
