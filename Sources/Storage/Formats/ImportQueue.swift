import Scheduling

/// Adds packed rows to the queues of their phones, within a transaction.
///
/// A message whose id is known moves on if the import knows it further; rows of a phone that is gone go with it.
struct ImportQueue {
  let session: any Session
  let decision: PendingImports.Decision
  let isDryRun: Bool
  private let locking: Locking

  /// When the rows of phones are locked on a server.
  enum Locking {
    /// Before anything is looked at.
    case first
    /// Once rows of CSV are there, so that whoever claims from their phones waits for the commit alone, not for all the
    /// rows. Nothing is known of such rows that a claim could change; their numbers are lost to whoever queues a message
    /// meanwhile: then the turn is over, and has to begin anew. Messages of bundles are locked first nevertheless.
    case last
  }

  /// Somebody else queued messages of the same phones meanwhile.
  struct Contested: Error {}

  /// A dry run only counts, and may be done in a transaction that reads.
  init(
    _ session: any Session, _ decision: PendingImports.Decision, isDryRun: Bool = false,
    locking: Locking = .first
  ) {
    self.session = session
    self.decision = decision
    self.isDryRun = isDryRun
    self.locking = session.dialect == .sqlite ? .first : locking
  }

  /// Adds the rows of some chunks that wait in the database, and are still there, and takes them from there.
  ///
  /// On a server all that it asks is asked at once, and changes go there with the commit.
  func take(_ chunks: [ImportChunk]) throws -> ImportOutcome {
    try reading(chunks) { rows in
      let needs = Needs(rows, decision)
      if session.dialect != .sqlite {
        let taking = PendingImports.taking(chunks, of: decision.number, session.dialect)
        try session.prefetch(
          [taking]
            + (locksFirst(needs)
              ? KnownMessages.questions(needs.ids, owners: needs.phones, session.dialect) : [])
            + (needs.phones.isEmpty ? [] : [Self.phones(needs.phones)]))
      }
      let taken = try PendingImports.take(chunks, of: decision.number, session)
      let outcome = try add(taken.count == chunks.count ? rows : Self.rows(rows, of: chunks, taken), needs)
      try PendingImports.remove(chunks, of: decision.number, session)
      return outcome
    }
  }

  /// Adds rows that wait nowhere else.
  func add(_ chunk: ImportChunk) throws -> ImportOutcome {
    try reading([chunk]) { try add($0, Needs($0, decision)) }
  }

  // MARK: - Rows

  /// What has to be known about some rows.
  private struct Needs {
    var ids: [String] = []
    var phones: Set<Int64> = []
    var owners: Set<Int> = []

    init(_ rows: [PackedRow], _ decision: PendingImports.Decision) {
      var last = -1
      for row in rows {
        if row.owner != last { owners.insert(row.owner) }
        last = row.owner
        if let message = row.message { ids.append(message.id.string) }
      }
      for owner in owners {
        if let key = decision.phoneKey(owner) { phones.insert(key) }
      }
    }
  }

  /// Hands `body` the rows of chunks, which are good meanwhile.
  private func reading<T>(_ chunks: [ImportChunk], _ body: ([PackedRow]) throws -> T) throws -> T {
    let bytes = chunks.count == 1 ? chunks[0].bytes : chunks.flatMap(\.bytes)
    return try bytes.withUnsafeBufferPointer { bytes in
      var rows: [PackedRow] = []
      rows.reserveCapacity(chunks.reduce(0) { $0 + $1.count })
      do {
        var place = chunks.first?.first ?? 0
        try PackedRow.each(in: bytes) { row in
          var row = row
          row.place = place
          rows.append(row)
          place += 1
        }
      } catch is PackedRow.Unreadable {
        throw StoreError.damaged(path: session.name, reason: "rows of an import make no sense")
      }
      return try body(rows)
    }
  }

  /// The rows of those chunks that were taken: others work on the same import.
  private static func rows(_ rows: [PackedRow], of chunks: [ImportChunk], _ taken: Set<Int>) -> [PackedRow] {
    var place = 0
    return chunks.flatMap { chunk in
      defer { place += chunk.count }
      return taken.contains(chunk.first)
        ? rows[min(place, rows.count)..<min(place + chunk.count, rows.count)] : []
    }
  }

  // MARK: - Adding

  private func add(_ rows: [PackedRow], _ needs: Needs) throws -> ImportOutcome {
    var outcome = ImportOutcome()
    guard !rows.isEmpty else { return outcome }
    var known = try KnownMessages(session, needs.ids, owners: locksFirst(needs) ? needs.phones : [])
    var owners = try owners(needs)
    // As a rule all of them are new.
    let areNew = needs.ids.isEmpty && decision.dropped.isEmpty && owners.count == needs.owners.count
    let new = areNew ? rows : try followKnown(rows, &known, owners, &outcome)
    outcome.counts.added += new.count
    if isDryRun { return outcome }
    if needs.ids.isEmpty {
      try insert(new, &owners)
    } else {
      try insert(new.filter { $0.kind == .message }, &owners)
      try insert(new.filter { $0.kind == .row }, &owners)
    }
    let changed = owners.values.filter { $0.added > 0 }
    if !locksFirst(needs) { try lock(changed) }
    try count(changed)
    return outcome
  }

