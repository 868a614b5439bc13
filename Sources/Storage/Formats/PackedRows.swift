import Scheduling

/// One message of an import, packed: in few bytes, read without making texts of them.
///
/// Numbers stand in decimals with a tab behind each, nothing for none; texts have their length in front. The form is
/// kept in databases: what an older program left, a newer one must read.
struct PackedRow {
  /// A row of CSV, or a message of a bundle.
  enum Kind: UInt8 {
    case row = 0x72
    case message = 0x6D
  }

  /// UTF-8 that stands where the row was read from.
  typealias Text = UnsafeBufferPointer<UInt8>

  var kind = Kind.row
  /// Its number among all of the import, from 1.
  var number: Int64 = 0
  /// Its phone's number among those of the import, from 0.
  var owner = 0
  var contact = Text(start: nil, count: 0)
  var content = Text(start: nil, count: 0)
  var sendAt: Instant?
  var expiresAt: Instant?
  var isExact = false
  // Rows
  var high: Int64 = 0
  var low: Int64 = 0
  // Messages
  var id = Text(start: nil, count: 0)
  var status = MessageStatus.pending
  var queuedAt: Instant = 0
  var retryAt: Instant?
  var lastAttemptedAt: Instant?
  var sentAt: Instant?
  var sendTime: Instant?
  var leaseExpiresAt: Instant?
  var attempts: Int64 = 0
  var maxAttempts: Int64?
  var reason: Text?
  var place = RowPlace()

  /// The rows in `bytes`, one after another; ends where `body` throws, and at what makes no sense.
  static func each(in bytes: Text, _ body: (PackedRow) throws -> Void) throws {
    var reader = PackReader(bytes)
    while !reader.isAtEnd {
      guard let row = reader.row() else { throw Unreadable() }
      try body(row)
    }
  }

  struct Unreadable: Error {}
}

/// Where a message stands in the files: file and list by their numbers.
struct RowPlace {
  var file: Int64 = 0
  var line: Int64 = 0
  var list: Int64 = 0
  var index: Int64?
}

/// Rows that are being packed.
struct PackedRows {
  /// Where a row stands, and of which phone it is.
  struct Entry {
    var owner: Int32
    var start: Int32
    var end: Int32
  }

  private(set) var bytes: [UInt8] = []
  private(set) var entries: [Entry] = []

  var isEmpty: Bool { entries.isEmpty }

  mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    entries.removeAll(keepingCapacity: true)
  }

  mutating func add(_ row: CSVRow, number: Int, owner: Int) {
    let start = begin(.row, number, owner)
    optional(row.sendAt)
    optional(row.expiresAt)
    integer(row.isExact ? 1 : 0)
    integer(row.fingerprint.high)
    integer(row.fingerprint.low)
    text(row.contact)
    text(row.content)
    entries.append(Entry(owner: Int32(owner), start: start, end: Int32(bytes.count)))
  }

  /// What of a row of CSV is kept.
  struct CSVRow {
    var contact: String
    var content: String
    var sendAt: Instant?
    var expiresAt: Instant?
    var isExact: Bool
    var fingerprint: RowFingerprint
  }

  mutating func add(
    _ message: Message, sendTime: Instant?, at place: RowPlace, number: Int, owner: Int
  ) {
    let start = begin(.message, number, owner)
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
    entries.append(Entry(owner: Int32(owner), start: start, end: Int32(bytes.count)))
  }

  private mutating func begin(_ kind: PackedRow.Kind, _ number: Int, _ owner: Int) -> Int32 {
    let start = Int32(bytes.count)
    bytes.append(kind.rawValue)
    integer(Int64(number))
    integer(Int64(owner))
    return start
  }

  private mutating func optional(_ value: Int64?) {
    if let value { integer(value) } else { bytes.append(0x09) }
  }

  private mutating func integer(_ value: Int64) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 21) { digits in
      var place = 20
      digits[20] = 0x09
      var rest = value.magnitude
      repeat {
        place -= 1
        digits[place] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
        rest /= 10
      } while rest > 0
      if value < 0 {
        place -= 1
        digits[place] = 0x2D
      }
      bytes.append(
        contentsOf: UnsafeBufferPointer(start: digits.baseAddress.map { $0 + place }, count: 21 - place))
    }
  }

  private mutating func text(_ value: String) {
    var value = value
    value.withUTF8 {
      integer(Int64($0.count))
      bytes.append(contentsOf: $0)
    }
  }
}

/// Reads packed rows.
private struct PackReader {
  private let bytes: PackedRow.Text
  private var place = 0
  private var isSound = true

  init(_ bytes: PackedRow.Text) { self.bytes = bytes }

  var isAtEnd: Bool { place >= bytes.count }

  /// The next row; nil if that makes no sense.
  mutating func row() -> PackedRow? {
    guard let kind = PackedRow.Kind(rawValue: bytes[place]) else { return nil }
    place += 1
    var row = PackedRow(kind: kind, number: integer(), owner: Int(integer()))
    row.sendAt = optional()
    row.expiresAt = optional()
    row.isExact = integer() == 1
    switch kind {
    case .row:
      row.high = integer()
      row.low = integer()
      row.contact = text()
      row.content = text()
    case .message: message(&row)
    }
    return isSound ? row : nil
  }

  private mutating func message(_ row: inout PackedRow) {
    row.queuedAt = integer()
    row.retryAt = optional()
    row.lastAttemptedAt = optional()
    row.sentAt = optional()
    row.sendTime = optional()
    row.leaseExpiresAt = optional()
    row.attempts = integer()
    row.maxAttempts = optional()
    row.place = RowPlace(file: integer(), line: integer(), list: integer(), index: optional())
    row.contact = text()
    row.content = text()
    row.id = text()
    row.status = MessageStatus(rawValue: String(decoding: text(), as: UTF8.self)) ?? .failed
    let hasReason = integer() == 1
    let reason = text()
    row.reason = hasReason ? reason : nil
  }

  private mutating func integer() -> Int64 {
    if let value = optional() { return value }
    isSound = false
    return 0
  }

  private mutating func optional() -> Int64? {
    var value: Int64 = 0
    let isNegative = place < bytes.count && bytes[place] == 0x2D
    if isNegative { place += 1 }
    let start = place
    while place < bytes.count, bytes[place] != 0x09 {
      let digit = bytes[place] &- 0x30
      guard digit < 10, place - start < 19 else {
        isSound = false
        return nil
      }
      // The least number has no positive counterpart.
      value = value &* 10 &- Int64(digit)
      place += 1
    }
    guard place < bytes.count else {
      isSound = false
      return nil
    }
    place += 1
    return place - 1 == start ? nil : isNegative ? value : 0 &- value
  }

  private mutating func text() -> PackedRow.Text {
    let count = Int(integer())
    guard count >= 0, count <= bytes.count - place else {
      isSound = false
      return PackedRow.Text(start: nil, count: 0)
    }
    defer { place += count }
    return PackedRow.Text(rebasing: bytes[place..<place + count])
  }
}

extension PackedRow.Text {
  /// The text as one of Swift's.
  var string: String { String(decoding: self, as: UTF8.self) }
}
