import Foundation

/// Texts and numbers of JSON.
extension ImportChunks {
  /// Reads a text after its opening quote, up to and with the closing one.
  mutating func text(into arena: inout ByteArena, keeps: Bool, limit: Int) throws {
    let start = arena.count
    while true {
      let plain = endOfPlain()
      if keeps, plain > position {
        arena.append(buffer + position, count: plain - position)
        guard arena.count - start <= limit else { throw problem("a text of at most \(limit) bytes") }
      }
      position = plain
      guard let byte = try peek() else {
        throw problem("a quote at the end of a text", found: try foundNext())
      }
      if byte == 0x22 {
        position += 1
        return
      }
      if byte == 0x5C {
        try escape(into: &arena, keeps: keeps)
      } else if byte < 0x20 {
        throw problem("control characters of a text to be escaped", found: try foundNext())
      } else if byte >= 0x80 {
        try character(into: &arena, keeps: keeps)
      }
    }
  }

  /// The place of the next byte that needs a closer look: a quote, a backslash, a control character or
  /// one beyond ASCII; eight are looked at together.
  @inline(__always)
  private func endOfPlain() -> Int {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let highs: UInt64 = 0x8080_8080_8080_8080
    var index = position
    while index + 8 <= end {
      let word = UInt64(littleEndian: UnsafeRawPointer(buffer + index).loadUnaligned(as: UInt64.self))
      let quote = word ^ (ones &* 0x22)
      let backslash = word ^ (ones &* 0x5C)
      let found =
        ((quote &- ones) & ~quote | (backslash &- ones) & ~backslash | (word &- ones &* 0x20) & ~word | word)
        & highs
      if found != 0 { return index + found.trailingZeroBitCount / 8 }
      index += 8
    }
    while index < end {
      let byte = buffer[index]
      if byte == 0x22 || byte == 0x5C || byte < 0x20 || byte >= 0x80 { break }
      index += 1
    }
    return index
  }

  // MARK: - Escapes

  private mutating func escape(into arena: inout ByteArena, keeps: Bool) throws {
    position += 1
    guard let byte = try peek() else { throw problem("a quote at the end of a text", found: try foundNext()) }
    var plain: UInt8?
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): plain = byte
    case UInt8(ascii: "n"): plain = 0x0A
    case UInt8(ascii: "r"): plain = 0x0D
    case UInt8(ascii: "t"): plain = 0x09
    case UInt8(ascii: "b"): plain = 0x08
    case UInt8(ascii: "f"): plain = 0x0C
    case UInt8(ascii: "u"): break
    default:
      throw problem("one of \" \\ / b f n r t u after a backslash", found: try foundNext())
    }
    position += 1
    if let plain {
      if keeps { arena.append(plain) }
    } else {
      let scalar = try escapedScalar()
      if keeps { append(scalar, to: &arena) }
    }
  }

  /// Four digits after `\u`, and a second escape after the first half of a pair.
  private mutating func escapedScalar() throws -> UInt32 {
    let first = try fourDigits()
    switch first {
    case 0xDC00...0xDFFF: throw problem("the first half of a surrogate pair before its second")
    case 0xD800...0xDBFF:
      guard try has(2), buffer[position] == 0x5C, buffer[position + 1] == UInt8(ascii: "u") else {
        throw problem("the second half of a surrogate pair", found: try foundNext())
      }
      position += 2
      let second = try fourDigits()
      guard (0xDC00...0xDFFF).contains(second) else { throw problem("the second half of a surrogate pair") }
      return 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
    default: return first
    }
  }

  private mutating func fourDigits() throws -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = try peek(), let digit = hexadecimalValue(byte) else {
        throw problem("four hexadecimal digits after \\u", found: try foundNext())
      }
      value = value << 4 | digit
      position += 1
    }
    return value
  }

  private func hexadecimalValue(_ byte: UInt8) -> UInt32? {
    switch byte {
    case 0x30...0x39: UInt32(byte - 0x30)
    case 0x41...0x46: UInt32(byte - 0x37)
    case 0x61...0x66: UInt32(byte - 0x57)
    default: nil
    }
  }

  private func append(_ scalar: UInt32, to arena: inout ByteArena) {
    guard let scalar = Unicode.Scalar(scalar) else { return }
    for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { arena.append(byte) }
  }

  // MARK: - Numbers

  /// Appends a number as it is written; its grammar is checked, its size is not.
  mutating func number(into arena: inout ByteArena) throws {
    try take(UInt8(ascii: "-"), into: &arena)
    if try take(UInt8(ascii: "0"), into: &arena) {
      if let byte = try peek(), (0x30...0x39).contains(byte) {
        throw problem("no zero in front of other digits", found: try foundNext())
      }
    } else {
      try digits(into: &arena)
    }
    if try take(UInt8(ascii: "."), into: &arena) { try digits(into: &arena) }
    if try take(UInt8(ascii: "e"), into: &arena) || take(UInt8(ascii: "E"), into: &arena) {
      if try !take(UInt8(ascii: "+"), into: &arena) { try take(UInt8(ascii: "-"), into: &arena) }
      try digits(into: &arena)
    }
  }

  @discardableResult
  private mutating func take(_ wanted: UInt8, into arena: inout ByteArena) throws -> Bool {
    guard try peek() == wanted else { return false }
    arena.append(wanted)
    position += 1
    return true
  }

  private mutating func digits(into arena: inout ByteArena) throws {
    var count = 0
    while let byte = try peek(), (0x30...0x39).contains(byte) {
      arena.append(byte)
      position += 1
      count += 1
      guard count <= 4096 else { throw problem("a number of at most 4096 digits") }
    }
    if count == 0 { throw problem("a digit", found: try foundNext()) }
  }
}
