import Formats
import Scheduling

/// What an import wants besides its files.
package struct ImportOptions: Sendable {
  /// Who imports, and when: new messages of CSV are queued then.
  package var stamp: Stamp
  /// Changes nothing.
  package var isDryRun: Bool
  /// Rows of CSV count as new even if they came before.
  package var isAgain: Bool
  package var limits = ImportLimits()

  package init(stamp: Stamp, isDryRun: Bool = false, isAgain: Bool = false) {
    self.stamp = stamp
    self.isDryRun = isDryRun
    self.isAgain = isAgain
  }
}

/// How far an import is.
package enum ImportProgress: Equatable, Sendable {
  /// Another one is being queued.
  case waiting
  /// It has taken place: so many of its messages stand in their queues. What is thrown now is left to others, who go
  /// on with it.
  case queued(Int, of: Int)
}

extension Store {
  /// Imports files, all or nothing.
  ///
  /// They are read and checked before anybody has to wait. A small import is one transaction. A large one waits in the
  /// database until a short transaction decides that it takes place; then its messages are queued a few at a time, and
  /// others come in between. If this process ends before, nothing took place; if it ends later, whoever opens the
  /// database next goes on. Throws ``ImportProblem``, ``StoreError``, or what the monitor of a file or `progress`
  /// throws.
  package func importFiles(
    _ files: ImportFiles, _ options: ImportOptions, progress: (ImportProgress) throws -> Void = { _ in }
  ) throws -> ImportSummary {
    guard isWritable else { throw StoreError.readOnly(path: path) }
    for _ in 0..<3 {
      let shelf = ImportShelf(self, options)
      defer { shelf.discard() }
      do {
        let stage = try ImportStage(files, options, self, shelf)
        var imported = Import(store: self, options: options, stage: stage, shelf: shelf)
        return try imported.run(progress)
      } catch is ImportStage.Outdated {
        // A phone's schedule got another time zone since the rows were read.
        continue
      }
    }
    throw StoreError.busy(path: path)
  }
}

/// One import whose files are read.
private struct Import {
  let store: Store
  let options: ImportOptions
  let stage: ImportStage
  let shelf: ImportShelf
  private var newPhones = NewPhones()
  private var schedules = ImportCounts()
  private var phones = ImportCounts()
  private var released = ImportSummary.SomeIDs()

  init(store: Store, options: ImportOptions, stage: ImportStage, shelf: ImportShelf) {
    self.store = store
    self.options = options
    self.stage = stage
    self.shelf = shelf
  }

  /// Another import took place since it was looked up what is known.
  private struct Again: Error {}

  mutating func run(_ progress: (ImportProgress) throws -> Void) throws -> ImportSummary {
    while true {
      try store.awaitImports { try progress(.waiting) }
      newPhones = try NewPhones(stage.phones, store)
      let known = try ImportKnown(
        stage, shelf, isAgain: options.isAgain, now: options.stamp.at, in: store)
      do {
        let outcome =
          if options.isDryRun {
            try tryOut(known)
          } else if isLarge(known) {
            try queueInTurns(known, progress)
          } else {
            try queueAtOnce(known)
          }
        return summary(known, outcome)
      } catch is Again {
        continue
      }
    }
  }

  private func summary(_ known: ImportKnown, _ outcome: ImportOutcome) -> ImportSummary {
    var summary = stage.summary
    summary.isDryRun = options.isDryRun
    summary.schedules = schedules
    summary.phones = phones
    summary.released = released
    summary.messages.added += outcome.counts.added
    summary.messages.updated += outcome.counts.updated
    summary.messages.unchanged += outcome.counts.unchanged + known.unchanged
    summary.knownRows = known.knownRows
    summary.different = outcome.different
    summary.forgotten = outcome.forgotten
    return summary
  }

  // MARK: - Taking place

  /// Makes the settings, and returns the keys of the messages' phones. Other imports wait here for this one.
  private mutating func decide(_ known: ImportKnown, _ session: any Session) throws -> [Int64] {
    session.concerns(phone: nil)
    guard try ImportCounter.increase(session) == known.imports + 1 else { throw Again() }
    var settings = try ImportSettings(session, stamp: options.stamp, newPhones: newPhones)
    try settings.add(stage.schedules)
    try settings.add(stage.phones)
    guard try stage.clocks.areCurrent(session) else { throw ImportStage.Outdated() }
    (schedules, phones, released) = (settings.schedules, settings.phones, settings.released)
    return try ownerKeys(session, settings.keys)
  }

