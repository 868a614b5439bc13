import Formats
import Scheduling

/// What of an import the database knows already, and what it says twice.
struct ImportKnown {
  /// How often anything was imported into the database before: another import meanwhile changes what is known.
  private(set) var imports: Int64 = 0
  private(set) var dropped = DroppedRows()
  private(set) var knownRows: [CivilDate: Int] = [:]
  private(set) var unchanged = 0

  /// Looks through the whole of an import. Throws ``ImportProblem`` for records that contradict each other.
  init(_ stage: ImportStage, _ shelf: ImportShelf, isAgain: Bool, now: Instant, in store: Store) throws {
    let hasRows = try store.read { session in
      imports = try ImportCounter.value(session)
      return try KnownRows.isAny(session)
    }
    var contradictions: Set<Int64> = []
    for part in 0..<ImportKeys.partCount {
      let keys = try stage.keys.part(part)
      let rows = hasRows && !isAgain ? keys.filter { !$0.isMessage } : []
      for start in stride(from: 0, to: rows.count, by: 1_000) {
        let some = Array(rows[start..<min(start + 1_000, rows.count)])
        for (key, day) in try store.read({ try KnownRows.find(some, now: now, $0) }) {
          dropped.insert(key.number)
          unchanged += 1
          knownRows[day, default: 0] += 1
        }
      }
      dropEqual(keys, &contradictions)
    }
    if !contradictions.isEmpty { try check(contradictions, stage, shelf, store) }
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
    try shelf.each { bytes in
      var found: [PackedRow] = []
      try PackedRow.each(in: bytes) { if contradictions.contains($0.number) { found.append($0) } }
      guard !found.isEmpty else { return }
      let known = try store.read { try KnownMessages($0, found.map(\.id.string)) }
      for row in found where row.number < worst?.number ?? .max {
        let id = row.id.string
        if known[id] != nil || known.isForgotten(id) { continue }
        let expected = "what the other record of this message says"
        worst = (row.number, stage.problem(at: row.place, "id", expected, found: id))
      }
    }
    if let worst { throw worst.problem }
  }
}
