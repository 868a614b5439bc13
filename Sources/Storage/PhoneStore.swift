import GRDB
import Scheduling

// Phones: reading, adding, changing, removing.
extension Store {
  /// All phones, by number.
  package func phones() throws -> [Phone] {
    try read { db in
      try Row.fetchAll(db, sql: "SELECT \(Phone.columns) FROM phone ORDER BY number").map(Phone.init(row:))
    }
  }

  /// The phone with a number (its `+` may be missing) or an id.
  package func phone(named name: String) throws -> Phone {
    try read { db in try Self.phone(db, named: name).phone }
  }

  /// Adds a phone; throws if its number, or its id, is taken, or its schedule is unknown.
  package func addPhone(_ phone: Phone) throws {
    try write { db in
      for name in [phone.number, phone.id] where try Self.phoneKey(db, named: name) != nil {
        throw StoreError.phoneExists(name)
      }
      try Self.check(db, phone)
      try Self.insertPhone(db, phone)
    }
  }

  /// Changes a phone within one transaction and returns it as it is then. Its id cannot change.
  @discardableResult
  package func changePhone(_ name: String, _ change: (inout Phone) throws -> Void) throws -> Phone {
    try write { db in
      var (key, phone) = try Self.phone(db, named: name)
      let before = phone
      try change(&phone)
      phone.id = before.id
      if phone.number != before.number, try Self.phoneKey(db, named: phone.number) != nil {
        throw StoreError.phoneExists(phone.number)
      }
      try Self.check(db, phone)
      try Self.updatePhone(db, phone, key: key)
      return phone
    }
  }

  /// Removes a phone with all its messages, and says how many of those were waiting.
  @discardableResult
  package func removePhone(_ name: String) throws -> (phone: Phone, waiting: Int) {
    try write { db in
      let (key, phone) = try Self.phone(db, named: name)
      let waiting =
        try Int.fetchOne(db, sql: "SELECT waiting FROM phone WHERE key = ?", arguments: [key]) ?? 0
      try db.execute(
        sql: "DELETE FROM message WHERE phone_key = ? AND \(Schema.isWaiting)", arguments: [key])
      try db.execute(
        sql:
          "DELETE FROM message WHERE status IN (\(Schema.handledList)) AND phone_key = ? AND \(Schema.isHandled)",
        arguments: [key])
      try db.execute(sql: "DELETE FROM phone WHERE key = ?", arguments: [key])
      // Keys of messages may come again after this.
      try QueueLog.reload(db, phoneKey: QueueLog.everyPhone)
      return (phone, waiting)
    }
  }

  /// Gives a schedule, or none, to many phones in one transaction.
  package func attach(_ scheduleID: String?, toPhones ids: some Sequence<String>) throws {
    try write { db in
      if let scheduleID, try Self.schedule(db, id: scheduleID, path: path) == nil {
        throw StoreError.unknownSchedule(scheduleID)
      }
      let statement = try db.makeStatement(sql: "UPDATE phone SET schedule_id = ? WHERE id = ?")
      for id in ids {
        try statement.execute(arguments: [scheduleID, id])
        if db.changesCount == 0 { throw StoreError.unknownPhone(id) }
      }
    }
  }
}

// The same inside a transaction.
extension Store {
  static func phoneKey(_ db: Database, named name: String) throws -> Int64? {
    let number = PhoneNumber.e164(name) ?? name
    return try Int64.fetchOne(
      db.cachedStatement(sql: "SELECT key FROM phone WHERE number = ?1 OR id = ?2"),
      arguments: [number, name])
  }

  static func phone(_ db: Database, named name: String) throws -> (key: Int64, phone: Phone) {
    let number = PhoneNumber.e164(name) ?? name
    let statement = try db.cachedStatement(
      sql: "SELECT \(Phone.columns), key FROM phone WHERE number = ?1 OR id = ?2")
    guard let row = try Row.fetchOne(statement, arguments: [number, name]) else {
      throw StoreError.unknownPhone(name)
    }
    return (row[7], Phone(row: row))
  }

  /// Throws what is wrong with a phone that comes from outside.
  static func check(_ db: Database, _ phone: Phone) throws {
    guard PhoneNumber.e164(phone.number) == phone.number else {
      throw StoreError.invalid(field: "phone_number", expected: "E.164, such as +18005550199")
    }
    guard phone.messagesPerMinute >= 0 else {
      throw StoreError.invalid(field: "messages_per_minute", expected: "0 (no limit) or more")
    }
    guard phone.maxSendAttempts >= 1 else {
      throw StoreError.invalid(field: "max_send_attempts", expected: "1 or more")
    }
    try checkID(phone.id)
    if let id = phone.scheduleID,
      try Bool.fetchOne(db, sql: "SELECT 1 FROM schedule WHERE id = ?", arguments: [id]) == nil
    {
      throw StoreError.unknownSchedule(id)
    }
  }

  static func insertPhone(_ db: Database, _ phone: Phone) throws {
    let sql = "INSERT INTO phone (\(Phone.columns)) VALUES (?, ?, ?, ?, ?, ?, ?)"
    try db.cachedStatement(sql: sql).execute(arguments: values(phone))
  }

  static func updatePhone(_ db: Database, _ phone: Phone, key: Int64) throws {
    let sql = "UPDATE phone SET (\(Phone.columns)) = (?, ?, ?, ?, ?, ?, ?) WHERE key = ?"
    try db.cachedStatement(sql: sql).execute(arguments: values(phone) + [key])
  }

  private static func values(_ phone: Phone) -> StatementArguments {
    [
      phone.id, phone.number, phone.label, phone.sim.rawValue, phone.messagesPerMinute, phone.maxSendAttempts,
      phone.scheduleID,
    ]
  }
}
