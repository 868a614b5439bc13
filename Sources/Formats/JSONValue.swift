import Scheduling

/// A value of JSON as it was read, not yet understood. A number stays as it was written.
enum JSONValue {
  case null
  case boolean(Bool)
  case number(String)
  case text(String)
  case list([JSONNode])
  case object(JSONObject)

  /// What it is, in words for an error.
  var words: String {
    switch self {
    case .null: "null"
    case .boolean: "true or false"
    case .number(let text): text
    case .text(let text): ImportProblem.quote(text)
    case .list: "a list"
    case .object: "an object"
    }
  }
}

/// A value with the line on which it begins.
struct JSONNode {
  var value: JSONValue
  var line: Int
}

/// The known fields of an object. If a field occurs twice, the last one wins.
struct JSONObject {
  let line: Int
  private var fields: [(field: Field, node: JSONNode)] = []

  init(line: Int) {
    self.line = line
    fields.reserveCapacity(20)
  }

  mutating func add(_ field: Field, _ node: JSONNode) { fields.append((field, node)) }

  /// What stands in a field; nil if it is missing.
  subscript(field: Field) -> JSONNode? { fields.last { $0.field == field }?.node }
}

/// Whole numbers as JSON may write them.
enum WholeNumber {
  /// The value of `12`, `-3`, `5.0` or `1e3`, held at what 64 bits can say; nil of a fraction.
  static func parse(_ text: String) -> Int? {
    if let value = Int(text) { return value }
    guard let value = Double(text), value.rounded() == value else { return nil }
    return value.isInfinite || abs(value) > 9e18 ? (value < 0 ? .min : .max) : Int(value)
  }
}

/// A record of an import: what its fields say, or where and what was expected of them.
struct Record {
  let object: JSONObject
  let file: String
  /// The list in which it stands, such as `messages`, with what that stands in; empty for one alone.
  var list: String
  /// Its place in the list, from 0.
  var index: Int?

  /// `messages[3]`.
  var place: String { index.map { "\(list)[\($0)]" } ?? list }

  // MARK: - Problems

  /// A problem with one of the fields.
  func problem(_ field: Field, _ expected: String, found: String? = nil) -> ImportProblem {
    let node = object[field]
    return problem(
      at: field.rawValue, line: node?.line, expected, found: found ?? node?.value.words ?? "nothing")
  }

  /// A problem with what is deeper within the record, such as `windows[2].end_minute`, or the record itself.
  func problem(at path: String = "", line: Int? = nil, _ expected: String, found: String?) -> ImportProblem {
    let parts = [place, path].filter { !$0.isEmpty }
    return ImportProblem(
      file: file, line: line ?? object.line, place: parts.joined(separator: "."), expected: expected,
      found: found)
  }

  // MARK: - Values

  /// Whether the field is there and not null.
  func has(_ field: Field) -> Bool { value(field) != nil }

  /// The value of a field; nil if it is missing or null.
  func value(_ field: Field) -> JSONValue? {
    guard let value = object[field]?.value else { return nil }
    if case .null = value { return nil }
    return value
  }

  /// Nil if it is missing or null.
  func optionalText(_ field: Field) throws -> String? {
    guard let value = value(field) else { return nil }
    guard case .text(let text) = value else { throw problem(field, "text") }
    if text.utf8.contains(0) { throw problem(field, "a text without NUL characters") }
    return text
  }

  /// The text of a field that has to be there; it may be empty.
  func text(_ field: Field) throws -> String {
    guard let text = try optionalText(field) else { throw problem(field, "text") }
    return text
  }

  /// A name or an identifier, as ``NameRule`` has it.
  func name(_ field: Field) throws -> String {
    guard let text = try optionalText(field), NameRule.acceptsName(text) else {
      throw problem(field, NameRule.expected)
    }
    return text
  }

  /// A label or a note, which may be empty; nil if it is missing or null.
  func optionalLabel(_ field: Field) throws -> String? {
    guard let text = try optionalText(field) else { return nil }
    guard NameRule.acceptsLabel(text) else { throw problem(field, NameRule.expectedLabel) }
    return text
  }

  /// A whole number within a range; nil if it is missing or null.
  func optionalInteger(_ field: Field, in range: ClosedRange<Int> = 0...2_147_483_647) throws -> Int? {
    guard let value = value(field) else { return nil }
    guard case .number(let text) = value, let number = WholeNumber.parse(text) else {
      throw problem(field, "a whole number")
    }
    guard range.contains(number) else { throw problem(field, "\(range.lowerBound) to \(range.upperBound)") }
    return number
  }

  func optionalBoolean(_ field: Field) throws -> Bool? {
    guard let value = value(field) else { return nil }
    guard case .boolean(let isTrue) = value else { throw problem(field, "true or false") }
    return isTrue
  }

  /// An instant, cut to milliseconds; nil if it is missing or null.
  func optionalTime(_ field: Field) throws -> Instant? {
    guard let value = value(field) else { return nil }
    guard case .text(let text) = value, let instant = Timestamp.parse(text) else {
      throw problem(field, ImportTime.expected)
    }
    return instant
  }

  /// The elements of a list; nil if it is missing or null.
  func optionalList(_ field: Field, of what: String) throws -> [JSONNode]? {
    guard let value = value(field) else { return nil }
    guard case .list(let list) = value else { throw problem(field, "a list of \(what)") }
    return list
  }

  /// The objects of a list as records of their own; nil if the list is missing or null.
  func optionalRecords(_ field: Field) throws -> [Record]? {
    try optionalList(field, of: field.rawValue)?.enumerated().map { index, node in
      let list = place.isEmpty ? field.rawValue : "\(place).\(field.rawValue)"
      guard case .object(let object) = node.value else {
        throw problem(
          at: "\(field.rawValue)[\(index)]", line: node.line, "an object", found: node.value.words)
      }
      return Record(object: object, file: file, list: list, index: index)
    }
  }
}

/// Times of imports.
package enum ImportTime {
  static let expected = "a time such as 2026-03-29T08:00:00+02:00"
}
