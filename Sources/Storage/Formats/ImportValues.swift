import Formats
import Scheduling

/// What the fields of a record say, or what was expected of them.
extension ImportRecord {
  typealias Bytes = UnsafeBufferPointer<UInt8>

  /// The kind of a field's value; nil if the field is missing.
  func kind(_ field: ImportField) -> JSONReader.Kind? { values[Int(field.rawValue)].kind }

  /// Whether the field is there and not null.
  func has(_ field: ImportField) -> Bool {
    let kind = kind(field)
    return kind != nil && kind != .null
  }

  /// A problem with one of the fields.
  func problem(_ field: ImportField, _ expected: String, found: String? = nil) -> ImportProblem {
    let value = values[Int(field.rawValue)]
    return ImportProblem(
      file: file, line: value.kind == nil ? line : value.line, place: "\(place).\(field.name)",
      expected: expected, found: found ?? self.found(field))
  }

  /// A problem with the record as a whole.
  func problem(_ expected: String, found: String? = nil) -> ImportProblem {
    ImportProblem(file: file, line: line, place: place, expected: expected, found: found)
  }

  /// What stands in a field, in words for an error.
  func found(_ field: ImportField) -> String {
    let value = values[Int(field.rawValue)]
    return switch value.kind {
    case nil: "nothing"
    case .text: ImportProblem.quote(bytes[value.range])
    case .number: bytes[value.range].string
    case let kind?: kind.words
    }
  }

  /// The text of a field that may be missing or null. It lies in the record, until that reads on.
  func optionalText(_ field: ImportField) throws -> Bytes? {
    let value = values[Int(field.rawValue)]
    switch value.kind {
    case nil, .null: return nil
    case .text: break
    case let kind?: throw problem(field, "text", found: kind.words)
    }
    let text = bytes[value.range]
    if text.containsNUL { throw problem(field, "a text without NUL characters") }
    return text
  }

  /// The text of a field that has to be there; it may be empty.
  func text(_ field: ImportField) throws -> Bytes {
    guard let text = try optionalText(field) else { throw problem(field, "text") }
    return text
  }

  /// A name of something: 1 to 255 characters, none of them a control character.
  func identifier(_ field: ImportField) throws -> Bytes {
    guard let text = try optionalIdentifier(field) else {
      throw problem(field, "a text of 1 to 255 characters")
    }
    return text
  }

  func optionalIdentifier(_ field: ImportField) throws -> Bytes? {
    guard let text = try optionalText(field) else { return nil }
    let isShort = text.count <= 255 || text.string.unicodeScalars.count <= 255
    guard !text.isEmpty, isShort else { throw problem(field, "a text of 1 to 255 characters") }
    for (index, byte) in text.enumerated() where byte < 0x20 || byte == 0x7F || byte == 0xC2 {
      let isControl = byte != 0xC2 || text[index + 1] < 0xA0
      if isControl { throw problem(field, "a text without control characters") }
    }
    return text
  }

  /// A whole number within a range; nil if it is missing or null.
  func optionalInteger(_ field: ImportField, in range: ClosedRange<Int>) throws -> Int? {
    let value = values[Int(field.rawValue)]
    switch value.kind {
    case nil, .null: return nil
    case .number: break
    default: throw problem(field, "a whole number")
    }
    guard let number = WholeNumber.parse(bytes[value.range]) else { throw problem(field, "a whole number") }
    guard range.contains(Int(clamping: number)) else {
      throw problem(field, "\(range.lowerBound) to \(range.upperBound)")
    }
    return Int(number)
  }

  /// Nil if it is missing or null.
  func optionalBoolean(_ field: ImportField) throws -> Bool? {
    switch kind(field) {
    case nil, .null: return nil
    case .boolean: return values[Int(field.rawValue)].isTrue
    default: throw problem(field, "true or false")
    }
  }

  /// An instant, cut to milliseconds; nil if it is missing or null.
  func optionalTime(_ field: ImportField) throws -> Instant? {
    let value = values[Int(field.rawValue)]
    switch value.kind {
    case nil, .null: return nil
    case .text: break
    default: throw problem(field, ImportTime.expected)
    }
    guard let instant = ImportTime.parse(bytes[value.range]) else {
      throw problem(field, ImportTime.expected)
    }
    return instant
  }

  /// A phone's number as its digits; see ``PhoneDigits``.
  func phoneDigits(_ field: ImportField) throws -> PhoneDigits {
    guard let number = PhoneDigits(try text(field)) else { throw problem(field, PhoneDigits.expected) }
    return number
  }
}

/// Times of imports.
enum ImportTime {
  static let expected = "a time such as 2026-03-29T08:00:00+02:00"

  /// The instant of an RFC 3339 text, if the database can hold it (years 0 to 9999 in UTC).
  @inline(__always)
  static func parse(_ text: UnsafeBufferPointer<UInt8>) -> Instant? {
    guard let instant = Timestamp.parse(text), isStorable(instant) else { return nil }
    return instant
  }

  static func isStorable(_ instant: Instant) -> Bool {
    (-62_167_219_200_000...253_402_300_799_999).contains(instant)
  }
}

/// An E.164 number as an integer, which is found faster than its text.
struct PhoneDigits: Hashable {
  static let expected = "a phone number such as +18005550199, 7 to 15 digits"

  /// The digits as one number; the first is not 0.
  let value: UInt64

  /// Reads `+18005550199` or `18005550199`; nil of anything else.
  init?(_ text: UnsafeBufferPointer<UInt8>) {
    var value: UInt64 = 0
    let start = text.first == UInt8(ascii: "+") ? 1 : 0
    guard (7...15).contains(text.count - start), text[start] != 0x30 else { return nil }
    for index in start..<text.count {
      guard (0x30...0x39).contains(text[index]) else { return nil }
      value = value * 10 + UInt64(text[index] - 0x30)
    }
    self.value = value
  }

  init?(_ text: String) {
    var text = text
    guard let digits = text.withUTF8({ PhoneDigits($0) }) else { return nil }
    self = digits
  }

  /// With its `+`.
  var number: String { "+\(value)" }
}
