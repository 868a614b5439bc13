import Formats
import Glibc

/// Sizes of an import, for tests to be small with.
package struct ImportLimits: Sendable {
  /// An import of no more rows is one transaction.
  package var small = 1_500
  /// Bytes of packed rows that are held in memory before they are put away together, sorted by phone.
  package var held = 8 << 20
  /// Bytes of packed rows that wait in the database in one piece, and are queued together.
  package var chunk = 64 << 10
  /// Whether each chunk is queued by itself.
  package var isOneAtATime = false
  /// What others are told of this process; nil for the engine's own.
  package var presence: (any Presence)?

  package init() {}
}

/// Packed rows in the order in which they are to be queued.
struct ImportChunk {
  /// The place of the first row in that order, from 0.
  var first: Int
  var count: Int
  var bytes: [UInt8]
}

/// Where the rows of an import wait until they are queued: few in memory, more in a file that only this process sees, and,
/// once it is known that they can take place, in the database, so that others can go on with what was decided.
final class ImportShelf {
  private let store: Store
  private let limits: ImportLimits
  let worker: PendingWorker
  private var held = PackedRows()
  private var spool: RowSpool?
  /// The import in the database, and what was left out of it; nil as long as nothing of it is there.
  private var staged: (number: Int64, dropped: DroppedRows)?
  /// Whether the import has taken place, so that its rows are of use to others.
  var isDecided = false

  /// Bytes that one transaction puts into the database.
  private static let most = 1 << 20

  init(_ store: Store, _ options: ImportOptions) {
    self.store = store
    limits = options.limits
    worker = PendingWorker { options.limits.presence ?? store.engine.presence() }
  }

  /// Puts rows away; `isAll` with the last ones.
  func put(_ rows: PackedRows, isAll: Bool) throws {
    if isAll, spool == nil, rows.entries.count <= limits.small {
      held = rows
    } else {
      let spool = try spool ?? RowSpool()
      self.spool = spool
      try spool.add(rows, groups: limits.chunk)
    }
  }

  // MARK: - Reading

  /// Hands the rows to `body`, a chunk at a time, by phone, those of a phone in their order.
  func each(without dropped: DroppedRows = DroppedRows(), _ body: (ImportChunk) throws -> Void) throws {
    var chunk = ImportChunk(first: 0, count: 0, bytes: [])
    func end() throws {
      guard chunk.count > 0 else { return }
      try body(chunk)
      chunk.first += chunk.count
      chunk.count = 0
      chunk.bytes.removeAll(keepingCapacity: true)
    }
    func add(_ group: RowGroup) throws {
      if chunk.bytes.count + group.bytes.count > limits.chunk { try end() }
      if dropped.isEmpty {
        chunk.count += group.count
        chunk.bytes.append(contentsOf: group.bytes)
      } else {
        try PackedRow.each(in: group.bytes) { row, bytes in
          guard !dropped.contains(row.number) else { return }
          chunk.count += 1
          chunk.bytes.append(contentsOf: bytes)
        }
      }
    }
    if let spool { try spool.each(add) } else { try held.groups(limits.chunk, add) }
    try end()
  }

  // MARK: - The database

  /// Puts all rows but some into the database, where they are not yet; returns the import's number there.
  func stage(without dropped: DroppedRows) throws -> Int64 {
    if let staged {
      if dropped.contains(allOf: staged.dropped) { return staged.number }
      discard()
    }
    let number = try PendingImports.begin(store, worker)
    staged = (number, dropped)
    var waiting: [ImportChunk] = []
    var size = 0
    func flush() throws {
      guard !waiting.isEmpty else { return }
      try store.engine.writeInTurn { session, _ in
        try PendingImports.put(waiting, of: number, by: worker, session)
      }
      waiting = []
      size = 0
    }
    try each(without: dropped) { chunk in
      waiting.append(chunk)
      size += chunk.bytes.count
      if size >= Self.most { try flush() }
    }
    try flush()
    return number
  }

  /// Whether just these rows were left out of what is in the database.
  func hasLeftOut(_ dropped: DroppedRows) -> Bool {
    staged.map { $0.dropped.contains(allOf: dropped) } ?? false
  }

  /// Forgets what is in the database and was not decided.
  func discard() {
    guard let number = staged?.number, !isDecided else { return }
    staged = nil
    // If it is not known whether it was decided, somebody else finds out.
    guard (try? PendingImports.leave(store, number, worker, isUndecided: true)) == true else {
      _ = try? PendingImports.leave(store, number, worker)
      return
    }
    try? PendingImports.drop(store, number)
  }
}
