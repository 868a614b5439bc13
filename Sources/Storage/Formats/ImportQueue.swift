import Formats
import GRDB
import Scheduling

/// How messages that are piped into a queue are written.
package enum QueueFormat: Sendable {
  /// Objects one after another (one a line, say), or one list of them: `contact` (or `to`), `content` (or
  /// `text`), and as one likes `scheduled_send_time` (or `send_at`), `exact`, `id`.
  case json
  /// Columns `ToPhoneNumber`, `Content` and `SendTime(optional)`.
  case csv
}

extension Store {
  /// Queues messages of one phone at `now`, all or none, and returns the keys that they have.
  ///
  /// Unlike an import this adds them each time. Throws ``ImportProblem`` and ``StoreError``.
  package func queue(
    _ input: ImportInput, as format: QueueFormat, for phone: String, now: Instant, seed: UInt64
  ) throws -> Range<Int64> {
    let engine = try sqliteEngine()
    return try write { session in
      try engine.queue.unsafeReentrantWrite { db in
        let (key, found) = try Self.phone(session, named: phone)
        var queue = try QueueInput(db, phone: found, phoneKey: key, now: now, seed: seed)
        switch format {
        case .json: try queue.addObjects(input)
        case .csv: try queue.addRows(input)
        }
        return try queue.save(session)
      }
    }
  }
}

/// Messages on their way into the queue of one phone.
private struct QueueInput: ~Copyable {
  private typealias Bytes = UnsafeBufferPointer<UInt8>

  private var phones: ImportPhones
  private let place: Int
  private let phoneKey: Int64
  private let owner: PhoneDigits
  private let now: Instant
  private let messages: ImportMessages
  private var ids: ImportIDs
  private let firstKey: Int64
  private var count = 0

  init(_ db: Database, phone: Phone, phoneKey: Int64, now: Instant, seed: UInt64) throws {
    var phones = try ImportPhones(db)
    let messages = try ImportMessages(db)
    guard let owner = PhoneDigits(phone.number), let place = phones.place(of: owner) else {
      throw StoreError.unknownPhone(phone.number)
    }
    firstKey = MessageKey.make(phone: phoneKey, number: messages.numbers.next(phoneKey))
    self.phones = phones
    self.messages = messages
    self.owner = owner
    self.place = place
    self.phoneKey = phoneKey
    self.now = now
    ids = ImportIDs(now: now, seed: seed)
  }

  // MARK: - Objects

  mutating func addObjects(_ input: ImportInput) throws {
    var reader = try JSONReader(input)
    var record = ImportRecord(file: input.name)
    let isList = try !reader.isAtEnd() && reader.peek() == .array
    if isList { try reader.openArray() }
    var index = 0
    while try isList ? reader.nextElement() : !reader.isAtEnd() {
      try record.read(from: &reader, list: "message", index: index)
      try add(record)
      index += 1
    }
    try reader.finish()
  }

  private mutating func add(_ record: borrowing ImportRecord) throws {
    if record.has(.owner), try record.phoneDigits(.owner) != owner {
      throw record.problem(.owner, "this phone's number, \(owner.number), or none")
    }
    let contactField: ImportField = record.has(.contact) ? .contact : .to
    let field: ImportField = record.has(.content) ? .content : .text
    let timeField: ImportField = record.has(.scheduledSendTime) ? .scheduledSendTime : .sendAt
    guard var contact = PhoneNumber.contact(try record.text(contactField).string) else {
      throw record.problem(contactField, "\(PhoneDigits.expected), or a short code of 3 to 6 digits")
    }
    let id = try record.optionalIdentifier(.id)
    let content = try record.text(field)
    let sendAt = try record.optionalTime(timeField)
    let isExact = try record.optionalBoolean(.exact) ?? false
    let isNew = try contact.withUTF8 { contact in
      try add(id: id, contact: contact, content: content, sendAt: sendAt, isExact: isExact)
    }
    if !isNew { throw record.problem(.id, "an id that no message has") }
  }

  // MARK: - Rows

  mutating func addRows(_ input: ImportInput) throws {
    var reader = try CSVMessageReader(input, needsFrom: false)
    while let row = try reader.next() {
      if let from = row.from, from != owner {
        throw reader.problem("FromPhoneNumber", "this phone's number, \(owner.number)", from)
      }
      let sendAt: Instant? =
        switch row.sendTime {
        case .none: nil
        case .instant(let instant): instant
        case .local(let local): phones.instant(local: local, of: place)
        }
      if let sendAt, !ImportTime.isStorable(sendAt) { throw reader.sendTimeProblem() }
      _ = try add(id: nil, contact: row.to, content: row.content, sendAt: sendAt, isExact: false)
    }
  }

  /// Adds one message; false if its id is taken.
  private mutating func add(
    id: UnsafeBufferPointer<UInt8>?, contact: UnsafeBufferPointer<UInt8>, content: UnsafeBufferPointer<UInt8>,
    sendAt: Instant?, isExact: Bool
  ) throws -> Bool {
    var message = ImportedMessage(
      id: contact, owner: owner, contact: contact, content: content,
      status: sendAt == nil ? .pending : .scheduled, queuedAt: now, sendAt: sendAt, isExact: isExact,
      sendAttemptCount: 0)
    while true {
      let isAdded: Bool
      if let id {
        message.id = id
        isAdded = try messages.insert(message, phoneKey: phoneKey)
      } else {
        isAdded = try ids.next { id in
          message.id = id
          return try messages.insert(message, phoneKey: phoneKey)
        }
      }
      if isAdded { count += 1 }
      if isAdded || id != nil { return isAdded }
    }
  }

  mutating func save(_ session: any Session) throws -> Range<Int64> {
    phones.note(place, waiting: count, needsReload: false)
    try phones.save(session, messages)
    return firstKey..<firstKey + Int64(count)
  }
}
