import Scheduling

/// Adds packed rows to the queues of their phones, within a transaction.
///
/// A message whose id is known moves on if the import knows it further; rows of a phone that is gone go with it.
struct ImportQueue {
  private let session: any Session
  private let decision: PendingImports.Decision
  private let isDryRun: Bool

  /// A dry run only counts, and may be done in a transaction that reads.
  init(_ session: any Session, _ decision: PendingImports.Decision, isDryRun: Bool = false) {
    self.session = session
    self.decision = decision
    self.isDryRun = isDryRun
  }

  /// The phone of some rows, and what they change of it.
  private struct Owner {
    let key: Int64
    let maxAttempts: Int64
    let first: Int64
    var added: Int64 = 0
    var waiting = 0
    var failed = 0
    /// Whether all that came waits, and nothing else changed.
    var isPlain: Bool { Int64(waiting) == added && failed == 0 }
  }

  func add(_ bytes: PackedRow.Text) throws -> ImportOutcome {
    var rows: [PackedRow] = []
    try reading {
      try PackedRow.each(in: bytes) { if !decision.dropped.contains($0.number) { rows.append($0) } }
    }
    var outcome = ImportOutcome()
    guard !rows.isEmpty else { return outcome }
    let ids = rows.lazy.filter { $0.kind == .message }.map(\.id.string)
    var known = try KnownMessages(session, Array(ids), owners: isDryRun ? [] : Set(rows.map { phoneKey($0) }))
    var owners = try owners(Set(rows.map(\.owner)))
    var new: [PackedRow] = []
    var newIDs: Set<String> = []
    for row in rows {
      guard let owner = owners[row.owner] else {
        if row.kind == .row { try forget(row) }
        continue
      }
      if row.kind == .message {
        let id = row.id.string
        if known.isForgotten(id) {
          outcome.forgotten.add(id)
          outcome.counts.unchanged += 1
          continue
        }
        if let message = known[id] {
          known[id]?.status = try follow(message, row, owner.key, owner.maxAttempts, &outcome)
          continue
        }
        if !newIDs.insert(id).inserted {
          outcome.counts.unchanged += 1
          continue
        }
      }
      new.append(row)
    }
    outcome.counts.added += new.count
    if isDryRun { return outcome }
    try insert(new.filter { $0.kind == .message }, &owners)
    try insert(new.filter { $0.kind == .row }, &owners)
    for owner in owners.values where owner.added > 0 { try count(owner) }
    return outcome
  }

  private func reading(_ body: () throws -> Void) throws {
    do {
      try body()
    } catch is PackedRow.Unreadable {
      throw StoreError.damaged(path: session.name, reason: "rows of an import make no sense")
    }
  }

  private func phoneKey(_ row: PackedRow) -> Int64 {
    decision.phoneKeys.indices.contains(row.owner) ? decision.phoneKeys[row.owner] : 0
  }

  // MARK: - Phones

  /// The phones of some rows that are still there, by their numbers among those of the import.
  private func owners(_ numbers: Set<Int>) throws -> [Int: Owner] {
    var found: [Int: Owner] = [:]
    let sql = "SELECT last_number, max_send_attempts, number FROM phone WHERE key = ?1"
    for number in numbers where decision.phoneKeys.indices.contains(number) {
      let key = decision.phoneKeys[number]
      found[number] = try session.first(sql, [.integer(key)]) { row in
        session.concerns(phone: row.text(2))
        return Owner(key: key, maxAttempts: row.integer(1), first: row.integer(0) + 1)
      }
      // It comes with the import, and is not there yet.
      if isDryRun, found[number] == nil {
        found[number] = Owner(key: key, maxAttempts: .max, first: 1)
      }
    }
    return found
  }

  private func count(_ owner: Owner) throws {
    try session.send(
      "UPDATE phone SET last_number = last_number + ?2 WHERE key = ?1",
      [.integer(owner.key), .integer(owner.added)])
    if owner.isPlain {
      // Whoever follows the queue finds new messages by their numbers alone.
      try session.send(
        "UPDATE phone SET waiting = waiting + ?2 WHERE key = ?1",
        [.integer(owner.key), .integer(owner.waiting)])
    } else {
      try QueueCounts.change(session, phoneKey: owner.key, waiting: owner.waiting, failed: owner.failed)
    }
  }

  /// A row of a phone that was removed since is known no more.
  private func forget(_ row: PackedRow) throws {
    try session.run(
      "DELETE FROM known_row WHERE high = ?1 AND low = ?2", [.integer(row.high), .integer(row.low)])
  }

