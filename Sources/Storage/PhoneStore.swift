import Scheduling

// Phones: reading, adding, changing, removing.
extension Store {
  /// All phones, by number.
  package func phones() throws -> [Phone] {
    try read { session in
      try session.all("SELECT \(Phone.columns) FROM phone ORDER BY number") { Phone(row: $0) }
    }
  }

  /// The phone with a number (its `+` may be missing) or an id.
  package func phone(named name: String) throws -> Phone {
    try read { session in try Self.phone(session, named: name).phone }
  }

  /// Adds a phone; throws if its number, or its id, is taken, or its schedule is unknown.
  ///
  /// `stamp` says who does it, for the phone's history; nil keeps no note.
  package func addPhone(_ phone: Phone, stamp: Stamp? = nil) throws {
    try write { session in
      for name in [phone.number, phone.id] where try Self.phoneKey(session, named: name) != nil {
        throw StoreError.phoneExists(name)
      }
      try Self.check(session, phone)
      try Self.insertPhone(session, phone)
      try PhoneRevision.note(session, phone, .add, "added", stamp?.settled(in: session))
    }
  }

  /// Changes a phone within one transaction, and returns it as it is then, and how many of its messages have failed since
  /// they had as many attempts as it allows now. Its id cannot change.
  @discardableResult
  package func changePhone(
    _ name: String, stamp: Stamp? = nil, _ change: (inout Phone) throws -> Void
  ) throws -> (phone: Phone, failed: Int) {
    try write { session in
      var (key, phone) = try Self.phone(session, named: name)
      let before = phone
      try change(&phone)
      phone.id = before.id
      if phone == before { return (phone, 0) }
      let failed = try Self.savePhone(
        session, phone, over: before, key: key, stamp: stamp?.settled(in: session))
      return (phone, failed)
    }
  }

  /// Removes a phone with all its messages, and says how many of those were waiting.
  ///
  /// What was sent stays known, so that an import does not send it again. Of many messages most go in turns after the
  /// phone; where that cannot be finished, whoever opens the database next does it.
  @discardableResult
  package func removePhone(_ name: String, stamp: Stamp? = nil) throws -> (phone: Phone, waiting: Int) {
    let worker = PendingWorker(engine.presence)
    let (phone, removed) = try write(.lockingPhones) { session in
      let (key, phone) = try Self.phoneToRemove(session, named: name)
      return (phone, try Self.remove(session, key: key, phone, worker, stamp?.settled(in: session)))
    }
    finishRemovals(removed.rest.map { [$0] } ?? [], worker)
    return (phone, removed.waiting)
  }

  /// Removes in turns what is left of phones that were removed.
  func finishRemovals(_ removals: [PhoneRemoval], _ worker: PendingWorker) {
    for removal in removals {
      do {
        try removal.run(in: self, worker)
      } catch {
        // The phone is gone, as was asked for.
        _ = try? PendingImports.leave(self, removal.number, worker)
      }
    }
  }

  /// Gives each of some phones a schedule, or none, in one transaction; returns what they had before, which
  /// attached in its turn undoes it.
  @discardableResult
  package func attach(_ pairs: [(phoneID: String, scheduleID: String?)], stamp: Stamp? = nil) throws
    -> [(phoneID: String, scheduleID: String?)]
  {
    try write(.lockingPhones) { session in
      try session.lock(phones: pairs.map(\.phoneID))
      let stamp = try stamp?.settled(in: session)
      var names: [String: String] = [:]
      for scheduleID in Set(pairs.compactMap(\.scheduleID)) {
        let sql = "SELECT name FROM schedule WHERE id = ?1" + session.dialect.lockToRefer
        guard let name = try session.text(sql, [.text(scheduleID)]) else {
          throw StoreError.unknownSchedule(scheduleID)
        }
        names[scheduleID] = name
      }
      return try pairs.map { id, scheduleID in
        var (key, phone) = try Self.phone(session, id: id)
        let before = phone.scheduleID
        if before != scheduleID {
          if let before, scheduleID == nil, names[before] == nil {
            names.merge(try Self.scheduleNames(session, [before])) { $1 }
          }
          phone.scheduleID = scheduleID
          try session.run(
            "UPDATE phone SET schedule_id = ?1 WHERE key = ?2", [.optional(scheduleID), .integer(key)])
          try SettingsCounter.increase(session)
          let words = PhoneRevision.attaching(scheduleID, insteadOf: before, schedules: names)
          try PhoneRevision.note(session, phone, .attach, words, stamp)
        }
        return (id, before)
      }
    }
  }

