import Formats
import Scheduling

/// What an import wants besides its files.
package struct ImportOptions: Sendable {
  /// Who imports, and when: new messages of CSV are queued then.
  package var stamp: Stamp
  /// Undoes everything in the end.
  package var isDryRun: Bool
  /// Rows of CSV count as new even if they came before.
  package var isAgain: Bool

  package init(stamp: Stamp, isDryRun: Bool = false, isAgain: Bool = false) {
    self.stamp = stamp
    self.isDryRun = isDryRun
    self.isAgain = isAgain
  }
}

extension Store {
  /// Imports files in one transaction, all or nothing.
  ///
  /// Their messages are read and checked before anybody has to wait for the transaction. Throws
  /// ``ImportProblem``, ``StoreError``, or what the monitor of a file throws.
  package func importFiles(_ files: ImportFiles, _ options: ImportOptions) throws -> ImportSummary {
    // On a server they go with their connection.
    defer { if engine.dialect == .sqlite { try? read(ImportStage.dropTables) } }
    for _ in 0..<3 {
      do {
        var summary = try stageAndApply(files, options)
        summary.isDryRun = options.isDryRun
        return summary
      } catch is ImportStage.Outdated {
        // A phone's schedule got another time zone since the rows were read.
        continue
      }
    }
    throw StoreError.busy(path: path)
  }

  private func stageAndApply(_ files: ImportFiles, _ options: ImportOptions) throws -> ImportSummary {
    guard isWritable else { throw StoreError.readOnly(path: path) }
    let imported = Import(files: files, options: options, zones: zones)
    return try undoable { isUndone in
      try engine.writeStaged(
        { session in
          if session.dialect == .sqlite { try session.run("PRAGMA cache_size = -32768") }
          return try imported.stage(in: session)
        }, reserve: { try ImportOwners($1).reserve(for: $0) }
      ) { stage, session in
        let summary = try imported.apply(stage, in: session)
        if options.isDryRun { throw isUndone(summary) }
        return summary
      }
    }
  }
}

/// One import under way.
private struct Import {
  let files: ImportFiles
  let options: ImportOptions
  let zones: any TimeZoneSource

  func stage(in session: any Session) throws -> ImportStage {
    try ImportStage(files, now: options.stamp.at, isAgain: options.isAgain, zones: zones, in: session)
  }

  func apply(_ stage: ImportStage, in session: any Session) throws -> ImportSummary {
    var stage = stage
    session.concerns(phone: nil)
    // Other imports wait here for this one.
    if try ImportCounter.increase(session) != stage.imports + 1 { try stage.dropKnown(in: session) }
    var settings = ImportSettings(session, stamp: options.stamp)
    try settings.add(stage.schedules)
    try settings.add(stage.phones)
    guard try stage.clocks.areCurrent(session) else { throw ImportStage.Outdated() }
    var messages = ImportMessages(session, stage, files)
    try messages.run(now: options.stamp.at)
    var summary = stage.summary
    summary.schedules = settings.schedules
    summary.phones = settings.phones
    summary.messages.added += messages.counts.added
    summary.messages.updated += messages.counts.updated
    summary.messages.unchanged += messages.counts.unchanged
    summary.different = messages.different
    return summary
  }
}
