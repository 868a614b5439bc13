import Formats

/// Walks through a JSON file: a bundle, an answer of the API, or a list of records.
///
/// It is read twice: once for its phones and schedules, which are few, and once for its messages, which
/// stay nowhere; so it does not matter which come first in the file. The first pass checks the syntax of
/// all of it. Of a key that is there twice the last one counts.
struct ImportDocument {
  let input: ImportInput
  private(set) var phones: [ImportedPhone] = []
  private(set) var schedules: [ImportedSchedule] = []
  /// How often the lists with messages stand in the file; only the last of each is read.
  private var messageLists = 0
  private var dataLists = 0
  private var fromData: (phones: [ImportedPhone], schedules: [ImportedSchedule]) = ([], [])

  /// Reads phones and schedules.
  init(_ input: ImportInput) throws {
    self.input = input
    var reader = try JSONReader(input)
    var record = ImportRecord(file: input.name)
    try collect(&reader, &record)
    try reader.finish()
    phones += fromData.phones
    schedules += fromData.schedules
  }

  /// Reads messages, one after another, each in the same `record`.
  func forEachMessage(_ body: (_ record: borrowing ImportRecord) throws -> Void) throws {
    guard messageLists + dataLists > 0 else { return }
    var reader = try JSONReader(input)
    var record = ImportRecord(file: input.name)
    if try reader.peek() == .array {
      return try forEachMessage(&reader, &record, list: "", isMixed: true, body)
    }
    var seen = (messages: 0, data: 0)
    try reader.openObject()
    while try reader.nextKey() {
      if reader.key.equals("messages") { seen.messages += 1 }
      if reader.key.equals("data") { seen.data += 1 }
      if reader.key.equals("messages"), seen.messages == messageLists {
        try forEachMessage(&reader, &record, list: "messages", isMixed: false, body)
      } else if reader.key.equals("data"), seen.data == dataLists {
        try forEachMessage(&reader, &record, list: "data", isMixed: true, body)
      } else {
        try reader.skip()
      }
    }
  }

  private func forEachMessage(
    _ reader: inout JSONReader, _ record: inout ImportRecord, list: String, isMixed: Bool,
    _ body: (_ record: borrowing ImportRecord) throws -> Void
  ) throws {
    try Self.forEachElement(&reader, list) { reader, index in
      try record.read(from: &reader, list: list, index: index)
      if !isMixed || record.content == .message { try body(record) }
    }
  }
}

// MARK: - The first pass

extension ImportDocument {
  private mutating func collect(_ reader: inout JSONReader, _ record: inout ImportRecord) throws {
    if try reader.peek() == .array { return try collectMixed(&reader, &record, list: "") }
    var isKnown = false
    try reader.openObject()
    while try reader.nextKey() {
      switch reader.key.count <= 32 ? reader.key.string : "" {
      case "phones":
        phones = []
        try Self.forEachElement(&reader, "phones") { reader, index in
          try record.read(from: &reader, list: "phones", index: index)
          phones.append(try record.phone())
        }
      case "message_send_schedules":
        schedules = []
        try Self.forEachElement(&reader, "message_send_schedules") { reader, index in
          try record.read(from: &reader, list: "message_send_schedules", index: index)
          schedules.append(try record.schedule())
        }
      case "messages":
        messageLists += 1
        try Self.forEachElement(&reader, "messages") { reader, _ in try reader.skip() }
      case "data":
        try collectMixed(&reader, &record, list: "data")
      default:
        try reader.skip()
        continue
      }
      isKnown = true
    }
    guard isKnown else {
      throw ImportProblem(
        file: input.name, line: 1,
        expected: "a bundle with phones, message_send_schedules or messages, or an answer with data",
        found: "an object without them")
    }
  }

  /// Records of any kind, each told by its fields.
  private mutating func collectMixed(
    _ reader: inout JSONReader, _ record: inout ImportRecord, list: String
  ) throws {
    dataLists += 1
    fromData = ([], [])
    try Self.forEachElement(&reader, list) { reader, index in
      try record.read(from: &reader, list: list, index: index)
      switch record.content {
      case .phone: fromData.phones.append(try record.phone())
      case .schedule: fromData.schedules.append(try record.schedule())
      case .message: break
      case .unknown: throw record.problem("a phone, a send schedule or a message", found: "another object")
      }
    }
  }

  /// Goes through a list, or the one record that stands in its place; null is an empty list.
  private static func forEachElement(
    _ reader: inout JSONReader, _ list: String, _ body: (inout JSONReader, Int?) throws -> Void
  ) throws {
    switch try reader.peek() {
    case .array:
      var index = 0
      try reader.openArray()
      while try reader.nextElement() {
        try located("\(list)[\(index)]") { try body(&reader, index) }
        index += 1
      }
    case .object where list == "data":
      try body(&reader, nil)
    case .null:
      try reader.null()
    case let kind:
      throw ImportProblem(
        file: reader.chunks.input.name, line: reader.line, place: list, expected: "a list of records",
        found: kind.words)
    }
  }

  /// Adds the place to a problem that has none.
  @inline(__always)
  private static func located(_ place: @autoclosure () -> String, _ body: () throws -> Void) throws {
    do {
      try body()
    } catch var problem as ImportProblem {
      if problem.place.isEmpty { problem.place = place() }
      throw problem
    }
  }
}
