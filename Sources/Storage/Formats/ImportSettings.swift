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

  init(_ session: any Session, stamp: Stamp) {
    self.session = session
    self.stamp = stamp
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

  /// Adds phones, those whose ids are known first: one of them may leave its number to a new phone.
  mutating func add(_ phones: [PhoneRecord]) throws {
    let known = try phones.filter { phone in
      try session.exists("SELECT 1 FROM phone WHERE id = ?1", [.text(phone.id)])
    }
    let ids = Set(known.map(\.id))
    for phone in known + phones.filter({ !ids.contains($0.id) }) { try add(phone) }
    for phone in phones { try checkID(phone) }
  }

  private mutating func add(_ record: PhoneRecord) throws {
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
    let known = try known(record)
    let new = record.phone(over: known?.phone)
    let schedule = "SELECT 1 FROM schedule WHERE id = ?1" + session.dialect.lockToRefer
    if let id = new.scheduleID, try !session.exists(schedule, [.text(id)]) {
      throw record.place.problem(
        "message_send_schedule_id", "the id of a schedule that is known or imported with it", found: id)
    }
    guard let known else {
      let key = try Store.insertPhone(session, new)
      for send in record.pastSends {
        try session.run(
          "INSERT INTO past_send (phone_key, send_time, count) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
          [.integer(key), .integer(send.sendTime), .integer(send.count)])
      }
      try PhoneRevision.note(session, new, .import, "imported", stamp)
      phones.added += 1
      return
    }
    if known.phone == new {
      phones.unchanged += 1
      return
    }
    if let hold = known.phone.hold, hold.until > max(stamp.at, new.hold?.until ?? .min) {
      released.add(new.number)
    }
    try Store.updatePhone(session, new, over: known.phone, key: known.key, stamp: stamp)
    let words = PhoneRevision.words(from: known.phone, to: new).joined(separator: ", ")
    try PhoneRevision.note(session, new, .import, words, stamp)
    phones.updated += 1
  }

  /// The phone with the record's id, or else with its number.
  private func known(_ record: PhoneRecord) throws -> (key: Int64, phone: Phone)? {
    let sql = "SELECT \(Phone.columns), key FROM phone WHERE "
    func first(_ condition: String, _ value: String) throws -> (key: Int64, phone: Phone)? {
      try session.first(sql + condition + session.dialect.lock, [.text(value)]) {
        ($0.integer(Phone.columnCount), Phone(row: $0))
      }
    }
    let byID = try first("id = ?1", record.id)
    let byNumber = try first("number = ?1", record.number)
    if let byID, let byNumber, byID.key != byNumber.key {
      throw record.place.problem("phone_number", "a number that no other phone has", found: record.number)
    }
    return byID ?? byNumber
  }

  /// People name phones by number or id: what is one phone's number may not be another's id.
  private func checkID(_ record: PhoneRecord) throws {
    let isAnothers = "SELECT 1 FROM phone a JOIN phone b ON a.id = b.number AND a.key <> b.key WHERE "
    let values: [Value] = [.text(record.id), .text(record.number)]
    if try session.exists(isAnothers + "a.id = ?1 OR b.number = ?2", values) {
      throw record.place.problem("id", "a text that is no other phone's number", found: record.id)
    }
  }
}
