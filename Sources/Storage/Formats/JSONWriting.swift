import Scheduling

/// JSON as bytes under construction: one object after another, in a buffer that is reused.
///
/// What it writes may be shown on a terminal as it is: control characters (C0, DEL, C1), line and paragraph
/// separators and the controls of text direction are always escaped, and invalid UTF-8 becomes U+FFFD.
package struct JSONBytes: Sendable {
  /// What was written since the start, or since ``removeAll()``.
  package private(set) var bytes: [UInt8] = []

  package init() {}

  /// What was written, as a string.
  package var string: String { String(decoding: bytes, as: UTF8.self) }

  /// Forgets what was written and keeps the memory.
  package mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

  /// Punctuation, names with their quotes, or anything else that is JSON already.
  @inlinable
  package mutating func raw(_ literal: StaticString) {
    literal.withUTF8Buffer { append($0) }
  }

  /// A line feed, which ends an object where there are many.
  package mutating func newline() { bytes.append(0x0A) }

  package mutating func boolean(_ value: Bool) { raw(value ? "true" : "false") }

  package mutating func null() { raw("null") }

  package mutating func integer(_ value: Int) { integer(Int64(value)) }

  package mutating func integer(_ value: Int64) {
    if value < 0 { bytes.append(0x2D) }
    var rest = value.magnitude
    if rest < 10 {
      bytes.append(0x30 + UInt8(rest))
      return
    }
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
      var start = 20
      repeat {
        start -= 1
        digits[start] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
        rest /= 10
      } while rest > 0
      bytes.append(contentsOf: digits[start...])
    }
  }

  /// A text in quotes.
  package mutating func text(_ value: String) {
    var value = value
    value.withUTF8 { text($0) }
  }

  /// A text in quotes, or null.
  package mutating func text(_ value: String?) {
    if let value { text(value) } else { null() }
  }

  /// A text in quotes, from UTF-8 that may be damaged.
  package mutating func text(_ utf8: UnsafeBufferPointer<UInt8>) {
    bytes.append(0x22)
    var plain = 0
    var index = 0
    while index < utf8.count {
      let byte = utf8[index]
      if byte >= 0x20 && byte < 0x7F && byte != 0x22 && byte != 0x5C {
        index += 1
        continue
      }
      if byte < 0x80 {
        append(utf8, plain..<index)
        escapeASCII(byte)
        index += 1
        plain = index
      } else {
        let (scalar, length) = UTF8Decoding.scalar(in: utf8, at: index)
        if scalar == nil || TerminalSafety.isDangerous(scalar ?? 0) {
          append(utf8, plain..<index)
          escape(scalar ?? 0xFFFD)
          plain = index + length
        }
        index += length
      }
    }
    append(utf8, plain..<utf8.count)
    bytes.append(0x22)
  }

  @usableFromInline
  mutating func append(_ other: UnsafeBufferPointer<UInt8>) {
    bytes.append(contentsOf: other)
  }

  private mutating func append(_ utf8: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
    if !range.isEmpty { append(UnsafeBufferPointer(rebasing: utf8[range])) }
  }

  private mutating func escapeASCII(_ byte: UInt8) {
    switch byte {
    case 0x22: raw("\\\"")
    case 0x5C: raw("\\\\")
    case 0x0A: raw("\\n")
    case 0x0D: raw("\\r")
    case 0x09: raw("\\t")
    default: escape(UInt32(byte))
    }
  }

  /// `\uXXXX`; everything that is escaped lies in the basic plane. U+FFFD stands as itself.
  private mutating func escape(_ scalar: UInt32) {
    if scalar == 0xFFFD {
      bytes.append(contentsOf: [0xEF, 0xBF, 0xBD])
      return
    }
    raw("\\u")
    for shift in stride(from: 12, through: 0, by: -4) {
      let digit = UInt8(truncatingIfNeeded: scalar >> UInt32(shift)) & 0xF
      bytes.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
    }
  }
}

/// Which characters must not reach a terminal as they are.
enum TerminalSafety {
  /// Whether a character beyond ASCII could act on a terminal, break a line or turn the text around.
  @inline(__always)
  static func isDangerous(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x80...0x9F, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF, 0xFFF9...0xFFFB: true
    default: false
    }
  }
}

/// Strict UTF-8: no overlong forms, no surrogates, nothing beyond U+10FFFF.
enum UTF8Decoding {
  /// The character that starts at `index` with its length in bytes; nil and 1 where the bytes are not UTF-8.
  @inline(__always)
  static func scalar(in utf8: UnsafeBufferPointer<UInt8>, at index: Int) -> (scalar: UInt32?, length: Int) {
    let first = utf8[index]
    if first < 0x80 { return (UInt32(first), 1) }
    let length = length(first)
    guard length > 0, index + length <= utf8.count else { return (nil, 1) }
    var scalar = UInt32(first) & (0x7F >> UInt32(length))
    for offset in 1..<length {
      let byte = utf8[index + offset]
      guard byte & 0xC0 == 0x80 else { return (nil, 1) }
      scalar = scalar << 6 | UInt32(byte & 0x3F)
    }
    return isValid(scalar, length) ? (scalar, length) : (nil, 1)
  }

  /// How many bytes a character has whose first byte is this one, at least 0x80; 0 if none begins so.
  @inline(__always)
  static func length(_ first: UInt8) -> Int {
    switch first {
    case 0xC2...0xDF: 2
    case 0xE0...0xEF: 3
    case 0xF0...0xF4: 4
    default: 0
    }
  }

  @inline(__always)
  private static func isValid(_ scalar: UInt32, _ length: Int) -> Bool {
    switch length {
    case 2: true
    case 3: scalar >= 0x800 && !(0xD800...0xDFFF).contains(scalar)
    default: (0x10000...0x10FFFF).contains(scalar)
    }
  }
}
