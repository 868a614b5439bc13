import Scheduling

/// A message to be queued.
package struct NewMessage: Equatable, Sendable {
  /// Nil for a new one.
  package var id: String?
  package var contact: String
  package var content: String
  package var sendAt: Instant?
  package var isExact: Bool
  package var expiresAt: Instant?
  /// Nil for the phone's number.
  package var maxSendAttempts: Int?

  package init(
    id: String? = nil, contact: String, content: String, sendAt: Instant? = nil, isExact: Bool = false,
    expiresAt: Instant? = nil, maxSendAttempts: Int? = nil
  ) {
    self.id = id
    self.contact = contact
    self.content = content
    self.sendAt = sendAt
    self.isExact = isExact
    self.expiresAt = expiresAt
    self.maxSendAttempts = maxSendAttempts
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
  /// Queues messages of a phone, all or none, and returns them as they are then.
  @discardableResult
  package func addMessages(_ messages: some Sequence<NewMessage>, to phone: String, at time: Time) throws
    -> [Message]
  {
    try write(.lockingPhones) {
      try QueueTransaction(store: self, session: $0).add(messages, to: phone, at: time)
    }
  }

  /// The message with an id, as it stands at `now`.
  package func message(_ id: String, now: Instant) throws -> Message {
    try read { session in try StoredMessage.find(session, id: id).seen(at: now) }
  }

  /// Hands the messages of a phone, or of all, to `body`, as they stand at `now`: by phone, in the order of
  /// being queued.
  package func forEachMessage(
    of phone: String?, now: Instant, filter: MessageFilter = MessageFilter(), _ body: (Message) throws -> Void
  ) throws {
    try read(isRepeatable: false) { session in
      let phones =
        try phone.map { [try Self.phone(session, named: $0)] }
        ?? session.all("SELECT \(Phone.columns), key FROM phone ORDER BY number") {
          ($0.integer(Phone.columnCount), Phone(row: $0))
        }
      for (key, phone) in phones {
        // The phone is known: its row need not be joined to each message.
        let sql = """
          SELECT \(Message.columns(owner: "CAST(?3 AS TEXT)")) FROM message AS m WHERE m.key >= ?1 AND m.key < ?2 ORDER BY m.key
          """
        let keys = MessageKey.range(ofPhone: key)
        try session.each(
          sql, [.integer(keys.lowerBound), .integer(keys.upperBound), .text(phone.number)]
        ) { row in
          let message = Message(row: row).seen(at: now, maxSendAttempts: phone.maxSendAttempts)
          if filter.accepts(message) { try body(message) }
        }
      }
    }
  }

  /// Hands the messages with keys in a range to `body`, in their order, as they are stored.
  package func forEachMessage(keys: Range<Int64>, _ body: (Message) throws -> Void) throws {
    let sql = """
      SELECT \(Message.columns) FROM message AS m JOIN phone AS p ON p.key = m.phone_key
      WHERE m.key >= ?1 AND m.key < ?2 ORDER BY m.key
      """
    try read(isRepeatable: false) { session in
      try session.each(sql, [.integer(keys.lowerBound), .integer(keys.upperBound)]) {
        try body(Message(row: $0))
      }
    }
  }

  /// The stored messages with some keys, which a ``SendQueue`` names; keys that are gone are left out.
  package func messages(keys: some Sequence<Int64>) throws -> [Int64: Message] {
    try read { session in
      let sql = """
        SELECT \(Message.columns) FROM message AS m JOIN phone AS p ON p.key = m.phone_key WHERE m.key = ?1
        """
      var found: [Int64: Message] = [:]
      for key in keys {
        try session.each(sql, [.integer(key)]) { found[key] = Message(row: $0) }
      }
      return found
    }
  }
}

extension Store {
  /// Throws if an instant is none that can be stored.
  static func check(_ time: Instant?, _ field: String) throws {
    guard let time, !Instant.storable.contains(time) else { return }
    throw StoreError.invalid(field: field, expected: "a time that in UTC is within the years 0 to 9999")
  }
}

extension Message {
  /// Throws if one of the times that somebody gave it cannot be stored.
  func checkTimes() throws {
    try Store.check(sendAt, "send_at")
    try Store.check(expiresAt, "expires_at")
  }
}

extension QueueTransaction {
  /// Queues messages of a phone; see ``Store/addMessages(_:to:at:)``.
  package func add(_ messages: some Sequence<NewMessage>, to name: String, at time: Time) throws -> [Message]
  {
    let now = try lock(.phone(name), at: time)
    let question = Store.question(ofPhone: name)
    let found = try session.first(question.sql, question.values) {
      (
        key: $0.integer(Phone.columnCount), lastNumber: $0.integer(Phone.columnCount + 1),
        number: Phone(row: $0).number
      )
    }
    guard let phone = found else { throw StoreError.unknownPhone(name) }
    fronts?.forget(phone.key)
    let messages = Array(messages)
    try refuseExpired(messages, now: now)
    try refuseKnown(messages.compactMap(\.id))
    let added = messages.enumerated().map { index, new in
      Message(
        id: new.id ?? NewID.make(at: now, sequence: index & 0xFFF), owner: phone.number,
        contact: new.contact, content: new.content, status: new.sendAt == nil ? .pending : .scheduled,
        queuedAt: now, sendAt: new.sendAt, isExact: new.isExact, expiresAt: new.expiresAt,
        maxSendAttempts: new.maxSendAttempts)
    }
    try QueueCounts.arrive(session, phoneKey: phone.key, count: added.count)
    for (index, message) in added.enumerated() {
      try insert(message, phoneKey: phone.key, number: phone.lastNumber + 1 + Int64(index))
    }
    return added
  }

  /// Throws if a message expires before it may go out: nobody means that.
  private func refuseExpired(_ messages: [NewMessage], now: Instant) throws {
    for (index, message) in messages.enumerated() {
      guard let expiresAt = message.expiresAt, expiresAt < max(now, message.sendAt ?? now) else { continue }
      throw StoreError.invalid(
        field: messages.count == 1 ? "expires_at" : "message \(index + 1): expires_at",
        expected: "a moment after now and its send time, not \(Timestamp.utc(expiresAt))")
    }
  }

  /// Throws if there is a message with one of some ids, or was one that was done with, or two are to have the same.
  private func refuseKnown(_ ids: [String]) throws {
    let there = ids.map { ("SELECT 1 FROM message WHERE id = ?1", [Value.text($0)]) }
    let gone = ids.map { ("SELECT 1 FROM known_id WHERE id = ?1", [Value.text($0)]) }
    try session.prefetch(there + gone)
    var seen: Set<String> = []
    for (id, (there, gone)) in zip(ids, zip(there, gone)) {
      if try !seen.insert(id).inserted
        || session.exists(there.0, there.1) && !PhoneRemoval.removeLeft(id, session)
      {
        throw StoreError.messageExists(id)
      }
      // Nothing goes out a second time because it was forgotten.
      if try session.exists(gone.0, gone.1) { throw StoreError.messageForgotten(id) }
    }
  }

  private func insert(_ message: Message, phoneKey: Int64, number: Int64) throws {
    try Store.checkID(message.id)
    for (field, text) in [("contact", message.contact), ("content", message.content)]
    where text.utf8.contains(0) {
      throw StoreError.invalid(field: field, expected: "a text without NUL characters")
    }
    try message.checkTimes()
    try session.send(
      """
      INSERT INTO message (key, id, phone_key, contact, content, status, queued_at, send_at, ready_at, is_exact,
        expires_at, max_send_attempts, send_attempt_count)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 0)
      """,
      [
        .integer(MessageKey.make(phone: phoneKey, number: number)), .text(message.id), .integer(phoneKey),
        .text(message.contact), .text(message.content), .text(message.status.rawValue),
        .integer(message.queuedAt), .optional(message.sendAt), .integer(message.readyAt),
        .bool(message.isExact), .optional(message.expiresAt), .optional(message.maxSendAttempts),
      ])
  }
}