  /// Does what is to be done with rows that are there or are not wanted, and returns the others.
  private func followKnown(
    _ rows: [PackedRow], _ known: inout KnownMessages, _ owners: [Int: Owner], _ outcome: inout ImportOutcome
  ) throws -> [PackedRow] {
    var new: [PackedRow] = []
    new.reserveCapacity(rows.count)
    var newIDs: Set<String> = []
    for row in rows where !decision.dropped.contains(row.number) {
      guard let owner = owners[row.owner] else {
        if row.kind == .row { try forget(row) }
        continue
      }
      if let message = row.message {
        let id = message.id.string
        if known.isForgotten(id) {
          outcome.forgotten.add(id)
          outcome.counts.unchanged += 1
          continue
        }
        if let stored = known[id] {
          known[id]?.status = try follow(stored, row, message, owner, &outcome)
          continue
        }
        if !newIDs.insert(id).inserted {
          outcome.counts.unchanged += 1
          continue
        }
      }
      new.append(row)
    }
    return new
  }

  private func locksFirst(_ needs: Needs) -> Bool { !isDryRun && (locking == .first || !needs.ids.isEmpty) }

  /// Locks the phones of rows that are there, which keep the numbers that the rows have.
  private func lock(_ owners: [Owner]) throws {
    guard !isDryRun else { return }
    // Whoever queues a message with such a number waits for this transaction, and must not be waited for in turn.
    try session.send("SET LOCAL lock_timeout = '30ms'", [])
    var last: [Int64: Int64] = [:]
    let (sql, keys) = Self.phones(Set(owners.map(\.key)))
    try session.each(sql + " ORDER BY key" + session.dialect.lock, keys) {
      last[$0.integer(0)] = $0.integer(1)
    }
    guard owners.allSatisfy({ last[$0.key] == $0.first - 1 }) else { throw Contested() }
  }

  // MARK: - Phones

  /// The phone of some rows, and what they change of it.
  struct Owner {
    let key: Int64
    let maxAttempts: Int64
    let first: Int64
    var added: Int64 = 0
    var waiting: Int64 = 0
    var failed: Int64 = 0
    /// Whoever follows the queue finds new messages that wait by their numbers alone.
    var isDisturbed: Bool { waiting != added || failed != 0 }
  }

  private static func phones(_ keys: Set<Int64>) -> Query {
    (
      "SELECT key, last_number, max_send_attempts, number FROM phone WHERE key = ANY(CAST(?1 AS BIGINT[]))",
      [.array(keys.sorted())]
    )
  }

  /// The phones of some rows that are still there, by their numbers among those of the import.
  private func owners(_ needs: Needs) throws -> [Int: Owner] {
    var found: [Int64: Owner] = [:]
    func note(_ row: any ResultRow) {
      session.concerns(phone: row.text(3))
      let key = row.integer(0)
      found[key] = Owner(key: key, maxAttempts: row.integer(2), first: row.integer(1) + 1)
    }
    if session.dialect == .sqlite {
      let sql = "SELECT key, last_number, max_send_attempts, number FROM phone WHERE key = ?1"
      for key in needs.phones { try session.each(sql, [.integer(key)], note) }
    } else if !needs.phones.isEmpty {
      let (sql, keys) = Self.phones(needs.phones)
      try session.each(sql, keys, note)
    }
    var owners: [Int: Owner] = [:]
    for number in needs.owners {
      guard let key = decision.phoneKey(number) else { continue }
      // What comes with an import that is only tried out is not there.
      owners[number] = found[key] ?? (isDryRun ? Owner(key: key, maxAttempts: .max, first: 1) : nil)
    }
    return owners
  }

  private func count(_ owners: [Owner]) throws {
    guard session.dialect != .sqlite else {
      let sql = """
        UPDATE phone SET last_number = last_number + ?2, waiting = waiting + ?3, failed = failed + ?4,
          disturbances = disturbances + ?5
        WHERE key = ?1
        """
      for owner in owners {
        try session.run(
          sql,
          [
            .integer(owner.key), .integer(owner.added), .integer(owner.waiting), .integer(owner.failed),
            .bool(owner.isDisturbed),
          ])
      }
      return
    }
    guard !owners.isEmpty else { return }
    try session.send(
      """
      UPDATE phone SET last_number = last_number + u.added, waiting = phone.waiting + u.waiting,
        failed = phone.failed + u.failed, disturbances = disturbances + u.disturbed
      FROM unnest(CAST(?1 AS BIGINT[]), CAST(?2 AS BIGINT[]), CAST(?3 AS BIGINT[]), CAST(?4 AS BIGINT[]),
        CAST(?5 AS BIGINT[])) AS u (key, added, waiting, failed, disturbed)
      WHERE phone.key = u.key
      """,
      [
        .array(owners.map(\.key)), .array(owners.map(\.added)), .array(owners.map(\.waiting)),
        .array(owners.map(\.failed)), .array(owners.map { $0.isDisturbed ? 1 : 0 }),
      ])
  }

  /// A row of a phone that was removed since is known no more.
  private func forget(_ row: PackedRow) throws {
    try session.send(
      "DELETE FROM known_row WHERE high = ?1 AND low = ?2", [.integer(row.high), .integer(row.low)])
  }
}
