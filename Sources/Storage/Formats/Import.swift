import Formats
import GRDB
import Scheduling

/// Files that were opened, told apart, and read for their phones and schedules.
///
/// Nothing of this needs the database, so nobody waits meanwhile.
package struct ImportFiles {
  private enum Content {
    case document(ImportDocument)
    case csv(ImportInput)
  }

  private let contents: [Content]

  /// Reads files for the first time. Throws ``ImportProblem``, or what a monitor throws.
  package init(_ inputs: [ImportInput]) throws {
    contents = try inputs.map { input in
      try Self.isJSON(input) ? .document(ImportDocument(input)) : .csv(input)
    }
  }

  /// Told by the first character that is not white space.
  private static func isJSON(_ input: ImportInput) throws -> Bool {
    var chunks = try ImportChunks(input, capacity: 4096)
    while let byte = try chunks.peek() {
      switch byte {
      case 0x20, 0x09, 0x0A, 0x0D: chunks.position += 1
      case UInt8(ascii: "{"), UInt8(ascii: "["): return true
      default: return false
      }
    }
    return false
  }

  private var documents: [ImportDocument] {
    contents.compactMap { if case .document(let document) = $0 { document } else { nil } }
  }

  /// Brings everything into the database, within its transaction: schedules, then phones, then messages.
  func bring(into db: Database, _ session: any Session, path: String, stamp: Stamp, seed: UInt64) throws
    -> ImportSummary
  {
    var summary = ImportSummary()
    var settings = ImportSettings(session, path: path, stamp: stamp)
    for document in documents {
      for schedule in document.schedules { try settings.add(schedule) }
    }
    try settings.add(documents.flatMap(\.phones))
    summary.schedules = settings.schedules
    summary.phones = settings.phones
    var queues = try ImportQueues(db, now: stamp.at, seed: seed)
    for content in contents {
      switch content {
      case .document(let document): try queues.add(document)
      case .csv(let input): try queues.add(input)
      }
    }
    summary.messages = try queues.save(session)
    return summary
  }
}

/// The messages of an import on their way into the queues.
struct ImportQueues: ~Copyable {
  private var phones: ImportPhones
  private let messages: ImportMessages
  private var rows: ImportRows
  private var counts = ImportCounts()

  init(_ db: Database, now: Instant, seed: UInt64) throws {
    let phones = try ImportPhones(db)
    let messages = try ImportMessages(db)
    let rows = try ImportRows(db, now: now, seed: seed)
    self.phones = phones
    self.messages = messages
    self.rows = rows
  }

  /// Adds the messages of a bundle or an answer.
  mutating func add(_ document: ImportDocument) throws {
    try document.forEachMessage { record in
      guard let message = try record.message() else {
        counts.skipped += 1
        return
      }
      guard let place = phones.place(of: message.owner) else {
        throw record.problem(.owner, "the number of a phone that is known or imported with it")
      }
      let isWaiting = message.status.isWaiting
      switch try messages.add(message, phoneKey: phones.entries[place].key) {
      case .added:
        counts.added += 1
        phones.note(place, waiting: isWaiting ? 1 : 0, needsReload: !isWaiting)
      case .moved(let status, let phoneKey):
        counts.updated += 1
        let difference = (isWaiting ? 1 : 0) - (status.isWaiting ? 1 : 0)
        phones.note(phones.place(ofKey: phoneKey) ?? place, waiting: difference, needsReload: true)
      case .unchanged: counts.unchanged += 1
      case .contradicted:
        throw record.problem(.id, "what the other record of this message says")
      }
    }
  }

  /// Adds the rows of a CSV file.
  mutating func add(_ input: ImportInput) throws {
    var reader = try CSVMessageReader(input)
    while let row = try reader.next() {
      guard let from = row.from, let place = phones.place(of: from) else {
        throw reader.problem("FromPhoneNumber", "the number of a known phone", row.from)
      }
      var sendAt: Instant?
      switch row.sendTime {
      case .none: break
      case .instant(let instant): sendAt = instant
      case .local(let local): sendAt = phones.instant(local: local, of: place)
      }
      if let sendAt, !ImportTime.isStorable(sendAt) {
        throw reader.sendTimeProblem()
      }
      let isNew = try rows.add(
        row, from: from, phoneKey: phones.entries[place].key, sendAt: sendAt, into: messages)
      if isNew {
        counts.added += 1
        phones.note(place, waiting: 1, needsReload: false)
      } else {
        counts.unchanged += 1
      }
    }
  }

  /// Writes what is left to write, and says what became of the messages.
  mutating func save(_ session: any Session) throws -> ImportCounts {
    try rows.save()
    try phones.save(session, messages)
    return counts
  }
}

extension Store {
  /// How much memory SQLite may use for pages during an import: 32 MiB.
  private static let importCache = "PRAGMA cache_size = -32768"

  /// Imports files in one transaction, all or nothing; a dry run is undone at its end.
  ///
  /// New messages of CSV files are queued at `stamp.at`; their ids begin with it and go on at random
  /// from `seed`. Throws ``ImportProblem``, ``StoreError``, or what the monitor of a file throws.
  package func bring(_ files: ImportFiles, stamp: Stamp, isDryRun: Bool, seed: UInt64) throws -> ImportSummary
  {
    let engine = try sqliteEngine()
    try engine.alone { _ = try $0.run(Self.importCache) }
    return try writeOrUndo { session in
      var summary = try engine.queue.unsafeReentrantWrite { db in
        try files.bring(into: db, session, path: path, stamp: stamp, seed: seed)
      }
      summary.isDryRun = isDryRun
      return (summary, !isDryRun)
    }
  }
}
