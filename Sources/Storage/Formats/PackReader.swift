import Scheduling

/// Reads packed rows.
struct PackReader {
  private let bytes: PackedRow.Text
  private(set) var place = 0
  private var isSound = true

  init(_ bytes: PackedRow.Text) { self.bytes = bytes }

  var isAtEnd: Bool { place >= bytes.count }

  /// The next row; nil if that makes no sense.
  mutating func row() -> PackedRow? {
    let form = bytes[place]
    place += 1
    if form == PackedRow.Kind.row.rawValue { return sixesRow() }
    guard form == PackedRow.Kind.message.rawValue || form == PackedRow.Kind.decimalRow else { return nil }
    let kind = form == PackedRow.Kind.decimalRow ? PackedRow.Kind.row : .message
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

  // MARK: - Sixes

  private mutating func sixesRow() -> PackedRow? {
    var row = PackedRow(kind: .row, number: Int64(bitPattern: number()), owner: Int(number()))
    row.sendAt = instant()
    row.expiresAt = instant()
    row.isExact = six() == 1
    row.high = Int64(bitPattern: sixes(PackedRow.sixesOfWord))
    row.low = Int64(bitPattern: sixes(PackedRow.sixesOfWord))
    row.contact = bytes(number())
    row.content = bytes(number())
    return isSound ? row : nil
  }

  private mutating func six() -> UInt64 { sixes(1) }

  private mutating func sixes(_ count: Int) -> UInt64 {
    guard count <= bytes.count - place else {
      isSound = false
      return 0
    }
    var (value, shift, all): (UInt64, UInt64, UInt8) = (0, 0, 0)
    for byte in bytes[place..<place + count] {
      all |= byte &- 0x30
      value |= UInt64(byte &- 0x30) &<< shift
      shift += 6
    }
    if all > 0x3F { isSound = false }
    place += count
    return value
  }

  /// A number; nil for none.
  private mutating func optionalNumber() -> UInt64? {
    let count = Int(six())
    guard count <= PackedRow.sixesOfWord else {
      isSound = false
      return nil
    }
    return count == 0 ? nil : sixes(count)
  }

  private mutating func number() -> UInt64 {
    if let value = optionalNumber(), value <= 1 << 53 { return value }
    isSound = false
    return 0
  }

  private mutating func instant() -> Instant? {
    optionalNumber().map { Int64(bitPattern: $0 >> 1) ^ -Int64($0 & 1) }
  }

  // MARK: - Decimals

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
    let isNegative = place < bytes.count && bytes[place] == 0x2D
    if isNegative { place += 1 }
    let start = place
    var end = start
    var value: Int64 = 0
    while end < bytes.count {
      let digit = bytes[end] &- 0x30
      if digit > 9 { break }
      // The least number has no positive counterpart.
      value = value &* 10 &- Int64(digit)
      end += 1
    }
    guard end < bytes.count, bytes[end] == 0x09, end - start <= 19 else {
      isSound = false
      return nil
    }
    place = end + 1
    return end == start ? nil : isNegative ? value : 0 &- value
  }

  private mutating func text() -> PackedRow.Text { bytes(UInt64(bitPattern: integer())) }

  private mutating func bytes(_ count: UInt64) -> PackedRow.Text {
    guard count <= bytes.count - place else {
      isSound = false
      return PackedRow.Text(start: nil, count: 0)
    }
    defer { place += Int(count) }
    return PackedRow.Text(rebasing: bytes[place..<place + Int(count)])
  }
}
