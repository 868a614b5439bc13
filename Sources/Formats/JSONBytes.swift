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
    value.withDecimalDigits { bytes.append(contentsOf: $0) }
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
    guard let plain = utf8.firstIndex(where: { $0 < 0x20 || $0 >= 0x7F || $0 == 0x22 || $0 == 0x5C }) else {
      bytes.append(0x22)
      append(utf8)
      bytes.append(0x22)
      return
    }
    bytes.append(0x22)
    append(UnsafeBufferPointer(rebasing: utf8[..<plain]))
    var decoder = UTF8.ForwardParser()
    var rest = utf8[plain...].makeIterator()
    while true {
      switch decoder.parseScalar(from: &rest) {
      case .emptyInput:
        bytes.append(0x22)
        return
      case .error(let length):
        for _ in 0..<max(1, length) { bytes.append(contentsOf: [0xEF, 0xBF, 0xBD]) }
      case .valid(let encoded): scalar(encoded)
      }
    }
  }

  private mutating func scalar(_ encoded: UTF8.EncodedScalar) {
    let scalar = UTF8.decode(encoded)
    if scalar.value < 0x80 {
      escapeASCII(UInt8(scalar.value))
    } else if scalar.actsOnText {
      escape(scalar.value)
    } else {
      bytes.append(contentsOf: encoded)
    }
  }

  /// A time in quotes, RFC 3339 in UTC with milliseconds, or null.
  package mutating func time(_ instant: Instant?) {
    if let instant { time(instant) } else { null() }
  }

  /// A time in quotes, RFC 3339 in UTC with milliseconds: `"2026-03-29T06:00:00.000Z"`.
  package mutating func time(_ instant: Instant) {
    bytes.append(0x22)
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { buffer in
      let count = Timestamp.write(instant, into: buffer)
      bytes.append(contentsOf: buffer[..<count])
    }
    bytes.append(0x22)
  }

  @usableFromInline
  mutating func append(_ other: UnsafeBufferPointer<UInt8>) {
    bytes.append(contentsOf: other)
  }

  private mutating func escapeASCII(_ byte: UInt8) {
    switch byte {
    case 0x22: raw("\\\"")
    case 0x5C: raw("\\\\")
    case 0x0A: raw("\\n")
    case 0x0D: raw("\\r")
    case 0x09: raw("\\t")
    case 0x20..<0x7F: bytes.append(byte)
    default: escape(UInt32(byte))
    }
  }

  /// `\uXXXX`; everything that is escaped lies in the basic plane.
  private mutating func escape(_ scalar: UInt32) {
    raw("\\u")
    for shift in stride(from: 12, through: 0, by: -4) {
      let digit = UInt8(truncatingIfNeeded: scalar >> UInt32(shift)) & 0xF
      bytes.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
    }
  }
}
