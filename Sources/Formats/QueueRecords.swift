import Scheduling

/// A message that is to be queued for a phone that is known.
package struct QueueRecord: Equatable, Sendable {
  /// Nil for a new one.
  package var id: String?
  package var contact: String
  package var content: String
  package var sendAt: Instant?
  package var isExact: Bool
  package var expiresAt: Instant?
}

/// Reads messages that are piped into a queue: objects one after another, one a line say, or one list of them.
package enum QueueRecords {
  /// All messages of an input for the phone with the number `owner`. Throws ``ImportProblem``.
  package static func read(_ input: ImportInput, for owner: String) throws -> [QueueRecord] {
    var reader = try JSONReader(input)
    var records: [QueueRecord] = []
    func add(_ object: JSONObject) throws {
      let record = Record(object: object, file: input.name, list: "message", index: records.count)
      records.append(try QueueRecord(record, owner: owner))
    }
    while try !reader.isAtEnd() {
      if try reader.peek() == UInt8(ascii: "[") {
        try reader.openArray()
        while try reader.nextElement() { try add(reader.object()) }
      } else {
        try add(reader.object())
      }
    }
    return records
  }
}

extension QueueRecord {
  fileprivate init(_ record: Record, owner: String) throws {
    if record.has(.owner), try record.phoneNumber(.owner) != owner {
      throw record.problem(.owner, "this phone's number, \(owner), or none")
    }
    let contactField: Field = record.has(.contact) ? .contact : .to
    guard let contact = PhoneNumber.contact(try record.text(contactField)) else {
      throw record.problem(contactField, CSVMessageReader.contactExpected)
    }
    // As httpSMS has it, a message with a `scheduled_send_time` is exact; our `send_at` alone does not say so.
    let scheduled = try record.optionalTime(.scheduledSendTime)
    let contentField: Field = record.has(.content) ? .content : .text
    let content = try record.text(contentField)
    if let expected = SMSSegments.expected(insteadOf: content) {
      throw record.problem(contentField, expected)
    }
    self.init(
      id: record.has(.id) ? try record.name(.id) : nil, contact: contact, content: content,
      sendAt: try scheduled ?? record.optionalTime(.sendAt),
      isExact: try record.optionalBoolean(.exact) ?? (scheduled != nil),
      expiresAt: try record.optionalTime(.expiresAt))
  }
}