  // MARK: - New messages

  private static let columns = [
    "key", "id", "phone_key", "contact", "content", "status", "queued_at", "send_at", "ready_at",
    "expires_at",
    "is_exact", "send_attempt_count",
  ]
  private static let rowColumns = columns + ["row_high", "row_low"]
  private static let messageColumns =
    columns + [
      "retry_at", "last_attempted_at", "sent_at", "send_time", "lease_expires_at", "max_send_attempts",
      "failure_reason", "is_last_attempt",
    ]

  private func insert(_ rows: [PackedRow], _ owners: inout [Int: Owner]) throws {
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
    let isRow = row.kind == .row
    let queuedAt = isRow ? decision.at : row.queuedAt
    let status = effectiveStatus(row, owner.maxAttempts)
    to.integer(MessageKey.make(phone: owner.key, number: owner.first + owner.added))
    if isRow {
      NewID.write(at: decision.at, sequence: Int(row.number), using: &random) { to.text($0) }
    } else {
      to.text(row.id)
    }
    to.integer(owner.key)
    to.text(row.contact)
    to.text(row.content)
    to.text(status)
    to.integer(queuedAt)
    to.optional(row.sendAt)
    to.integer(max(queuedAt, row.sendAt ?? queuedAt, row.retryAt ?? queuedAt))
    to.optional(row.expiresAt)
    to.integer(row.isExact ? 1 : 0)
    to.integer(row.attempts)
    if isRow {
      to.integer(row.high)
      to.integer(row.low)
    } else {
      for time in [row.retryAt, row.lastAttemptedAt, row.sentAt, row.sendTime, row.leaseExpiresAt] {
        to.optional(time)
      }
      to.optional(row.maxAttempts)
      if let reason = effectiveReason(row, owner.maxAttempts) { to.text(reason) } else { to.null() }
      to.integer(status == .sending && row.attempts >= row.maxAttempts ?? owner.maxAttempts ? 1 : 0)
    }
    try to.endRow()
  }

  /// A message that waits although it has no attempts left has failed.
  private func isUsedUp(_ row: PackedRow, _ maxAttempts: Int64) -> Bool {
    row.kind == .message && row.status.isWaiting && row.attempts > 0
      && row.attempts >= row.maxAttempts ?? maxAttempts
  }

  private func effectiveStatus(_ row: PackedRow, _ maxAttempts: Int64) -> MessageStatus {
    if row.kind == .row { return row.sendAt == nil ? .pending : .scheduled }
    return isUsedUp(row, maxAttempts) ? .failed : row.status
  }

  private func effectiveReason(_ row: PackedRow, _ maxAttempts: Int64) -> String? {
    row.reason?.string ?? (isUsedUp(row, maxAttempts) ? "no attempts left" : nil)
  }

  // MARK: - Known messages

  /// Moves a known message on to where the import says that it stands.
  private func follow(
    _ known: KnownMessages.Message, _ row: PackedRow, _ phoneKey: Int64, _ maxAttempts: Int64,
    _ outcome: inout ImportOutcome
  ) throws -> MessageStatus {
    if known.differs(from: row, phoneKey: phoneKey) { outcome.different.add(row.id.string) }
    let status = effectiveStatus(row, maxAttempts)
    guard known.isBehind(status, attempts: row.attempts) else {
      outcome.counts.unchanged += 1
      return known.status
    }
    outcome.counts.updated += 1
    if isDryRun { return status }
    try session.run(
      """
      UPDATE message SET status = ?2, last_attempted_at = ?3, sent_at = ?4, send_time = ?5, lease_expires_at = ?6,
        send_attempt_count = ?7, failure_reason = ?8, claim_token = NULL,
        is_last_attempt = \(UsedUp.isLast(count: "?7", attempts: UsedUp.ofPhone))
      WHERE key = ?1
      """,
      [
        // What was handed out here goes on counting for the spacing and the day.
        .integer(known.key), .text(status.rawValue),
        .optional([row.lastAttemptedAt, known.lastAttemptedAt].compactMap { $0 }.max()),
        .optional(row.sentAt),
        .optional([row.sendTime, known.sendTime].compactMap { $0 }.max()), .optional(row.leaseExpiresAt),
        .integer(max(row.attempts, known.attempts)),
        .optional(effectiveReason(row, maxAttempts)),
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
