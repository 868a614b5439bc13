import Scheduling

/// A row of httpSMS's bulk CSV.
package struct CSVMessage {
  /// A moment as the file says it.
  package enum Moment: Equatable, Sendable {
    case none
    case instant(Instant)
    /// Milliseconds since 1970 on the clock of the phone's schedule.
    case local(Int64)
  }

  /// In E.164; nil only where the file has no such column and does not need one.
  package var from: NumberText?
  package var to: NumberText
  /// UTF-8 where the file is read, which is there until the next row is.
  package var content: UnsafeBufferPointer<UInt8>
  package var sendTime: Moment
  package var expiresAt: Moment
  package var isExact: Bool
  package var line: Int
}

/// Reads httpSMS's bulk CSV: `FromPhoneNumber,ToPhoneNumber,Content,SendTime(optional)` in any order, and as one
/// likes `Exact` and `ExpiresAt`.
package struct CSVMessageReader: ~Copyable {
  private enum Column: Int, CaseIterable {
    case from, to, content, sendTime, exact, expiresAt, attachments

    var name: String {
      switch self {
      case .from: "FromPhoneNumber"
      case .to: "ToPhoneNumber"
      case .content: "Content"
      case .sendTime: "SendTime"
      case .exact: "Exact"
      case .expiresAt: "ExpiresAt"
      case .attachments: "AttachmentURLs"
      }
    }
  }

  private static let header = "the columns FromPhoneNumber, ToPhoneNumber, Content and SendTime(optional)"

  static let contactExpected =
    "a number such as +18005550199, or a short code or national number of 3 to 15 digits"

  private let input: ImportInput
  private var reader: CSVReader
  /// Where the columns stand.
  private let places: [Int?]
  private let width: Int

  /// Reads the header. `needsFrom` is false where the phone is known without the file.
  package init(_ input: ImportInput, needsFrom: Bool = true) throws {
    var reader = try CSVReader(input)
    guard try reader.nextRow() else {
      throw ImportProblem(
        file: input.name, expected: "a bundle, an answer of the API, or CSV with \(Self.header)",
        found: "an empty file")
    }
    let places = try Column.allCases.map { try Self.place(of: $0, in: reader) }
    for (index, column) in [Column.from, .to, .content].enumerated()
    where places[index] == nil && (needsFrom || column != .from) {
      throw reader.problem(
        "", "a bundle, an answer of the API, or CSV with \(Self.header)",
        // A file of another kind may hold what whoever imports it is not to see.
        found: places.contains { $0 != nil } ? "no column \(column.name)" : "none of these columns")
    }
    self.input = input
    self.places = places
    width = reader.count
    self.reader = reader
  }

  private static func place(of column: Column, in reader: borrowing CSVReader) throws -> Int? {
    let names = [column.name.lowercased(), column.name.lowercased() + "(optional)"]
    let fields = reader.fields.map { $0.trimmed.lowercased() }
    let places = fields.indices.filter { names.contains(fields[$0]) }
    guard places.count <= 1 else {
      throw reader.problem("", "one column \(column.name)", found: "\(places.count)")
    }
    return places.first
  }

  /// A problem with a field of the row.
  package func problem(_ column: String, _ expected: String, found: String?) -> ImportProblem {
    reader.problem(column, expected, found: found.map { $0.isEmpty ? "nothing" : ImportProblem.quote($0) })
  }

  /// A problem with a field of a row that was read before.
  package func problem(line: Int, _ column: String, _ expected: String, found: String) -> ImportProblem {
    ImportProblem(
      file: input.name, line: line, place: column, expected: expected, found: ImportProblem.quote(found))
  }

  /// Reads the next row; nil at the end. A row with attachments, which nobody could send, is `skipped`.
  package mutating func next(skipped: () -> Void) throws -> CSVMessage? {
    while try reader.nextRow() {
      guard reader.count <= width else {
        throw reader.problem("", "\(width) fields", found: "\(reader.count)")
      }
      let message = try message()
      if optional(.attachments).isEmpty { return message }
      skipped()
    }
    return nil
  }

  private func message() throws -> CSVMessage {
    let to = try needed(.to)
    guard let contact = PhoneNumber.contact(to) else {
      throw problem(Column.to.name, Self.contactExpected, found: String(decoding: to, as: UTF8.self))
    }
    let sendTime = try moment(.sendTime)
    return CSVMessage(
      from: try from(), to: contact, content: try needed(.content), sendTime: sendTime,
      expiresAt: try moment(.expiresAt), isExact: try isExact() ?? (sendTime != .none), line: reader.line)
  }

  /// A field that the row must have.
  private func needed(_ column: Column) throws -> UnsafeBufferPointer<UInt8> {
    guard let place = place(column), place < reader.count else {
      throw reader.problem(column.name, "a field", found: "a row of \(reader.count)")
    }
    return reader[place].trimmed
  }

  /// A field that may be missing; empty then.
  private func optional(_ column: Column) -> UnsafeBufferPointer<UInt8> {
    guard let place = place(column), place < reader.count else { return .init(start: nil, count: 0) }
    return reader[place].trimmed
  }

  private func place(_ column: Column) -> Int? { places[column.rawValue] }

  /// The number of the sending phone.
  private func from() throws -> NumberText? {
    guard place(.from) != nil else { return nil }
    let text = try needed(.from)
    guard let number = PhoneNumber.e164(text) else {
      throw problem(
        Column.from.name, Record.phoneNumberExpected, found: String(decoding: text, as: UTF8.self))
    }
    return number
  }

  private func moment(_ column: Column) throws -> CSVMessage.Moment {
    let field = optional(column)
    if field.isEmpty { return .none }
    if let local = Timestamp.parseLocal(field) { return .local(local) }
    let text = String(decoding: field, as: UTF8.self)
    if let instant = Timestamp.parse(text) { return .instant(instant) }
    throw problem(
      column.name, "a time such as 2026-03-29T08:00:00, or with +02:00 at its end", found: text)
  }

  private func isExact() throws -> Bool? {
    let field = optional(.exact)
    if field.isEmpty { return nil }
    let text = String(decoding: field, as: UTF8.self)
    switch text.lowercased() {
    case "true", "yes", "1": return true
    case "false", "no", "0": return false
    default: throw problem(Column.exact.name, "true or false", found: text)
    }
  }
}

extension String {
  /// The text without the white space (Unicode's) at both ends.
  var trimmed: String {
    var text = self
    return text.withUTF8 { String(decoding: $0.trimmed, as: UTF8.self) }
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// The UTF-8 without the white space (Unicode's) at both ends.
  fileprivate var trimmed: Self {
    func isPlain(_ byte: UInt8?) -> Bool { byte.map { $0 > 0x20 && $0 < 0x80 } ?? true }
    if isPlain(first), isPlain(last) { return self }
    let text = String(decoding: self, as: UTF8.self)
    let scalars = text.unicodeScalars
    guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
      let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
    else { return Self(start: nil, count: 0) }
    let start = text.utf8.distance(from: text.startIndex, to: first)
    let end = text.utf8.distance(from: text.startIndex, to: scalars.index(after: last))
    return Self(rebasing: self[start..<end])
  }
}
