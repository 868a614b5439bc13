import Formats

/// Packed rows of one phone that follow each other.
struct RowGroup {
  /// The phone's number among those of the import.
  let owner: Int
  let count: Int
  let bytes: PackedRow.Text
}

extension PackedRows {
  /// Hands the rows to `body` by phone, those of a phone in their order, in groups of some bytes.
  func groups(_ limit: Int, _ body: (RowGroup) throws -> Void) rethrows {
    var order: [UInt64] = []
    order.reserveCapacity(entries.count)
    var isSorted = true
    for (index, entry) in entries.enumerated() {
      let place = UInt64(UInt32(bitPattern: entry.owner)) << 32 | UInt64(index)
      if let last = order.last, last > place { isSorted = false }
      order.append(place)
    }
    if !isSorted { order.sort() }
    var group: [UInt8] = []
    var (owner, count): (Int32, Int) = (0, 0)
    func end() throws {
      guard count > 0 else { return }
      try group.withUnsafeBufferPointer { try body(RowGroup(owner: Int(owner), count: count, bytes: $0)) }
      group.removeAll(keepingCapacity: true)
      count = 0
    }
    for place in order {
      let entry = entries[Int(place & 0xFFFF_FFFF)]
      if entry.owner != owner || group.count + Int(entry.end - entry.start) > limit { try end() }
      owner = entry.owner
      group.append(contentsOf: PackedRow.Text(rebasing: bytes[Int(entry.start)..<Int(entry.end)]))
      count += 1
    }
    try end()
  }
}

/// Rows in a file without a name, which come back by phone.
///
/// They are put away some at a time, sorted, and merged when they are read: so those of thousands of phones in turn reach
/// the queues a phone after the other, in an order in which a queue costs least, and in little memory however many they are.
final class RowSpool {
  private let file: SpoolFile
  private var size = 0
  /// Where what was put away together stands.
  private var runs: [Range<Int>] = []
  private var owners = 0

  /// Three numbers stand before each group: its phone's, and how many rows and bytes it has.
  private typealias Header = (owner: Int32, count: Int32, size: Int32)
  /// Bytes that are written together.
  private static let most = 256 << 10
  /// Bytes that all runs together are read ahead by.
  private static let ahead = 8 << 20

  init() throws { file = try SpoolFile() }

  /// Puts rows away, in groups of some bytes.
  func add(_ rows: PackedRows, groups limit: Int) throws {
    let start = size
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.most + limit)
    func flush() throws {
      try bytes.withUnsafeBytes(file.append)
      size += bytes.count
      bytes.removeAll(keepingCapacity: true)
    }
    try rows.groups(limit) { group in
      var header: Header = (Int32(group.owner), Int32(group.count), Int32(group.bytes.count))
      withUnsafeBytes(of: &header) { bytes.append(contentsOf: $0) }
      bytes.append(contentsOf: group.bytes)
      owners = max(owners, group.owner + 1)
      if bytes.count >= Self.most { try flush() }
    }
    try flush()
    runs.append(start..<size)
  }

  /// Hands all rows to `body` by phone, those of a phone in the order in which they came.
  func each(_ body: (RowGroup) throws -> Void) throws {
    let ahead = max(4 << 10, min(Self.most, Self.ahead / max(1, runs.count)))
    let readers = try runs.map { try Reader(file, $0, ahead: ahead) }
    for owner in 0..<owners {
      for reader in readers { while reader.owner == owner { try reader.next(body) } }
    }
  }

  /// Reads one run.
  private final class Reader {
    private let file: SpoolFile
    private let ahead: Int
    private var rest: Range<Int>
    private var bytes: [UInt8] = []
    private var place = 0
    private var header: Header = (0, 0, 0)
    /// The phone of the next group; nil at the end.
    private(set) var owner: Int?

    init(_ file: SpoolFile, _ run: Range<Int>, ahead: Int) throws {
      (self.file, rest, self.ahead) = (file, run, ahead)
      try readHeader()
    }

    func next(_ body: (RowGroup) throws -> Void) throws {
      let size = Int(header.size)
      try fill(size)
      try bytes.withUnsafeBufferPointer {
        let text = PackedRow.Text(rebasing: $0[place..<place + size])
        try body(RowGroup(owner: Int(header.owner), count: Int(header.count), bytes: text))
      }
      place += size
      try readHeader()
    }

    private func readHeader() throws {
      owner = nil
      guard place < bytes.count || !rest.isEmpty else { return }
      let size = MemoryLayout<Header>.size
      try fill(size)
      header = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place, as: Header.self) }
      place += size
      owner = Int(header.owner)
    }

    /// Makes sure that so many bytes are there.
    private func fill(_ count: Int) throws {
      let missing = count - (bytes.count - place)
      guard missing > 0 else { return }
      bytes.removeFirst(place)
      place = 0
      let added = min(rest.count, max(missing, ahead))
      let old = bytes.count
      bytes += Array(repeating: 0, count: added)
      try bytes.withUnsafeMutableBytes {
        try file.read(UnsafeMutableRawBufferPointer(rebasing: $0[old...]), at: rest.lowerBound)
      }
      rest = rest.lowerBound + added..<rest.upperBound
    }
  }
}