  /// The keys of the messages' phones; `new` has those of phones that were added, by their numbers.
  private func ownerKeys(_ session: any Session, _ new: [String: Int64]) throws -> [Int64] {
    func question(_ owner: ImportStage.Owner) -> Query {
      ("SELECT key FROM phone WHERE number = ?1", [.text(owner.number)])
    }
    var keys: [Int64] = []
    for start in stride(from: 0, to: stage.owners.count, by: 500) {
      let part = stage.owners[start..<min(start + 500, stage.owners.count)]
      try session.prefetch(part.filter { new[$0.number] == nil }.map(question))
      for owner in part {
        let (sql, number) = question(owner)
        if let key = try new[owner.number] ?? session.integer(sql, number) {
          keys.append(key)
          continue
        }
        guard let place = owner.place else { throw ImportStage.Outdated() }
        throw stage.problem(
          at: place, "owner", "the number of a phone that is known or imported with it", found: owner.number)
      }
    }
    return keys
  }

  private func made(_ number: Int64, _ known: ImportKnown, _ keys: [Int64]) -> PendingImports.Decision {
    PendingImports.Decision(number: number, at: options.stamp.at, phoneKeys: keys, dropped: known.dropped)
  }

  private func newRows(_ known: ImportKnown) -> NewRows { NewRows(keys: stage.keys, dropped: known.dropped) }

  private func isLarge(_ known: ImportKnown) -> Bool {
    !store.engine.isAlone && stage.count - known.dropped.count > options.limits.small
  }

  private mutating func queueAtOnce(_ known: ImportKnown) throws -> ImportOutcome {
    // What is read while others wait is in memory. Where there are no others, there may be too much for that.
    let isAlone = store.engine.isAlone
    let rows = newRows(known)
    let keys = isAlone ? [] : try (0..<ImportKeys.partCount).flatMap { try rows.part($0) }
    var chunks: [ImportChunk] = []
    if !isAlone { try shelf.each(without: known.dropped) { chunks.append($0) } }
    return try store.write(.lockingPhones) { session in
      let decision = made(0, known, try decide(known, session))
      if !keys.isEmpty { try KnownRows.keep(keys, at: options.stamp.at, areNew: false, session) }
      var outcome = ImportOutcome()
      let queue = ImportQueue(session, decision)
      for chunk in chunks { outcome.add(try queue.add(chunk)) }
      guard isAlone else { return outcome }
      for part in 0..<ImportKeys.partCount {
        let keys = try rows.part(part)
        if !keys.isEmpty { try KnownRows.keep(keys, at: options.stamp.at, areNew: known.areRowsNew, session) }
      }
      try shelf.each(without: known.dropped) { outcome.add(try queue.add($0)) }
      return outcome
    }
  }

  private mutating func queueInTurns(_ known: ImportKnown, _ progress: (ImportProgress) throws -> Void) throws
    -> ImportOutcome
  {
    let number = try shelf.stage(without: known.dropped)
    let decision = try store.write(.lockingPhones) { session in
      var decision = made(number, known, try decide(known, session))
      // Rows that are not there need not be named.
      if shelf.hasLeftOut(known.dropped) { decision.dropped = DroppedRows() }
      try PendingImports.decide(decision, by: shelf.worker, session)
      return decision
    }
    shelf.isDecided = true
    do {
      let queueing = ImportQueueing(
        store: store, decision: decision, worker: shelf.worker, isOneAtATime: options.limits.isOneAtATime)
      let count = stage.count - known.dropped.count
      return try queueing.run(newRows(known), areNew: known.areRowsNew) {
        try progress(.queued($0, of: count))
      }
    } catch {
      _ = try? PendingImports.leave(store, number, shelf.worker)
      guard let error = error as? StoreError else { throw error }
      throw StoreError.unfinishedImport(path: store.path, reason: error.withoutConsequence)
    }
  }

  // MARK: - Dry runs

  /// Does the settings, and undoes them; the messages are only looked up.
  private mutating func tryOut(_ known: ImportKnown) throws -> ImportOutcome {
    let keys: [Int64] = try store.undoable { isUndone in
      try store.write(.lockingPhones) { session in throw isUndone(try decide(known, session)) }
    }
    let decision = made(0, known, keys)
    var outcome = ImportOutcome()
    try shelf.each(without: known.dropped) { chunk in
      outcome.add(try store.read { try ImportQueue($0, decision, isDryRun: true).add(chunk) })
    }
    return outcome
  }
}

extension StoreError {
  /// What went wrong, for where something was changed after all.
  fileprivate var withoutConsequence: String {
    switch self {
    case .diskFull: "the disk is full"
    case .inputOutput(_, let reason): "input/output error (\(reason))"
    case .replaced: "it was moved, deleted or replaced"
    case .busy: "another program keeps it busy"
    default: "\(self)"
    }
  }
}
