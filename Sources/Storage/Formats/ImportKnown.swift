import Formats
import Scheduling

/// What of an import the database knows already, and what it says twice.
struct ImportKnown {
  /// How often anything was imported into the database before: another import meanwhile changes what is known.
  let imports: Int64
  private(set) var dropped = DroppedRows()
  private(set) var knownRows: [CivilDate: Int] = [:]
  private(set) var unchanged = 0
  /// Whether the database has nothing of the rows that are left, not even what is known no more.
  private(set) var areRowsNew: Bool

  /// Looks through the whole of an import. Throws ``ImportProblem`` for records that contradict each other.
  init(_ stage: ImportStage, _ shelf: ImportShelf, isAgain: Bool, now: Instant, in store: Store) throws {
    let (imports, hasRows) = try store.read { (try ImportCounter.value($0), try KnownRows.isAny($0)) }
    self.imports = imports
    areRowsNew = !isAgain || !hasRows
    guard stage.mayRepeat || hasRows && !isAgain else { return }
    var contradictions: Set<Int64> = []
    for part in 0..<ImportKeys.partCount {
      let keys = try stage.keys.part(part)
      if !isAgain {
        let rows = keys.filter { !$0.isMessage }
        if hasRows { try lookUp(rows, now: now, in: store) }
        dropEqual(rows, now: now)
      }
      dropEqual(keys, &contradictions)
    }
    if !contradictions.isEmpty { try check(contradictions, stage, shelf, store) }
  }

  private mutating func lookUp(_ rows: [ImportKeys.Key], now: Instant, in store: Store) throws {
    for start in stride(from: 0, to: rows.count, by: 1_000) {
      let some = Array(rows[start..<min(start + 1_000, rows.count)])
      for (key, day) in try store.read({ try KnownRows.find(some, now: now, $0) }) {
        if let day { drop(key, knownSince: day) } else { areRowsNew = false }
      }
    }
  }

  /// A row that an earlier file of the import has too is known by that.
  private mutating func dropEqual(_ rows: [ImportKeys.Key], now: Instant) {
    for (first, second) in zip(rows, rows.dropFirst())
    where first.high == second.high && first.low == second.low && !dropped.contains(second.number) {
      drop(second, knownSince: CivilDate(days: now / .day))
    }
  }

  private mutating func drop(_ row: ImportKeys.Key, knownSince day: CivilDate) {
    dropped.insert(row.number)
    unchanged += 1
    knownRows[day, default: 0] += 1
  }

  /// Of messages with the same id the first one counts, and others that say the same.
  private mutating func dropEqual(_ keys: [ImportKeys.Key], _ contradictions: inout Set<Int64>) {
    var first: ImportKeys.Key?
    for key in keys where key.isMessage {
      guard let known = first, known.high == key.high, known.low == key.low else {
        first = key
        continue
      }
      if known.words == key.words {
        dropped.insert(key.number)
        unchanged += 1
      } else {
        contradictions.insert(key.number)
      }
    }
  }

  /// New messages of which an import says two things are a problem; known ones go as far as it knows them.
  private func check(
    _ contradictions: Set<Int64>, _ stage: ImportStage, _ shelf: ImportShelf, _ store: Store
  ) throws {
    var worst: (number: Int64, problem: ImportProblem)?
    try shelf.each { chunk in
      var found: [PackedRow] = []
      try chunk.bytes.withUnsafeBufferPointer { bytes in
        try PackedRow.each(in: bytes) { if contradictions.contains($0.number) { found.append($0) } }
        let messages = found.compactMap(\.message)
        guard !messages.isEmpty else { return }
        let known = try store.read { try KnownMessages($0, messages.map(\.id.string)) }
        for (row, message) in zip(found, messages) where row.number < worst?.number ?? .max {
          let id = message.id.string
          if known[id] != nil || known.isForgotten(id) { continue }
          let expected = "what the other record of this message says"
          worst = (row.number, stage.problem(at: message.place, "id", expected, found: id))
        }
      }
    }
    if let worst { throw worst.problem }
  }
}
