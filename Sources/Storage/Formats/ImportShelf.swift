import Formats
import Glibc

/// Sizes of an import, for tests to be small with.
package struct ImportLimits: Sendable {
  /// An import of no more rows is one transaction.
  package var small = 1_500
  /// Bytes of packed rows that are held in memory before they are put away together, sorted by phone.
  package var held = 8 << 20
  /// Bytes of packed rows that are put away, and queued, together.
  package var chunk = 64 << 10
  /// Whether each chunk is queued by itself.
  package var isOneAtATime = false
  /// What others are told of this process; nil for the engine's own.
  package var presence: (any Presence)?

  package init() {}
}

/// Packed rows of some phones, in the order in which they are to be queued.
struct ImportChunk {
  /// The phones, by their numbers among those of the import.
  let bucket: Int
  let count: Int
  let bytes: [UInt8]
}

/// Where the rows of an import wait until they are queued: few in memory; more in the database, so that others can go
/// on with what was decided, or, where nobody could, in a file.
final class ImportShelf {
  private let store: Store
  private let limits: ImportLimits
  let worker: PendingWorker
  private let isInDatabase: Bool
  /// The number of the import in the database; nil as long as nothing of it is there.
  private(set) var number: Int64?
  /// Whether the import has taken place, so that its rows are of use to others.
  var isDecided = false
  private var placed = 0
  private var held: [ImportChunk] = []
  private var file: SpoolFile?
  private var filed: [(bucket: Int, count: Int, offset: Int, size: Int)] = []
  private var fileSize = 0

  /// How many phones' rows lie together.
  private static let bucket = 32
  /// Bytes that one transaction puts into the database.
  private static let most = 1 << 20

  init(_ store: Store, _ options: ImportOptions) {
    self.store = store
    limits = options.limits
    worker = PendingWorker { options.limits.presence ?? store.engine.presence() }
    isInDatabase = !options.isDryRun && !store.engine.isAlone
  }

  /// Puts rows away. They come back by phone, those of a phone in their order.
  func put(_ rows: PackedRows, isAll: Bool) throws {
    let chunks = chunks(of: rows)
    if isAll, number == nil, filed.isEmpty, rows.entries.count <= limits.small {
      held += chunks
    } else if isInDatabase {
      try keep(chunks)
    } else {
      try write(chunks)
    }
  }

  /// Cuts rows into chunks, sorted by phone.
  private func chunks(of rows: PackedRows) -> [ImportChunk] {
    let entries = rows.entries
    var order = entries.indices.map { UInt64(UInt32(bitPattern: entries[$0].owner)) << 32 | UInt64($0) }
    let isSorted = zip(order, order.dropFirst()).allSatisfy { $0 < $1 }
    if !isSorted { order.sort() }
    var chunks: [ImportChunk] = []
    var bytes: [UInt8] = []
    var (bucket, count) = (0, 0)
    func end() {
      if count > 0 { chunks.append(ImportChunk(bucket: bucket, count: count, bytes: bytes)) }
      (bytes, count) = ([], 0)
    }
    rows.bytes.withUnsafeBufferPointer { all in
      for place in order {
        let entry = entries[Int(place & 0xFFFF_FFFF)]
        let next = Int(entry.owner) / Self.bucket
        if next != bucket || bytes.count + Int(entry.end - entry.start) > limits.chunk { end() }
        bucket = next
        if bytes.isEmpty { bytes.reserveCapacity(limits.chunk) }
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: all[Int(entry.start)..<Int(entry.end)]))
        count += 1
      }
    }
    end()
    return chunks
  }

  // MARK: - The database

  private func keep(_ chunks: [ImportChunk]) throws {
    let number = try number ?? PendingImports.begin(self.store, worker)
    self.number = number
    var rest = chunks[...]
    while !rest.isEmpty {
      var size = 0
      let part = rest.prefix { chunk in
        defer { size += chunk.bytes.count }
        return size < Self.most
      }
      let first = placed
      try store.engine.writeInTurn { session, _ in
        try PendingImports.put(part, of: number, first: first, by: worker, session)
      }
      placed += part.count
      rest = rest.dropFirst(part.count)
    }
  }

  // MARK: - A file

  private func write(_ chunks: [ImportChunk]) throws {
    let file = try file ?? SpoolFile()
    self.file = file
    for chunk in chunks {
      var done = 0
      while done < chunk.bytes.count {
        let count = chunk.bytes.withUnsafeBytes {
          Glibc.write(file.descriptor, $0.baseAddress.map { $0 + done }, $0.count - done)
        }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw Self.problem(errno) }
        done += count
      }
      filed.append((chunk.bucket, chunk.count, fileSize, chunk.bytes.count))
      fileSize += chunk.bytes.count
    }
  }

  private func read(at offset: Int, _ size: Int) throws -> [UInt8] {
    guard let file else { return [] }
    return try [UInt8](unsafeUninitializedCapacity: size) { bytes, filled in
      while filled < size, let start = bytes.baseAddress {
        let count = pread(file.descriptor, start + filled, size - filled, off_t(offset + filled))
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw Self.problem(errno) }
        filled += count
      }
    }
  }

  private static func problem(_ code: Int32) -> ImportProblem {
    let reason = String(cString: strerror(code))
    return ImportProblem(
      file: "import", expected: "cannot use a temporary file (\(reason))", exitCode: 74)
  }

  // MARK: - Reading

  /// Hands all rows to `body`, a chunk at a time, by phone.
  func each(_ body: (PackedRow.Text) throws -> Void) throws {
    if let number {
      var last: Int64?
      while let chunk = try store.read({ try PendingImports.next($0, of: number, after: last) }) {
        try chunk.bytes.withUnsafeBufferPointer(body)
        last = chunk.key
      }
      return
    }
    for chunk in held { try chunk.bytes.withUnsafeBufferPointer(body) }
    for index in filed.indices.sorted(by: { (filed[$0].bucket, $0) < (filed[$1].bucket, $1) }) {
      try read(at: filed[index].offset, filed[index].size).withUnsafeBufferPointer(body)
    }
  }

  /// Forgets what is in the database and was not decided.
  func discard() {
    guard let number, !isDecided else { return }
    self.number = nil
    // If it is not known whether it was decided, somebody else finds out.
    guard (try? PendingImports.leave(store, number, worker, isUndecided: true)) == true else {
      _ = try? PendingImports.leave(store, number, worker)
      return
    }
    try? PendingImports.drop(store, number)
  }
}
