import Formats
import GRDB
import Scheduling

/// Brings the schedules and phones of an import into the database.
struct ImportSettings {
  let db: Database
  let path: String
  let stamp: Stamp
  let zones: any TimeZoneSource
  private(set) var schedules = ImportCounts()
  private(set) var phones = ImportCounts()
  private var seenSchedules: [String: ImportedSchedule] = [:]
  private var seenPhones: [String: ImportedPhone] = [:]

  init(_ db: Database, path: String, stamp: Stamp, zones: any TimeZoneSource) {
    self.db = db
    self.path = path
    self.stamp = stamp
    self.zones = zones
  }

  // MARK: - Schedules

  mutating func add(_ schedule: ImportedSchedule) throws {
    if let seen = seenSchedules[schedule.id] {
      guard seen.isSame(as: schedule) else {
        throw schedule.problem(
          ".id", "what the other record of this schedule says (\(seen.place))", schedule.id)
      }
      schedules.unchanged += 1
      return
    }
    try checkZone(of: schedule)
    seenSchedules[schedule.id] = schedule
    let known = try Store.schedule(db, id: schedule.id, path: path)
    let content = ScheduleContent(
      name: schedule.name, timeZone: schedule.timeZone,
      isActive: schedule.isActive ?? known?.content.isActive ?? true, windows: schedule.windows)
    if let known {
      if known.content == content {
        schedules.unchanged += 1
        return
      }
      _ = try Store.updateSchedule(db, known, content, action: .import, stamp: stamp)
      schedules.updated += 1
    } else {
      try Store.insertSchedule(db, id: schedule.id, content, action: .import, stamp: stamp)
      schedules.added += 1
    }
  }

  private func checkZone(of schedule: ImportedSchedule) throws {
    do {
      _ = try zones.clock(of: schedule.timeZone, now: stamp.at)
    } catch {
      guard error.isUnknownName else { throw StoreError.timeZone(schedule: schedule.name, error) }
      throw schedule.problem(
        ".timezone", "an IANA time zone such as \(zones.example(for: schedule.timeZone))", schedule.timeZone)
    }
  }

  // MARK: - Phones

  /// Adds phones, those whose ids are known first: one of them may leave its number to a new phone.
  mutating func add(_ phones: [ImportedPhone]) throws {
    let statement = try db.cachedStatement(sql: "SELECT 1 FROM phone WHERE id = ?")
    var others: [ImportedPhone] = []
    for phone in phones {
      if try Int.fetchOne(statement, arguments: [phone.id]) == nil {
        others.append(phone)
      } else {
        try add(phone)
      }
    }
    for phone in others { try add(phone) }
  }

  private mutating func add(_ phone: ImportedPhone) throws {
    if let seen = seenPhones[phone.id] ?? seenPhones[phone.number] {
      guard seen.isSame(as: phone) else {
        throw phone.problem(".id", "what the other record of this phone says (\(seen.place))", phone.id)
      }
      phones.unchanged += 1
      return
    }
    seenPhones[phone.id] = phone
    seenPhones[phone.number] = phone
    let known = try known(phone)
    let new = phone.phone(over: known?.phone)
    try checkSchedule(of: new, phone)
    if let known {
      if known.phone == new {
        phones.unchanged += 1
        return
      }
      try Store.updatePhone(db, new, key: known.key)
      phones.updated += 1
    } else {
      try Store.insertPhone(db, new)
      phones.added += 1
    }
  }

  /// The phone with the record's id, or else with its number.
  private func known(_ phone: ImportedPhone) throws -> (key: Int64, phone: Phone)? {
    let sql = "SELECT \(Phone.columns), key FROM phone WHERE "
    let byID = try Row.fetchOne(db.cachedStatement(sql: sql + "id = ?"), arguments: [phone.id])
    let byNumber = try Row.fetchOne(db.cachedStatement(sql: sql + "number = ?"), arguments: [phone.number])
    if let byID, let byNumber, byID[7] as Int64 != byNumber[7] as Int64 {
      throw phone.problem(".phone_number", "a number that no other phone has", phone.number)
    }
    return (byID ?? byNumber).map { ($0[7], Phone(row: $0)) }
  }

  private func checkSchedule(of phone: Phone, _ record: ImportedPhone) throws {
    guard let id = phone.scheduleID else { return }
    let statement = try db.cachedStatement(sql: "SELECT 1 FROM schedule WHERE id = ?")
    if try Int.fetchOne(statement, arguments: [id]) == nil {
      throw record.problem(
        ".message_send_schedule_id", "the id of a schedule that is known or imported with it", id)
    }
  }
}

extension ImportedSchedule {
  fileprivate func isSame(as other: ImportedSchedule) -> Bool {
    name == other.name && timeZone == other.timeZone && isActive == other.isActive && windows == other.windows
  }

  fileprivate func problem(_ field: String, _ expected: String, _ found: String) -> ImportProblem {
    ImportProblem(
      file: file, line: line, place: place + field, expected: expected, found: ImportProblem.quote(found))
  }
}

extension ImportedPhone {
  fileprivate func isSame(as other: ImportedPhone) -> Bool {
    id == other.id && number == other.number && label == other.label && sim == other.sim
      && messagesPerMinute == other.messagesPerMinute && maxSendAttempts == other.maxSendAttempts
      && scheduleID == other.scheduleID
  }

  fileprivate func problem(_ field: String, _ expected: String, _ found: String) -> ImportProblem {
    ImportProblem(
      file: file, line: line, place: place + field, expected: expected, found: ImportProblem.quote(found))
  }
}
