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

  /// What is not told of rows that are to be known is read from the database. `progress` is told how many rows are queued;
  /// what it throws ends the work, with which others go on.
  func run(_ rows: NewRows?, areNew: Bool = false, _ progress: (Int) throws -> Void = { _ in }) throws
    -> ImportOutcome
  {
    if !decision.hasKnownRows {
      try keep(rows ?? NewRows(keys: readKeys(), dropped: decision.dropped), areNew: areNew)
    }
    var outcome = ImportOutcome()
    var done = 0
    var size = TurnSize()
    repeat {
      var last: ImportChunk?
      while true {
        var chunks = try store.read { try PendingImports.next($0, of: decision.number, after: last) }[...]
        if chunks.isEmpty { break }
        last = chunks.last
        while !chunks.isEmpty {
          // Others wait for messages of bundles, and hardly for rows.
          let isBundle = chunks.first?.bytes.first == PackedRow.Kind.message.rawValue
          let (some, turn) = try size.measuring(longest: .milliseconds(isBundle ? 20 : 80)) {
            try self.turn(chunks, $0)
          }
          outcome.add(turn)
          done += chunks.prefix(some).reduce(0) { $0 + $1.count }
          chunks = chunks.dropFirst(some)
          try progress(done)
        }
      }
    } while try !PendingImports.end(store, decision.number)
    return outcome
  }

  /// Queues the first of some chunks, and says how many.
  private func turn(_ chunks: ArraySlice<ImportChunk>, _ size: Int) throws -> (Int, ImportOutcome) {
    guard store.engine.dialect != .sqlite else {
      return try store.engine.writeInTurn { try step($0, $1, chunks, size, .first) }
    }
    do {
      return try store.engine.writeInTurn { try step($0, $1, chunks, size, .last) }
    } catch let error where error is ImportQueue.Contested || error is StoreError {
      // Somebody else's message has the number that a row was to have. What else failed fails again.
      return try store.engine.writeInTurn { try step($0, $1, chunks, 1, .first) }
    }
  }

  private func step(
    _ session: any Session, _ turn: Turn, _ chunks: ArraySlice<ImportChunk>, _ size: Int,
    _ locking: ImportQueue.Locking
  ) throws -> (Int, ImportOutcome) {
    var outcome = ImportOutcome()
    try PendingImports.renew(decision.number, worker, session)
    let queue = ImportQueue(session, decision, locking: locking)
    // On a server each question is a journey, and phones are locked at once, in the order of their keys.
    let atOnce = isOneAtATime || session.dialect == .sqlite ? 1 : size
    var done = 0
    repeat {
      let some = Array(chunks.dropFirst(done).prefix(atOnce))
      outcome.add(try queue.take(some))
      done += some.count
    } while done < chunks.count && !turn.isOver && !isOneAtATime && session.dialect == .sqlite
    return (done, outcome)
  }

  // MARK: - Rows of CSV

  private func keep(_ rows: NewRows, areNew: Bool) throws {
    var waiting: [ImportKeys.Key] = []
    for part in 0..<ImportKeys.partCount {
      waiting += try rows.part(part)
      // Turns with little to do cost more than it.
      guard waiting.count >= most || part == ImportKeys.partCount - 1 else { continue }
      var rest = waiting[...]
      waiting = []
      while !rest.isEmpty {
        let kept: Int
        do {
          kept = try store.engine.writeInTurn { try keep(rest, areNew: areNew, $0, $1) }
        } catch is StoreError where areNew {
          // Somebody else works on the same import.
          kept = try store.engine.writeInTurn { try keep(rest, areNew: false, $0, $1) }
        }
        rest = rest.dropFirst(kept)
      }
    }
    _ = try store.engine.writeInTurn { session, _ in
      try session.run(
        "UPDATE pending_import SET has_known_rows = 1 WHERE number = ?1", [.integer(decision.number)])
    }
  }

  /// Keeps the first of some rows, and says how many.
  private func keep(_ keys: ArraySlice<ImportKeys.Key>, areNew: Bool, _ session: any Session, _ turn: Turn)
    throws
    -> Int
  {
    var kept = 0
    try PendingImports.renew(decision.number, worker, session)
    repeat {
      let some = keys.dropFirst(kept).prefix(most)
      try KnownRows.keep(some, at: decision.at, areNew: areNew, session)
      kept += some.count
    } while kept < keys.count && !turn.isOver
    return kept
  }

  /// Rows that are kept at once. On a server nobody waits for them.
  private var most: Int { store.engine.dialect == .sqlite ? 2_000 : 20_000 }

  private func readKeys() throws -> ImportKeys {
    var keys = ImportKeys()
    var last: ImportChunk?
    while true {
      let chunks = try store.read { try PendingImports.next($0, of: decision.number, after: last) }
      if chunks.isEmpty { return keys }
      last = chunks.last
      for chunk in chunks {
        try chunk.bytes.withUnsafeBufferPointer { bytes in
          try PackedRow.each(in: bytes) { row in
            guard row.kind == .row else { return }
            try keys.add(
              ImportKeys.Key(
                high: row.high, low: row.low, number: row.number, isMessage: false,
                hasSendTime: row.sendAt != nil))
          }
        }
      }
    }
  }
}

/// How many chunks one transaction queues on a server, where all of it is decided before it begins: as many as it does in a
/// moment, however fast it is.
private struct TurnSize {
  private var chunks = 1
  private static let most = 16

  mutating func measuring<T>(longest: Swift.Duration, _ body: (Int) throws -> T) rethrows -> T {
    let start = ContinuousClock.now
    let result = try body(chunks)
    let took = ContinuousClock.now - start
    if took > longest { chunks = max(1, chunks / 2) }
    if took < longest / 2 { chunks = min(Self.most, chunks * 2) }
    return result
  }
}

/// Rows of CSV that came before.
enum KnownRows {
  /// How long a row without a send time is known, in milliseconds.
  private static let memory: Duration = 7 * .day

  /// Remembers rows, in the order of the index, which costs a fraction of any other; `areNew` if none of them can be there.
  static func keep(
    _ keys: some Sequence<ImportKeys.Key>, at now: Instant, areNew: Bool, _ session: any Session
  ) throws {
    try session.insert(
      into: "known_row", columns: ["high", "low", "imported_at"],
      conflict: areNew ? nil : "(high, low) DO UPDATE SET imported_at = excluded.imported_at"
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

  /// Those of some rows that came before, and the days (UTC) on which they did; nil for what is known no more.
  static func find(_ keys: [ImportKeys.Key], now: Instant, _ session: any Session) throws -> [(
    key: ImportKeys.Key, day: CivilDate?
  )] {
    var found: [(key: ImportKeys.Key, day: CivilDate?)] = []
    func note(_ key: ImportKeys.Key, _ importedAt: Int64) {
      let isKnown = key.hasSendTime || importedAt > now - memory
      found.append((key, isKnown ? CivilDate(days: importedAt / .day) : nil))
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
