import Formats
import Scheduling

/// What became of the messages of an import.
struct ImportOutcome {
  var counts = ImportCounts()
  var different = ImportSummary.SomeIDs()
  var forgotten = ImportSummary.SomeIDs()

  mutating func add(_ other: ImportOutcome) {
    counts.added += other.counts.added
    counts.updated += other.counts.updated
    counts.unchanged += other.counts.unchanged
    different.add(other.different)
    forgotten.add(other.forgotten)
  }
}

/// Queues the rows of an import that is decided, which are in the database: a few at a time, so that nobody waits long.
struct ImportQueueing {
  let store: Store
  let decision: PendingImports.Decision
  let worker: PendingWorker
  var isOneAtATime = false

  /// Keys that are not known any more are read from the rows. `progress` is told how many rows are queued; what it
  /// throws ends the work, with which others go on.
  func run(keys: ImportKeys?, _ progress: (Int) throws -> Void = { _ in }) throws -> ImportOutcome {
    if !decision.hasKnownRows { try keepRows(keys ?? readKeys()) }
    var outcome = ImportOutcome()
    var done = 0
    repeat {
      var isAll = false
      while !isAll {
        let step = try store.engine.writeInTurn(step)
        outcome.add(step.outcome)
        done += step.count
        isAll = step.isAll
        try progress(done)
      }
    } while try !PendingImports.end(store, decision.number)
    return outcome
  }

  private func step(_ session: any Session, _ turn: Turn) throws -> (
    outcome: ImportOutcome, count: Int, isAll: Bool
  ) {
    var outcome = ImportOutcome()
    var count = 0
    try PendingImports.renew(decision.number, worker, session)
    repeat {
      let next = try PendingImports.next(session, of: decision.number, isLocking: true)
      guard let next else { return (outcome, count, true) }
      let queue = ImportQueue(session, decision)
      try outcome.add(next.bytes.withUnsafeBufferPointer { try queue.add($0) })
      try PendingImports.remove(next.key, session)
      count += next.count
    } while !turn.isOver && !isOneAtATime
    return (outcome, count, false)
  }

  // MARK: - Rows of CSV

  private func keepRows(_ keys: ImportKeys) throws {
    var waiting: [ImportKeys.Key] = []
    for part in 0..<ImportKeys.partCount {
      waiting += try keys.part(part).filter { !$0.isMessage && !decision.dropped.contains($0.number) }
      // Turns with little to do cost more than it.
      guard waiting.count >= Self.most || part == ImportKeys.partCount - 1 else { continue }
      var rest = waiting[...]
      waiting = []
      while !rest.isEmpty {
        let kept = try store.engine.writeInTurn { session, turn in
          var kept = 0
          try PendingImports.renew(decision.number, worker, session)
          repeat {
            let some = rest.dropFirst(kept).prefix(Self.most)
            try KnownRows.keep(some, at: decision.at, session)
            kept += some.count
          } while kept < rest.count && !turn.isOver
          return kept
        }
        rest = rest.dropFirst(kept)
      }
    }
    _ = try store.engine.writeInTurn { session, _ in
      try session.run(
        "UPDATE pending_import SET has_known_rows = 1 WHERE number = ?1", [.integer(decision.number)])
    }
  }

  /// Rows that are kept at once.
  private static let most = 2_000

  private func readKeys() throws -> ImportKeys {
    var keys = ImportKeys()
    var last: Int64?
    while let chunk = try store.read({ try PendingImports.next($0, of: decision.number, after: last) }) {
      try chunk.bytes.withUnsafeBufferPointer { bytes in
        try PackedRow.each(in: bytes) { row in
          guard row.kind == .row else { return }
          try keys.add(
            ImportKeys.Key(
              high: row.high, low: row.low, number: row.number, isMessage: false,
              hasSendTime: row.sendAt != nil))
        }
      }
      last = chunk.key
    }
    return keys
  }
}

/// Rows of CSV that came before.
enum KnownRows {
  /// How long a row without a send time is known, in milliseconds.
  private static let memory: Duration = 7 * .day

  /// Remembers rows, in the order of the index, which costs a fraction of any other.
  static func keep(_ keys: some Sequence<ImportKeys.Key>, at now: Instant, _ session: any Session) throws {
    try session.insert(
      into: "known_row", columns: ["high", "low", "imported_at"],
      conflict: "(high, low) DO UPDATE SET imported_at = excluded.imported_at"
    ) { rows in
      for key in keys {
        rows.integer(key.high)
        rows.integer(key.low)
        rows.integer(now)
        try rows.endRow()
      }
    }
  }

  static func isAny(_ session: any Session) throws -> Bool {
    try session.exists("SELECT 1 FROM known_row LIMIT 1")
  }

  /// The days (UTC) on which those of some rows came that are still known, by their numbers.
  static func find(_ keys: [ImportKeys.Key], now: Instant, _ session: any Session) throws -> [(
    key: ImportKeys.Key, day: CivilDate
  )] {
    var found: [(key: ImportKeys.Key, day: CivilDate)] = []
    func note(_ key: ImportKeys.Key, _ importedAt: Int64) {
      guard key.hasSendTime || importedAt > now - memory else { return }
      found.append((key, CivilDate(days: importedAt / .day)))
    }
    if session.dialect == .sqlite {
      let sql = "SELECT imported_at FROM known_row WHERE high = ?1 AND low = ?2"
      for key in keys {
        try session.each(sql, [.integer(key.high), .integer(key.low)]) { note(key, $0.integer(0)) }
      }
      return found
    }
    let sql = """
      SELECT i.place, k.imported_at
      FROM unnest(CAST(?1 AS BIGINT[]), CAST(?2 AS BIGINT[])) WITH ORDINALITY AS i (high, low, place)
      JOIN known_row k ON k.high = i.high AND k.low = i.low ORDER BY i.place
      """
    try session.each(sql, [.array(keys.lazy.map(\.high)), .array(keys.lazy.map(\.low))]) {
      note(keys[$0.int(0) - 1], $0.integer(1))
    }
    return found
  }
}
