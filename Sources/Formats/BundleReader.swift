import Scheduling

/// What a JSON file holds, one after another.
package enum ImportRecord {
  case phone(PhoneRecord)
  case schedule(ScheduleRecord)
  case message(MessageRecord)
  case skipped(SkipReason, id: String?)
}

/// Walks through a JSON file: a bundle, an answer of the API, a list of records, or one object a line.
package struct BundleReader: ~Copyable {
  private var reader: JSONReader
  private let file: String
  private let zones: ImportZones

  package init(_ input: ImportInput, zones: ImportZones) throws {
    reader = try JSONReader(input)
    file = input.name
    self.zones = zones
  }

  /// Hands each record to `body`, in the order of the file. Throws ``ImportProblem``.
  package mutating func read(_ body: (ImportRecord) throws -> Void) throws {
    repeat {
      if try reader.peek() == UInt8(ascii: "[") {
        try readElements("", of: nil, body)
      } else {
        try root(body)
      }
    } while try !reader.isAtEnd()
  }

  /// A bundle or an answer, whose lists are read as they come, or a record that stands alone.
  private mutating func root(_ body: (ImportRecord) throws -> Void) throws {
    _ = try reader.peek()
    var object = JSONObject(line: reader.line)
    var lists: [Field] = []
    try reader.openObject()
    while let key = try reader.nextKey() {
      switch key {
      case .unknown: try reader.skip()
      case .known(let field) where field.isList:
        if lists.contains(field) {
          throw ImportProblem(
            file: file, line: reader.line, place: field.rawValue, expected: "one list of this name",
            found: "a second one")
        }
        lists.append(field)
        if let wrong = try list(field, body) { object.add(field, wrong) }
      case .known(let field):
        _ = try reader.peek()
        let line = reader.line
        object.add(field, JSONNode(value: try reader.value(), line: line))
      }
    }
    let record = Record(object: object, file: file, list: "", index: nil)
    try checkAnswer(record)
    if lists.isEmpty { try take(record, as: nil, body) }
  }

  /// Throws what the API answers in place of records.
  private func checkAnswer(_ record: Record) throws {
    if case .text("error")? = record.value(.status), case .text(let words)? = record.value(.message) {
      throw ImportProblem(
        file: file, line: record.object.line,
        expected: "the API answered with an error: " + ImportProblem.quote(words, longest: 200), isPlain: true
      )
    }
    if record.has(.data) { throw record.problem(.data, "a list of records") }
  }

  /// Reads a list as it comes; returns what stands in its place, if that is `data`, which an error may explain.
  private mutating func list(_ field: Field, _ body: (ImportRecord) throws -> Void) throws -> JSONNode? {
    let first = try reader.peek()
    let line = reader.line
    switch first {
    case UInt8(ascii: "["):
      try readElements(field.rawValue, of: field.kind, body)
    case UInt8(ascii: "{") where field == .data:
      let record = Record(object: try reader.object(), file: file, list: field.rawValue, index: nil)
      try take(record, as: nil, body)
    default:
      let node = JSONNode(value: try reader.value(), line: line)
      if case .null = node.value { return nil }
      guard field == .data else {
        throw ImportProblem(
          file: file, line: line, place: field.rawValue, expected: "a list of records",
          found: node.value.words)
      }
      return node
    }
    return nil
  }

  private mutating func readElements(
    _ list: String, of kind: Kind?, _ body: (ImportRecord) throws -> Void
  ) throws {
    var index = 0
    try reader.openArray()
    while try reader.nextElement() {
      do {
        let first = try reader.peek()
        let line = reader.line
        guard first == UInt8(ascii: "{") else {
          throw ImportProblem(
            file: file, line: line, expected: "an object", found: try reader.value().words)
        }
        let object = try reader.object()
        try take(Record(object: object, file: file, list: list, index: index), as: kind, body)
      } catch var problem as ImportProblem {
        if problem.place.isEmpty { problem.place = "\(list)[\(index)]" }
        throw problem
      }
      index += 1
    }
  }

  // MARK: - Records

  enum Kind { case phone, schedule, message }

  private func take(_ record: Record, as kind: Kind?, _ body: (ImportRecord) throws -> Void) throws {
    switch kind ?? record.kind {
    case .phone: try body(.phone(PhoneRecord(record)))
    case .schedule: try body(.schedule(ScheduleRecord(record, zones: zones)))
    case .message:
      switch try MessageRecord.read(record) {
      case .success(let message): try body(.message(message))
      case .failure(let skipped): try body(.skipped(skipped.reason, id: skipped.id))
      }
    case nil where record.place.isEmpty:
      throw record.problem(
        "a bundle with phones, message_send_schedules or messages, or an answer with data",
        found: "an object without them")
    case nil: throw record.problem("a phone, a send schedule or a message", found: "another object")
    }
  }
}

extension Record {
  /// What it describes, told by its fields.
  fileprivate var kind: BundleReader.Kind? {
    if has(.phoneNumber) { return .phone }
    if has(.windows) || has(.timeZone) { return .schedule }
    return has(.contact) || has(.owner) ? .message : nil
  }
}

extension Field {
  /// Whether it holds records in a bundle or an answer.
  fileprivate var isList: Bool { self == .data || kind != nil }

  fileprivate var kind: BundleReader.Kind? {
    switch self {
    case .phones: .phone
    case .schedules: .schedule
    case .messages: .message
    default: nil
    }
  }
}
