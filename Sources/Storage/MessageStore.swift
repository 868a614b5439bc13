import GRDB
import Scheduling

/// A message to be queued.
package struct NewMessage: Equatable, Sendable {
  /// Nil for a new one.
  package var id: String?
  package var contact: String
  package var content: String
  package var sendAt: Instant?
  package var isExact: Bool

  package init(
    id: String? = nil, contact: String, content: String, sendAt: Instant? = nil, isExact: Bool = false
  ) {
    self.id = id
    self.contact = contact
    self.content = content
    self.sendAt = sendAt
    self.isExact = isExact
  }
}

/// Which messages of a queue are meant; an empty filter means all.
package struct MessageFilter: Equatable, Sendable {
  package var statuses: Set<MessageStatus>
  package var contact: String?

  package init(statuses: Set<MessageStatus> = [], contact: String? = nil) {
    self.statuses = statuses
    self.contact = contact
  }

  func accepts(_ message: Message) -> Bool {
    (statuses.isEmpty || statuses.contains(message.status)) && (contact == nil || contact == message.contact)
  }
}

extension Store {
  /// Queues messages of a phone at `now`, all or none, and returns them as they are then.
  @discardableResult
  package func addMessages(_ messages: some Sequence<NewMessage>, to phone: String, now: Instant) throws
    -> [Message]
  {
    try write { db in
      let (key, phone) = try Self.phone(db, named: phone)
      var added: [Message] = []
      for (index, new) in messages.enumerated() {
        let message = Message(
          id: new.id ?? NewID.make(at: now, sequence: index & 0xFFF), owner: phone.number,
          contact: new.contact,
          content: new.content, status: new.sendAt == nil ? .pending : .scheduled, queuedAt: now,
          sendAt: new.sendAt, isExact: new.isExact)
        try Self.insert(db, message, phoneKey: key)
        added.append(message)
      }
      try Self.changeWaiting(db, phoneKey: key, by: added.count)
      return added
    }
  }

  /// The message with an id, as it stands at `now`.
  package func message(_ id: String, now: Instant) throws -> Message {
    try read { db in try Self.storedMessage(db, id).seen(at: now) }
  }

  /// Hands the messages of a phone to `body`, as they stand at `now`, in the order of being queued.
  package func forEachMessage(
    of phone: String, now: Instant, filter: MessageFilter = MessageFilter(), _ body: (Message) throws -> Void
  ) throws {
    try read { db in
      let (key, phone) = try Self.phone(db, named: phone)
      let sql = """
        SELECT \(Message.columns) FROM message m JOIN phone p ON p.key = m.phone_key
        WHERE m.key IN (
          SELECT key FROM message WHERE phone_key = ?1 AND \(Schema.isWaiting)
          UNION ALL
          SELECT key FROM message WHERE phone_key = ?1 AND status IN (\(Schema.handledList)) AND \(Schema.isHandled))
        ORDER BY m.key
        """
      let rows = try Row.fetchCursor(db, sql: sql, arguments: [key])
      while let row = try rows.next() {
        let message = Message(row: row).seen(at: now, maxSendAttempts: phone.maxSendAttempts)
        if filter.accepts(message) { try body(message) }
      }
    }
  }

  /// The stored messages with some keys, which a ``SendQueue`` names; keys that are gone are left out.
  package func messages(keys: some Sequence<Int64>) throws -> [Int64: Message] {
    try read { db in
      let sql = """
        SELECT \(Message.columns) FROM message m JOIN phone p ON p.key = m.phone_key WHERE m.key = ?
        """
      let statement = try db.cachedStatement(sql: sql)
      var found: [Int64: Message] = [:]
      for key in keys {
        if let row = try Row.fetchOne(statement, arguments: [key]) { found[key] = Message(row: row) }
      }
      return found
    }
  }
}

extension Store {
  /// The keys of the stored waiting messages of a phone in whose id, contact or content a text occurs.
  package func findWaiting(of phone: String, containing text: String, limit: Int = 10_000) throws -> [Int64] {
    try read { db in
      let key = try Self.phone(db, named: phone).key
      let sql = """
        SELECT key FROM message WHERE phone_key = ?1 AND \(Schema.isWaiting)
        AND (instr(lower(content), ?2) OR instr(contact, ?2) OR instr(lower(id), ?2)) ORDER BY key LIMIT ?3
        """
      return try Int64.fetchAll(db, sql: sql, arguments: [key, text.lowercased(), limit])
    }
  }
}

/// A message with what the store knows besides.
struct StoredMessage {
  var key: Int64
  var phoneKey: Int64
  var maxSendAttempts: Int
  var message: Message

  func seen(at now: Instant) -> Message { message.seen(at: now, maxSendAttempts: maxSendAttempts) }
}

// The same inside a transaction.
extension Store {
  static func storedMessage(_ db: Database, _ id: String) throws -> StoredMessage {
    let sql = """
      SELECT \(Message.columns), m.key, m.phone_key, p.max_send_attempts
      FROM message m JOIN phone p ON p.key = m.phone_key WHERE m.id = ?
      """
    guard let row = try Row.fetchOne(db.cachedStatement(sql: sql), arguments: [id]) else {
      throw StoreError.unknownMessage(id)
    }
    return StoredMessage(
      key: row[13], phoneKey: row[14], maxSendAttempts: row[15], message: Message(row: row))
  }

  /// Adds a waiting message; the phone's count of them is the caller's to change.
  static func insert(_ db: Database, _ message: Message, phoneKey: Int64) throws {
    try checkID(message.id)
    for (field, text) in [("contact", message.contact), ("content", message.content)]
    where text.utf8.contains(0) {
      throw StoreError.invalid(field: field, expected: "a text without NUL characters")
    }
    let sql = """
      INSERT INTO message (id, phone_key, contact, content, status, queued_at, send_at, ready_at, is_exact,
        send_attempt_count) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)
      """
    do {
      try db.cachedStatement(sql: sql).execute(arguments: [
        message.id, phoneKey, message.contact, message.content, message.status.rawValue, message.queuedAt,
        message.sendAt, message.readyAt, message.isExact,
      ])
    } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_UNIQUE {
      throw StoreError.messageExists(message.id)
    }
  }

  /// Keeps the count of a phone's waiting messages true.
  static func changeWaiting(_ db: Database, phoneKey: Int64, by difference: Int) throws {
    guard difference != 0 else { return }
    try db.cachedStatement(sql: "UPDATE phone SET waiting = waiting + ? WHERE key = ?")
      .execute(arguments: [difference, phoneKey])
  }
}
