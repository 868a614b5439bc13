import Formats
import Scheduling

/// Writes the schedules and phones of an import, within its transaction.
struct ImportSettings {
  private let session: any Session
  private let stamp: Stamp
  private(set) var schedules = ImportCounts()
  private(set) var phones = ImportCounts()
  /// The numbers of held phones that the file lets send.
  private(set) var released = ImportSummary.SomeIDs()
  private var seenSchedules: [String: ScheduleRecord] = [:]
  private var seenIDs: [String: PhoneRecord] = [:]
  private var seenNumbers: [String: PhoneRecord] = [:]
  private var knownSchedules: Set<String> = []
  private var new: [(record: PhoneRecord, phone: Phone)] = []
  /// What was found of the phones that are known to be new; see ``NewPhones``.
  private let knownAsNew: [String: Int64]
  /// The keys of the phones that were added, by their numbers.
  private(set) var keys: [String: Int64] = [:]

  init(_ session: any Session, stamp: Stamp, newPhones: NewPhones) throws {
    self.session = session
    self.stamp = stamp
    knownAsNew = try newPhones.current(session)
  }

  // MARK: - Schedules

  mutating func add(_ schedules: [ScheduleRecord]) throws {
    for schedule in schedules { try add(schedule) }
  }

  private mutating func add(_ record: ScheduleRecord) throws {
    if let seen = seenSchedules[record.id] {
      guard seen.content(over: nil) == record.content(over: nil) else {
        throw record.place.problem(
          "id", "what the other record of this schedule says (\(seen.place.record))", found: record.id)
      }
      schedules.unchanged += 1
      return
    }
    seenSchedules[record.id] = record
    let known = try Store.schedule(session, id: record.id, path: session.name, isLocking: true)
    let content = record.content(over: known?.content)
    guard let known else {
      try Store.insertSchedule(session, id: record.id, content, action: .import, stamp: stamp)
      schedules.added += 1
      return
    }
    if known.content == content {
      schedules.unchanged += 1
    } else {
      _ = try Store.updateSchedule(session, known, content, action: .import, stamp: stamp)
      schedules.updated += 1
    }
  }

  // MARK: - Phones

  /// Records that are looked up at once, on a server.
  private static let atOnce = 500

  /// Adds phones, those whose ids are known first: one of them may leave its number to a new phone.
  mutating func add(_ phones: [PhoneRecord]) throws {
    func isKnown(_ record: PhoneRecord) -> [Query] {
      [("SELECT 1 FROM phone WHERE id = ?1", [.text(record.id)])]
    }
    let session = session
    let (new, rest) = (phones.filter { isNew($0) }, phones.filter { !isNew($0) })
    var (known, other): ([PhoneRecord], [PhoneRecord]) = ([], [])
    try Self.inParts(rest, session, asking: isKnown) { record in
      let (sql, id) = isKnown(record)[0]
      if try session.exists(sql, id) { known.append(record) } else { other.append(record) }
    }
    for record in known { try add(record, isKnown: true) }
    try Self.inParts(other, session, asking: numberQuestions) { try add($0, isKnown: false) }
    for record in new { try add(record, isKnown: false) }
    try insertNew()
    for record in new where isNamedElsewhere(record) { throw idProblem(record) }
    try Self.inParts(rest, session, asking: idQuestions) { try checkID($0) }
  }

  private func isNew(_ record: PhoneRecord) -> Bool { knownAsNew[record.id] != nil }

  /// Does something with each record, before which it asks some questions for many of them.
  private static func inParts(
    _ records: [PhoneRecord], _ session: any Session, asking questions: (PhoneRecord) -> [Query],
    _ body: (PhoneRecord) throws -> Void
  ) throws {
    for start in stride(from: 0, to: records.count, by: atOnce) {
      let part = records[start..<min(start + atOnce, records.count)]
      try session.prefetch(part.flatMap(questions))
      for record in part { try body(record) }
    }
  }