  /// Gives one schedule, or none, to many phones in one transaction; returns what they had before.
  @discardableResult
  package func attach(_ scheduleID: String?, toPhones ids: some Sequence<String>, stamp: Stamp? = nil) throws
    -> [(phoneID: String, scheduleID: String?)]
  {
    try attach(ids.map { ($0, scheduleID) }, stamp: stamp)
  }
}

// The same inside a transaction.
extension Store {
  static func phoneKey(_ session: any Session, named name: String) throws -> Int64? {
    let number = PhoneNumber.e164(name) ?? name
    return try session.integer(
      "SELECT key FROM phone WHERE number = ?1 OR id = ?2", [.text(number), .text(name)])
  }

  /// The phone with a number or an id, and its key.
  static func phone(_ session: any Session, named name: String) throws -> (key: Int64, phone: Phone) {
    try phone(session, named: name, lock: "")
  }

  /// The same, locked: from then on nobody else changes it or queues anything for it.
  private static func phoneToRemove(_ session: any Session, named name: String) throws
    -> (key: Int64, phone: Phone)
  {
    let found = try phone(session, named: name, lock: session.dialect.lockToRemove)
    session.concerns(phone: found.phone.number)
    return found
  }

  private static func phone(_ session: any Session, named name: String, lock: String) throws
    -> (key: Int64, phone: Phone)
  {
    let question = question(ofPhone: name)
    let found = try session.first(question.sql + lock, question.values) {
      ($0.integer(Phone.columnCount), Phone(row: $0))
    }
    guard let found else { throw StoreError.unknownPhone(name) }
    return found
  }

  /// Asks for a phone, its key, and the number of its newest message.
  static func question(ofPhone name: String) -> Query {
    let sql = "SELECT \(Phone.columns), key, last_number FROM phone WHERE number = ?1 OR id = ?2"
    return (sql, [.text(PhoneNumber.e164(name) ?? name), .text(name)])
  }

  static func question(ofMessagesPhone id: String) -> Query {
    let sql = "SELECT \(Phone.columns) FROM phone WHERE key = (SELECT phone_key FROM message WHERE id = ?1)"
    return (sql, [.text(id)])
  }

  static func phone(_ session: any Session, id: String) throws -> (key: Int64, phone: Phone) {
    let sql = "SELECT \(Phone.columns), key FROM phone WHERE id = ?1"
    let found = try session.first(sql, [.text(id)]) { ($0.integer(Phone.columnCount), Phone(row: $0)) }
    guard let found else { throw StoreError.unknownPhone(id) }
    return found
  }

  /// Throws what is wrong with a phone that comes from outside.
  static func check(_ session: any Session, _ phone: Phone) throws {
    guard PhoneNumber.e164(phone.number) == phone.number else {
      throw StoreError.invalid(field: "phone_number", expected: "E.164, such as +18005550199")
    }
    let numbers = [
      ("messages_per_minute", phone.messagesPerMinute, 0), ("messages_per_day", phone.messagesPerDay, 0),
      ("max_send_attempts", phone.maxSendAttempts, 1), ("retry_delay_seconds", phone.retryDelaySeconds, 0),
      ("pause_after_failures", phone.pauseAfterFailures, 0),
    ]
    for (field, value, least) in numbers where !(least...Int(Int32.max)).contains(value) {
      throw StoreError.invalid(field: field, expected: "\(least) to \(Int32.max)")
    }
    try checkID(phone.id)
    try check(phone.hold?.until, "held_until")
    for (field, text) in [("label", phone.label), ("hold_reason", phone.hold?.reason ?? "")]
    where !NameRule.acceptsLabel(text) {
      throw StoreError.invalid(field: field, expected: NameRule.expectedLabel)
    }
    let other = "SELECT 1 FROM phone WHERE number = ?1 AND id <> ?1"
    if try session.exists(other, [.text(phone.id)]) {
      throw StoreError.invalid(field: "id", expected: "a text that is no other phone's number")
    }
    if let id = phone.scheduleID,
      try !session.exists("SELECT 1 FROM schedule WHERE id = ?1", [.text(id)])
    {
      throw StoreError.unknownSchedule(id)
    }
  }

