import Formats
import Scheduling

/// What becomes of each message of an import: a new one, or more of one that is known.
extension ImportQueue {
  // MARK: - New messages

  private static let columns = [
    "key", "id", "phone_key", "contact", "content", "status", "queued_at", "send_at", "ready_at",
    "expires_at", "is_exact", "send_attempt_count",
  ]
  private static let rowColumns = columns + ["row_high", "row_low"]
  private static let messageColumns =
    columns + [
      "retry_at", "last_attempted_at", "sent_at", "send_time", "lease_expires_at", "max_send_attempts",
      "failure_reason", "is_last_attempt",
    ]

  func insert(_ rows: [PackedRow], _ owners: inout [Int: Owner]) throws {
    guard let kind = rows.first?.kind else { return }
    var random = ManyRandomNumbers()
    var last = -1
    var owner: Owner?
    try session.insert(into: "message", columns: kind == .row ? Self.rowColumns : Self.messageColumns) { to in
      for row in rows {
        if row.owner != last {
          if let owner { owners[last] = owner }
          (last, owner) = (row.owner, owners[row.owner])
        }
        guard owner != nil else { continue }
        try owner.map { try write(row, $0, to, &random) }
        let status = effectiveStatus(row, owner?.maxAttempts ?? 1)
        owner?.added += 1
        if status.isWaiting { owner?.waiting += 1 }
        if status == .failed { owner?.failed += 1 }
      }
    }
    if let owner { owners[last] = owner }
  }

  private func write(
    _ row: PackedRow, _ owner: Owner, _ to: any RowWriter, _ random: inout ManyRandomNumbers
  ) throws {
    let queuedAt = row.message?.queuedAt ?? decision.at
    to.integer(MessageKey.make(phone: owner.key, number: owner.first + owner.added))
    if let message = row.message {
      to.text(message.id)
    } else {
      // Ids grow as rows are queued, so that their index does at its end.
      NewID.write(at: decision.at, sequence: row.place + 1, using: &random) { to.text($0) }
    }
    to.integer(owner.key)
    to.text(row.contact)
    to.text(row.content)
    to.text(effectiveStatus(row, owner.maxAttempts))
    to.integer(queuedAt)
    to.optional(row.sendAt)
    to.integer(max(queuedAt, row.sendAt ?? queuedAt, row.message?.retryAt ?? queuedAt))
    to.optional(row.expiresAt)
    to.integer(row.isExact ? 1 : 0)
    to.integer(row.message?.attempts ?? 0)
    if let message = row.message {
      for time in [
        message.retryAt, message.lastAttemptedAt, message.sentAt, message.sendTime, message.leaseExpiresAt,
      ] {
        to.optional(time)
      }
      to.optional(message.maxAttempts)
      if let reason = effectiveReason(message, owner.maxAttempts) { to.text(reason) } else { to.null() }
      let isLast = message.attempts >= message.maxAttempts ?? owner.maxAttempts
      to.integer(message.status == .sending && isLast ? 1 : 0)
    } else {
      to.integer(row.high)
      to.integer(row.low)
    }
    try to.endRow()
  }

  /// A message that waits although it has no attempts left has failed.
  private func isUsedUp(_ message: PackedMessage, _ maxAttempts: Int64) -> Bool {
    message.status.isWaiting && message.attempts > 0 && message.attempts >= message.maxAttempts ?? maxAttempts
  }

  private func effectiveStatus(_ row: PackedRow, _ maxAttempts: Int64) -> MessageStatus {
    guard let message = row.message else { return row.sendAt == nil ? .pending : .scheduled }
    return isUsedUp(message, maxAttempts) ? .failed : message.status
  }

  private func effectiveReason(_ message: PackedMessage, _ maxAttempts: Int64) -> String? {
    message.reason?.string ?? (isUsedUp(message, maxAttempts) ? "no attempts left" : nil)
  }

  // MARK: - Known messages

  /// Moves a known message on to where the import says that it stands.
  func follow(
    _ known: KnownMessages.Message, _ row: PackedRow, _ message: PackedMessage, _ owner: Owner,
    _ outcome: inout ImportOutcome
  ) throws -> MessageStatus {
    if known.differs(from: row, phoneKey: owner.key) { outcome.different.add(message.id.string) }
    let status = effectiveStatus(row, owner.maxAttempts)
    guard known.isBehind(status, attempts: message.attempts) else {
      outcome.counts.unchanged += 1
      return known.status
    }
    outcome.counts.updated += 1
    if isDryRun { return status }
    try session.send(
      """
      UPDATE message SET status = ?2, last_attempted_at = ?3, sent_at = ?4, send_time = ?5, lease_expires_at = ?6,
        send_attempt_count = ?7, failure_reason = ?8, claim_token = NULL,
        is_last_attempt = \(UsedUp.isLast(count: "?7", attempts: UsedUp.ofPhone))
      WHERE key = ?1
      """,
      [
        // What was handed out here goes on counting for the spacing and the day.
        .integer(known.key), .text(status.rawValue),
        .optional([message.lastAttemptedAt, known.lastAttemptedAt].compactMap { $0 }.max()),
        .optional(message.sentAt),
        .optional([message.sendTime, known.sendTime].compactMap { $0 }.max()),
        .optional(message.leaseExpiresAt), .integer(max(message.attempts, known.attempts)),
        .optional(effectiveReason(message, owner.maxAttempts)),
      ])
    try QueueCounts.change(
      session, phoneKey: known.phoneKey,
      waiting: (status.isWaiting ? 1 : 0) - (known.status.isWaiting ? 1 : 0),
      failed: (status == .failed ? 1 : 0) - (known.status == .failed ? 1 : 0))
    return status
  }
}

extension RowWriter {
  /// The names of the statuses that most messages have are no new texts each time.
  fileprivate func text(_ status: MessageStatus) {
    let name: StaticString? = status == .pending ? "pending" : status == .scheduled ? "scheduled" : nil
    guard let name else { return text(status.rawValue) }
    text(PackedRow.Text(start: name.utf8Start, count: name.utf8CodeUnitCount))
  }
}
