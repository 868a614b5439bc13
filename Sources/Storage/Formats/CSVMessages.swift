import Formats
import Scheduling

/// A row of httpSMS's bulk CSV. Its texts lie in the reader, until the next row.
struct CSVMessage {
  typealias Bytes = UnsafeBufferPointer<UInt8>

  /// When it is to be sent, as the file says it.
  enum SendTime: Equatable {
    case none
    case instant(Instant)
    /// Milliseconds since 1970 on the clock of the phone's schedule; see ``ZoneTimeline/instant(local:)``
    /// for times that this clock skips or repeats.
    case local(Int64)
  }

  /// Nil only where the file has no such column and does not need one.
  var from: PhoneDigits?
  var to: Bytes
  var content: Bytes
  var sendTime: SendTime
}

/// Reads httpSMS's bulk CSV: `FromPhoneNumber,ToPhoneNumber,Content,SendTime(optional)`, in any order.
struct CSVMessageReader: ~Copyable {
  private enum Column: CaseIterable {
    case from, to, content, sendTime

    var names: [String] {
      switch self {
      case .from: ["FromPhoneNumber"]
      case .to: ["ToPhoneNumber"]
      case .content: ["Content"]
      case .sendTime: ["SendTime(optional)", "SendTime"]
      }
    }
  }

  private static let header = "the columns FromPhoneNumber, ToPhoneNumber, Content and SendTime(optional)"

  private var reader: CSVReader
  private let columns: [Int?]
  private let width: Int
  /// A number as it is stored, where it is not in the file like that.
  private var scratch: ByteArena

  /// Reads the header. `needsFrom` is false where the phone is known without the file.
  init(_ input: ImportInput, needsFrom: Bool = true) throws {
    var reader = try CSVReader(input)
    guard try reader.nextRow() else {
      throw ImportProblem(
        file: input.name, expected: "a bundle, an answer of the API, or CSV with \(Self.header)",
        found: "an empty file")
    }
    columns = try Column.allCases.map { column in
      try Self.place(of: column, in: reader, isNeeded: column != .sendTime && (needsFrom || column != .from))
    }
    width = reader.fields.count
    scratch = ByteArena(capacity: 64)
    self.reader = reader
  }

  private static func place(of column: Column, in reader: borrowing CSVReader, isNeeded: Bool) throws -> Int?
  {
    let places = reader.fields.indices.filter { index in
      let name = reader.field(index).map { Trimming.trimmed($0).string.lowercased() }
      return column.names.contains { $0.lowercased() == name }
    }
    guard places.count <= 1 else {
      throw reader.problem("", "one column \(column.names[0])", found: "\(places.count)")
    }
    guard let place = places.first else {
      guard isNeeded else { return nil }
      let first = reader.field(0) ?? UnsafeBufferPointer(start: nil, count: 0)
      throw reader.problem(
        "", "a bundle, an answer of the API, or CSV with \(Self.header)",
        found: reader.fields.count == 1
          ? ImportProblem.quote(first) : "no column \(column.names[0])")
    }
    return place
  }

  /// The line on which the row begins.
  var line: Int { reader.line }

  /// A problem with a field of the row.
  func problem(_ column: String, _ expected: String, found: UnsafeBufferPointer<UInt8>?) -> ImportProblem {
    reader.problem(column, expected, found: found.map { $0.isEmpty ? "nothing" : ImportProblem.quote($0) })
  }

  func problem(_ column: String, _ expected: String, _ found: PhoneDigits?) -> ImportProblem {
    reader.problem(column, expected, found: found?.number)
  }

  /// A problem with a time that is well written.
  func sendTimeProblem() -> ImportProblem {
    reader.problem("SendTime", "a time within the years 1 to 9999", found: nil)
  }

  /// Reads the next row; nil at the end.
  mutating func next() throws -> CSVMessage? {
    guard try reader.nextRow() else { return nil }
    guard reader.fields.count <= width else {
      throw reader.problem("", "\(width) fields", found: "\(reader.fields.count)")
    }
    let to = try contact(try text(1, "ToPhoneNumber"))
    let content = Trimming.trimmed(try text(2, "Content"))
    let sendTime = try sendTime()
    return CSVMessage(from: try from(), to: to, content: content, sendTime: sendTime)
  }

  private func text(_ column: Int, _ name: String) throws -> UnsafeBufferPointer<UInt8> {
    guard let text = columns[column].flatMap({ reader.field($0) }) else {
      throw reader.problem(name, "a field", found: "a row of \(reader.fields.count)")
    }
    return text
  }

  /// The number of the sending phone.
  private func from() throws -> PhoneDigits? {
    guard columns[0] != nil else { return nil }
    let text = Trimming.trimmed(try text(0, "FromPhoneNumber"))
    guard let from = PhoneDigits(text) else {
      throw problem("FromPhoneNumber", PhoneDigits.expected, found: text)
    }
    return from
  }

  /// Whom the message goes to: a number, which gets its `+` if it has none, or a short code.
  private mutating func contact(_ field: UnsafeBufferPointer<UInt8>) throws -> UnsafeBufferPointer<UInt8> {
    let text = Trimming.trimmed(field)
    if (3...6).contains(text.count), text.allSatisfy({ (0x30...0x39).contains($0) }) { return text }
    guard PhoneDigits(text) != nil, let start = text.baseAddress else {
      throw problem("ToPhoneNumber", "\(PhoneDigits.expected), or a short code of 3 to 6 digits", found: text)
    }
    if text[0] == UInt8(ascii: "+") { return text }
    scratch.removeAll()
    scratch.append(UInt8(ascii: "+"))
    scratch.append(start, count: text.count)
    return scratch[0..<scratch.count]
  }

  private func sendTime() throws -> CSVMessage.SendTime {
    guard let field = columns[3].flatMap({ reader.field($0) }) else { return .none }
    let text = Trimming.trimmed(field)
    if text.isEmpty { return .none }
    if let local = Timestamp.parseLocal(text) { return .local(local) }
    if let instant = ImportTime.parse(text) { return .instant(instant) }
    throw problem("SendTime", "a time such as 2026-03-29T08:00:00, or with +02:00 at its end", found: text)
  }
}

/// White space around texts.
enum Trimming {
  /// The text without the white space (Unicode's) at both ends.
  static func trimmed(_ text: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    var start = 0
    var end = text.count
    while start < end {
      let length = leading(text, start)
      if length == 0 { break }
      start += length
    }
    while end > start {
      let length = trailing(text, start, end)
      if length == 0 { break }
      end -= length
    }
    return UnsafeBufferPointer(rebasing: text[start..<end])
  }

  /// The length of the white space character at `index`, 0 if there is none.
  @inline(__always)
  private static func leading(_ text: UnsafeBufferPointer<UInt8>, _ index: Int) -> Int {
    let byte = text[index]
    if byte < 0x80 { return isSpace(byte) ? 1 : 0 }
    return wide(text, index)
  }

  @inline(__always)
  private static func trailing(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) -> Int {
    let byte = text[end - 1]
    if byte < 0x80 { return isSpace(byte) ? 1 : 0 }
    for length in 2...3 where end - length >= start && wide(text, end - length) == length { return length }
    return 0
  }

  private static func wide(_ text: UnsafeBufferPointer<UInt8>, _ index: Int) -> Int {
    let (scalar, length) = UTF8Decoding.scalar(in: text, at: index)
    guard let scalar, let character = Unicode.Scalar(scalar) else { return 0 }
    return character.properties.isWhitespace ? length : 0
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
