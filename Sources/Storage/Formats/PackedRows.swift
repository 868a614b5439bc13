import Scheduling

/// Rows that are being packed.
final class PackedRows {
  /// Where a row stands, and of which phone it is.
  struct Entry {
    var owner: Int32
    var start: Int32
    var end: Int32
  }

  private(set) var entries: [Entry] = []
  /// Memory of its own: arrays grow by a call for each number.
  private var memory = UnsafeMutablePointer<UInt8>.allocate(capacity: 1 << 12)
  private var capacity = 1 << 12
  private var size = 0

  /// More than the numbers of a row, with a tab behind each, take.
  private static let mostOfNumbers = 512

  deinit { memory.deallocate() }

  var isEmpty: Bool { entries.isEmpty }
  var bytes: PackedRow.Text { PackedRow.Text(start: memory, count: size) }

  func removeAll() {
    size = 0
    entries.removeAll(keepingCapacity: true)
  }

  func add(_ row: CSVRow, number: Int, owner: Int) {
    let start = begin(.row, texts: row.contact.count + row.content.count)
    sixes(UInt64(number))
    sixes(UInt64(owner))
    sixes(row.sendAt)
    sixes(row.expiresAt)
    six(row.isExact ? 1 : 0)
    sixes(UInt64(bitPattern: row.fingerprint.high), count: PackedRow.sixesOfWord)
    sixes(UInt64(bitPattern: row.fingerprint.low), count: PackedRow.sixesOfWord)
    sixes(UInt64(row.contact.count))
    contact(row.contact)
    sixes(UInt64(row.content.count))
    bytes(row.content)
    entries.append(Entry(owner: Int32(owner), start: start, end: Int32(size)))
  }

  /// What of a row of CSV is kept.
  struct CSVRow {
    var contact: NumberText
    var content: PackedRow.Text
    var sendAt: Instant?
    var expiresAt: Instant?
    var isExact: Bool
    var fingerprint: RowFingerprint
  }

  func add(
    _ message: Message, sendTime: Instant?, at place: RowPlace, number: Int, owner: Int
  ) {
    let start = begin(
      .message,
      texts: [message.contact, message.content, message.id, message.failureReason ?? ""]
        .reduce(0) { $0 + $1.utf8.count })
    integer(Int64(number))
    integer(Int64(owner))
    optional(message.sendAt)
    optional(message.expiresAt)
    integer(message.isExact ? 1 : 0)
    integer(message.queuedAt)
    for time in [
      message.retryAt, message.lastAttemptedAt, message.sentAt, sendTime, message.leaseExpiresAt,
    ] {
      optional(time)
    }
    integer(Int64(message.sendAttemptCount))
    optional(message.maxSendAttempts.map(Int64.init))
    integer(place.file)
    integer(place.line)
    integer(place.list)
    optional(place.index)
    text(message.contact)
    text(message.content)
    text(message.id)
    text(message.status.rawValue)
    integer(message.failureReason == nil ? 0 : 1)
    text(message.failureReason ?? "")
    entries.append(Entry(owner: Int32(owner), start: start, end: Int32(size)))
  }

  private func begin(_ kind: PackedRow.Kind, texts: Int) -> Int32 {
    let needed = size + Self.mostOfNumbers + texts
    if needed > capacity {
      let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: needed * 2)
      larger.update(from: memory, count: size)
      memory.deallocate()
      (memory, capacity) = (larger, needed * 2)
    }
    let start = Int32(size)
    byte(kind.rawValue)
    return start
  }

  private func byte(_ value: UInt8) {
    memory[size] = value
    size += 1
  }

  private func contact(_ value: NumberText) {
    // There is room for all of its bytes, and what is behind it is written over.
    UnsafeMutableRawPointer(memory + size).storeBytes(of: value.words, as: SIMD2<UInt64>.self)
    size += value.count
  }

  // MARK: - Decimals

  private func optional(_ value: Int64?) {
    if let value { integer(value) } else { byte(0x09) }
  }

  private func integer(_ value: Int64) {
    value.withDecimalDigits { digits in
      if let start = UnsafeMutableBufferPointer(rebasing: digits).baseAddress {
        (memory + size).update(from: start, count: digits.count)
      }
      size += digits.count
    }
    byte(0x09)
  }

  private func text(_ value: String) {
    var value = value
    value.withUTF8 {
      integer(Int64($0.count))
      bytes($0)
    }
  }

  private func bytes(_ value: PackedRow.Text) {
    if let start = value.baseAddress { (memory + size).update(from: start, count: value.count) }
    size += value.count
  }

  // MARK: - Sixes

  private func six(_ bits: UInt64) { byte(0x30 + UInt8(truncatingIfNeeded: bits & 0x3F)) }

  private func sixes(_ value: UInt64, count: Int) {
    var rest = value
    for _ in 0..<count {
      six(rest)
      rest >>= 6
    }
  }

  private func sixes(_ value: UInt64) {
    let count = max(1, (UInt64.bitWidth - value.leadingZeroBitCount + 5) / 6)
    six(UInt64(count))
    sixes(value, count: count)
  }

  /// An instant, or none; those before 1970 come in turn with those after it.
  private func sixes(_ value: Instant?) {
    guard let value else { return six(0) }
    sixes(UInt64(bitPattern: value << 1 ^ value >> 63))
  }
}
