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

  let kind: Kind
  /// Its number among all of the import, from 1.
  let number: Int64
  /// Its phone's number among those of the import, from 0.
  let owner: Int
  /// Its place in the order in which all are queued; only where they are.
  var place = 0
  var contact = Text(start: nil, count: 0)
  var content = Text(start: nil, count: 0)
  var sendAt: Instant?
  var expiresAt: Instant?
  var isExact = false
  /// The fingerprint of a row.
  var high: Int64 = 0
  var low: Int64 = 0
  /// What else a message says; nil for a row.
  var message: PackedMessage?

  /// The rows in `bytes`, one after another; ends where `body` throws, and at what makes no sense.
  static func each(in bytes: Text, _ body: (PackedRow) throws -> Void) throws {
    var reader = PackReader(bytes)
    while !reader.isAtEnd {
      guard let row = reader.row() else { throw Unreadable() }
      try body(row)
    }
  }

  /// The same, with the bytes of each row.
  static func each(in bytes: Text, _ body: (PackedRow, Text) throws -> Void) throws {
    var reader = PackReader(bytes)
    while !reader.isAtEnd {
      let start = reader.place
      guard let row = reader.row() else { throw Unreadable() }
      try body(row, Text(rebasing: bytes[start..<reader.place]))
    }
  }

  struct Unreadable: Error {}
}

/// What only messages of bundles say.
final class PackedMessage {
  var id = PackedRow.Text(start: nil, count: 0)
  var status = MessageStatus.pending
  var queuedAt: Instant = 0
  var retryAt: Instant?
  var lastAttemptedAt: Instant?
  var sentAt: Instant?
  var sendTime: Instant?
  var leaseExpiresAt: Instant?
  var attempts: Int64 = 0
  var maxAttempts: Int64?
  var reason: PackedRow.Text?
  var place = RowPlace()
}

/// Where a message stands in the files: file and list by their numbers.
struct RowPlace {
  var file: Int64 = 0
  var line: Int64 = 0
  var list: Int64 = 0
  var index: Int64?
}

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
    let start = begin(.row, number, owner, texts: row.contact.utf8.count + row.content.utf8.count)
    optional(row.sendAt)
    optional(row.expiresAt)
    integer(row.isExact ? 1 : 0)
    integer(row.fingerprint.high)
    integer(row.fingerprint.low)
    text(row.contact)
    text(row.content)
    entries.append(Entry(owner: Int32(owner), start: start, end: Int32(size)))
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

  func add(
    _ message: Message, sendTime: Instant?, at place: RowPlace, number: Int, owner: Int
  ) {
    let start = begin(
      .message, number, owner,
      texts: [message.contact, message.content, message.id, message.failureReason ?? ""]
        .reduce(0) { $0 + $1.utf8.count })
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

  private func begin(_ kind: PackedRow.Kind, _ number: Int, _ owner: Int, texts: Int) -> Int32 {
    let needed = size + Self.mostOfNumbers + texts
    if needed > capacity {
      let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: needed * 2)
      larger.update(from: memory, count: size)
      memory.deallocate()
      (memory, capacity) = (larger, needed * 2)
    }
    let start = Int32(size)
    byte(kind.rawValue)
    integer(Int64(number))
    integer(Int64(owner))
    return start
  }

  private func byte(_ value: UInt8) {
    memory[size] = value
    size += 1
  }

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
      if let start = $0.baseAddress { (memory + size).update(from: start, count: $0.count) }
      size += $0.count
    }
  }
}

/// Reads packed rows.
private struct PackReader {
  private let bytes: PackedRow.Text
  private(set) var place = 0
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
    case .message: row.message = message(&row)
    }
    return isSound ? row : nil
  }

  private mutating func message(_ row: inout PackedRow) -> PackedMessage {
    let message = PackedMessage()
    message.queuedAt = integer()
    message.retryAt = optional()
    message.lastAttemptedAt = optional()
    message.sentAt = optional()
    message.sendTime = optional()
    message.leaseExpiresAt = optional()
    message.attempts = integer()
    message.maxAttempts = optional()
    message.place = RowPlace(file: integer(), line: integer(), list: integer(), index: optional())
    row.contact = text()
    row.content = text()
    message.id = text()
    message.status = MessageStatus(rawValue: String(decoding: text(), as: UTF8.self)) ?? .failed
    let hasReason = integer() == 1
    let reason = text()
    message.reason = hasReason ? reason : nil
    return message
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
