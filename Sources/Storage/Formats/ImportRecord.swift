import Formats
import Scheduling

/// One record of an import as it was read: known fields with their lines, not yet understood.
///
/// What kind of record it is may be told by its fields alone, so all are kept until it is complete. The
/// memory is used again for the next one.
struct ImportRecord: ~Copyable {
  /// What was read for a field; a text or number lies in `bytes`.
  struct Value {
    var kind: JSONReader.Kind?
    var range = 0..<0
    var isTrue = false
    var line = 0
  }

  private(set) var values = [Value](repeating: Value(), count: ImportField.allCases.count)
  private(set) var bytes = ByteArena(capacity: 4096)
  private(set) var windows: [ImportWindow] = []
  let file: String
  /// The list in which it stands, with its index: `messages[3]`.
  private var list = ""
  private var index: Int?
  private(set) var line = 0

  init(file: String) { self.file = file }

  /// `messages[3]`.
  var place: String { index.map { "\(list)[\($0)]" } ?? list }

  /// Reads the next value, which has to be an object.
  mutating func read(from reader: inout JSONReader, list: String, index: Int?) throws {
    self.list = list
    self.index = index
    for field in values.indices { values[field].kind = nil }
    bytes.removeAll()
    let kind = try reader.peek()
    line = reader.line
    guard kind == .object else {
      throw ImportProblem(file: file, line: line, place: place, expected: "an object", found: kind.words)
    }
    do {
      try reader.openObject()
      while try reader.nextKey() {
        if let field = ImportField.named(reader.key) {
          try readValue(of: field, from: &reader)
        } else {
          try reader.skip()
        }
      }
    } catch var problem as ImportProblem {
      if problem.place.isEmpty { problem.place = place }
      throw problem
    }
  }

  private mutating func readValue(of field: ImportField, from reader: inout JSONReader) throws {
    let kind = try reader.peek()
    var value = Value(kind: kind, line: reader.line)
    let start = bytes.count
    switch kind {
    case .text:
      try reader.text(into: &bytes)
    case .number:
      try reader.number(into: &bytes)
    case .boolean:
      value.isTrue = try reader.boolean()
    case .null:
      try reader.null()
    case .array where field == .windows:
      try readWindows(from: &reader)
    case .array, .object:
      try reader.skip()
    }
    value.range = start..<bytes.count
    values[Int(field.rawValue)] = value
  }

  /// More windows than minutes of a week overlap in any case; they are counted no further.
  private static let windowLimit = 7 * 1440 + 1

  private mutating func readWindows(from reader: inout JSONReader) throws {
    windows.removeAll()
    try reader.openArray()
    while try reader.nextElement() {
      if windows.count < Self.windowLimit {
        windows.append(try ImportWindow(from: &reader))
      } else {
        try reader.skip()
      }
    }
  }
}

/// One window as it was read: three numbers, or what stands in their place.
struct ImportWindow {
  /// The first thing wrong with it, as `windows[2]` or a field of it, and what it should be.
  struct Fault {
    var field: String?
    var expected: String
    var found: String
    var line: Int
  }

  private static let names = ["day_of_week", "start_minute", "end_minute"]

  private(set) var numbers = [Int?](repeating: nil, count: 3)
  private(set) var fault: Fault?
  private(set) var line: Int

  init(from reader: inout JSONReader) throws {
    let kind = try reader.peek()
    line = reader.line
    guard kind == .object else {
      fault = Fault(expected: "an object", found: kind.words, line: line)
      try reader.skip()
      return
    }
    try reader.openObject()
    while try reader.nextKey() {
      if let index = Self.names.firstIndex(where: { reader.key.elementsEqual($0.utf8) }) {
        try readNumber(index, from: &reader)
      } else {
        try reader.skip()
      }
    }
    if fault == nil, let missing = numbers.firstIndex(of: nil) {
      fault = Fault(field: Self.names[missing], expected: "a whole number", found: "nothing", line: line)
    }
  }

  private mutating func readNumber(_ index: Int, from reader: inout JSONReader) throws {
    let kind = try reader.peek()
    let line = reader.line
    var found = kind.words
    if kind == .number {
      var bytes = ByteArena(capacity: 32)
      try reader.number(into: &bytes)
      let text = bytes[0..<bytes.count]
      numbers[index] = WholeNumber.parse(text).map { Int(clamping: $0) }
      found = ImportProblem.quote(text)
    } else {
      numbers[index] = nil
      try reader.skip()
    }
    let name = Self.names[index]
    if numbers[index] == nil {
      fault = Fault(field: name, expected: "a whole number", found: found, line: line)
    } else if fault?.field == name {
      fault = nil  // A second one of the same name counts.
    }
  }
}

/// Whole numbers as JSON may write them.
enum WholeNumber {
  /// The value of `12`, `-3`, `5.0` or `1e3`; nil of a fraction, or where the value is beyond 2^53 and
  /// not written as digits alone, or beyond 64 bits.
  static func parse(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
    if let value = digits(text) { return value }
    guard text.count <= 64, let value = Double(text.string), value.rounded() == value,
      abs(value) <= 9_007_199_254_740_992
    else { return nil }
    return Int64(value)
  }

  private static func digits(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
    var value: Int64 = 0
    let isNegative = text.first == UInt8(ascii: "-")
    guard text.count > (isNegative ? 1 : 0), text.count <= 19 else { return nil }
    for byte in text.dropFirst(isNegative ? 1 : 0) {
      guard (0x30...0x39).contains(byte) else { return nil }
      value = value &* 10 &+ Int64(byte - 0x30)
    }
    return isNegative ? -value : value
  }
}