  private mutating func add(_ record: PhoneRecord, isKnown: Bool) throws {
    if let seen = seenIDs[record.id] ?? seenNumbers[record.number] {
      guard seen.id == record.id, seen.phone(over: nil) == record.phone(over: nil) else {
        throw record.place.problem(
          "id", "what the other record of this phone says (\(seen.place.record))", found: record.id)
      }
      phones.unchanged += 1
      return
    }
    seenIDs[record.id] = record
    seenNumbers[record.number] = record
    let known = try known(record, isKnown: isKnown)
    let phone = record.phone(over: known?.phone)
    if let id = phone.scheduleID, try !isSchedule(id) {
      throw record.place.problem(
        "message_send_schedule_id", "the id of a schedule that is known or imported with it", found: id)
    }
    guard let known else {
      new.append((record, phone))
      phones.added += 1
      return
    }
    if known.phone == phone {
      phones.unchanged += 1
      return
    }
    if let hold = known.phone.hold, hold.until > max(stamp.at, phone.hold?.until ?? .min) {
      released.add(phone.number)
    }
    try Store.updatePhone(session, phone, over: known.phone, key: known.key, stamp: stamp)
    let words = try PhoneRevision.words(session, from: known.phone, to: phone).joined(separator: ", ")
    try PhoneRevision.note(session, phone, .import, words, stamp)
    phones.updated += 1
  }

  private mutating func isSchedule(_ id: String) throws -> Bool {
    if knownSchedules.contains(id) { return true }
    let sql = "SELECT 1 FROM schedule WHERE id = ?1" + session.dialect.lockToRefer
    guard try session.exists(sql, [.text(id)]) else { return false }
    knownSchedules.insert(id)
    return true
  }

  /// Inserts the phones that are new, together: others wait meanwhile.
  private mutating func insertNew() throws {
    guard !new.isEmpty else { return }
    let first = try Store.takePhoneKeys(session, new.count)
    let columns = Phone.columns.split(separator: ",").map { $0.filter { !$0.isWhitespace } }
    try session.insert(into: "phone", columns: ["key"] + columns) { rows in
      for (index, (_, phone)) in new.enumerated() {
        rows.integer(first + Int64(index))
        for value in phone.values { rows.value(value) }
        try rows.endRow()
      }
    }
    for (index, (_, phone)) in new.enumerated() { keys[phone.number] = first + Int64(index) }
    try PhoneRevision.note(
      session, new.map(\.phone), .import, "imported", stamp, known: knownAsNew)
    for (index, (record, _)) in new.enumerated() {
      for send in record.pastSends {
        try session.send(
          "INSERT INTO past_send (phone_key, send_time, count) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
          [.integer(first + Int64(index)), .integer(send.sendTime), .integer(send.count)])
      }
    }
    try SettingsCounter.increase(session)
  }

  private func numberQuestions(_ record: PhoneRecord) -> [Query] {
    [
      (
        "SELECT \(Phone.columns), key FROM phone WHERE number = ?1" + session.dialect.lock,
        [.text(record.number)]
      )
    ]
  }

  /// The phone with the record's id, or else with its number.
  private func known(_ record: PhoneRecord, isKnown: Bool) throws -> (key: Int64, phone: Phone)? {
    if isNew(record) { return nil }
    func first(_ question: Query) throws -> (key: Int64, phone: Phone)? {
      try session.first(question.sql, question.values) { ($0.integer(Phone.columnCount), Phone(row: $0)) }
    }
    let byID =
      isKnown
      ? try first(
        ("SELECT \(Phone.columns), key FROM phone WHERE id = ?1" + session.dialect.lock, [.text(record.id)]))
      : nil
    let byNumber = try first(numberQuestions(record)[0])
    if let byID, let byNumber, byID.key != byNumber.key {
      throw record.place.problem("phone_number", "a number that no other phone has", found: record.number)
    }
    return byID ?? byNumber
  }

  private func idQuestions(_ record: PhoneRecord) -> [Query] {
    [
      ("SELECT 1 FROM phone WHERE number = ?1 AND id <> ?1", [.text(record.id)]),
      ("SELECT 1 FROM phone WHERE id = ?1 AND number <> ?1", [.text(record.number)]),
    ]
  }

  /// People name phones by number or id: what is one phone's number may not be another's id.
  private func checkID(_ record: PhoneRecord) throws {
    for (sql, values) in idQuestions(record) where try session.exists(sql, values) { throw idProblem(record) }
  }

  /// The same of a phone that no phone of the database stands against, but one of the import may.
  private func isNamedElsewhere(_ record: PhoneRecord) -> Bool {
    let byNumber = seenNumbers[record.id].map { $0.id != record.id } ?? false
    return byNumber || seenIDs[record.number].map { $0.number != record.number } ?? false
  }

  private func idProblem(_ record: PhoneRecord) -> ImportProblem {
    record.place.problem("id", "a text that is no other phone's number", found: record.id)
  }
}