  /// Adds a phone that was checked, and returns its key.
  @discardableResult
  static func insertPhone(_ session: any Session, _ phone: Phone) throws -> Int64 {
    let key = try takePhoneKeys(session, 1)
    let places = (2...Phone.columnCount + 1).map { "?\($0)" }.joined(separator: ", ")
    try session.run(
      "INSERT INTO phone (key, \(Phone.columns)) VALUES (?1, \(places))", [.integer(key)] + phone.values)
    try SettingsCounter.increase(session)
    return key
  }

  /// Takes so many keys for new phones, and returns the first.
  static func takePhoneKeys(_ session: any Session, _ count: Int) throws -> Int64 {
    try session.run(
      """
      INSERT INTO counter (name, value) VALUES ('phone', ?1) ON CONFLICT (name) DO UPDATE SET
        value = counter.value + excluded.value
      """, [.integer(count)])
    return (try session.integer("SELECT value FROM counter WHERE name = 'phone'") ?? Int64(count))
      - Int64(count) + 1
  }

  /// Checks and writes what a phone has become, with a note in its history; says how many messages that left without an
  /// attempt.
  @discardableResult
  static func savePhone(
    _ session: any Session, _ phone: Phone, over before: Phone, key: Int64, stamp: Stamp?
  ) throws -> Int {
    if phone.number != before.number, try phoneKey(session, named: phone.number) != nil {
      throw StoreError.phoneExists(phone.number)
    }
    try check(session, phone)
    let failed = try updatePhone(session, phone, over: before, key: key, stamp: stamp)
    let words = try PhoneRevision.words(session, from: before, to: phone).joined(separator: ", ")
    try PhoneRevision.note(session, phone, .save, words, stamp)
    return failed
  }

  /// Removes a phone with all its messages; returns how many of those were waiting, and what is to be done after the
  /// transaction.
  static func remove(
    _ session: any Session, key: Int64, _ phone: Phone, _ worker: PendingWorker, _ stamp: Stamp?
  ) throws -> (waiting: Int, rest: PhoneRemoval?) {
    let waiting = try session.integer("SELECT waiting FROM phone WHERE key = ?1", [.integer(key)]) ?? 0
    let now = try stamp?.at ?? session.now()
    let rest = try PhoneRemoval.begin(ofPhone: key, at: now, worker, session)
    try session.run("DELETE FROM phone WHERE key = ?1", [.integer(key)])
    try SettingsCounter.increase(session)
    let words = waiting == 0 ? "removed" : "removed with \(Int(waiting).counted("waiting message"))"
    try PhoneRevision.note(session, phone, .remove, words, stamp)
    return (Int(waiting), rest)
  }

  /// Writes what a phone has become, and says how many messages that left without an attempt; who changes its hold holds
  /// it.
  @discardableResult
  static func updatePhone(
    _ session: any Session, _ phone: Phone, over before: Phone, key: Int64, stamp: Stamp?
  ) throws -> Int {
    let columns = Phone.columns.split(separator: ", ").enumerated().map { "\($1) = ?\($0 + 2)" }
    try session.run(
      "UPDATE phone SET \(columns.joined(separator: ", ")) WHERE key = ?1", [.integer(key)] + phone.values)
    try SettingsCounter.increase(session)
    if let stamp, phone.hold != before.hold {
      try HoldColumns.write(session, phone.hold, key: key, by: stamp.author, at: stamp.at)
    }
    var failed = 0
    if phone.maxSendAttempts < before.maxSendAttempts {
      failed = try UsedUp.fail(session, phoneKey: key, maxAttempts: phone.maxSendAttempts, stamp)
    }
    if phone.maxSendAttempts != before.maxSendAttempts { try UsedUp.mark(session, phoneKey: key) }
    return failed
  }
}
