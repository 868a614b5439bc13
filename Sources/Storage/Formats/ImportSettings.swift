import Formats
import Scheduling

/// Brings the schedules and phones of an import into the database.
struct ImportSettings {
  let session: any Session
  let path: String
  let stamp: Stamp
  private(set) var schedules = ImportCounts()
  private(set) var phones = ImportCounts()
  private var seenSchedules: [String: ImportedSchedule] = [:]
  private var seenPhones: [String: ImportedPhone] = [:]

  init(_ session: any Session, path: String, stamp: Stamp) {
    self.session = session
    self.path = path
    self.stamp = stamp
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
    seenSchedules[schedule.id] = schedule
    let known = try Store.schedule(session, id: schedule.id, path: path)
    let content = ScheduleContent(
      name: schedule.name, timeZone: schedule.timeZone,
      isActive: schedule.isActive ?? known?.content.isActive ?? true, windows: schedule.windows)
    if let known {
      if known.content == content {
        schedules.unchanged += 1
        return
      }
      _ = try Store.updateSchedule(session, known, content, action: .import, stamp: stamp)
      schedules.updated += 1
    } else {
      try Store.insertSchedule(session, id: schedule.id, content, action: .import, stamp: stamp)
      schedules.added += 1
    }
  }

  // MARK: - Phones

  /// Adds phones, those whose ids are known first: one of them may leave its number to a new phone.
  mutating func add(_ phones: [ImportedPhone]) throws {
    var others: [ImportedPhone] = []
    for phone in phones {
      if try !session.exists("SELECT 1 FROM phone WHERE id = ?1", [.text(phone.id)]) {
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
      try Store.updatePhone(session, new, key: known.key)
      phones.updated += 1
    } else {
      try Store.insertPhone(session, new)
      phones.added += 1
    }
  }

  /// The phone with the record's id, or else with its number.
  private func known(_ phone: ImportedPhone) throws -> (key: Int64, phone: Phone)? {
    let sql = "SELECT \(Phone.columns), key FROM phone WHERE "
    let read = { (row: any ResultRow) in (key: row.integer(Phone.columnCount), phone: Phone(row: row)) }
    let byID = try session.first(sql + "id = ?1", [.text(phone.id)], read)
    let byNumber = try session.first(sql + "number = ?1", [.text(phone.number)], read)
    if let byID, let byNumber, byID.key != byNumber.key {
      throw phone.problem(".phone_number", "a number that no other phone has", phone.number)
    }
    return byID ?? byNumber
  }

  private func checkSchedule(of phone: Phone, _ record: ImportedPhone) throws {
    guard let id = phone.scheduleID else { return }
    if try !session.exists("SELECT 1 FROM schedule WHERE id = ?1", [.text(id)]) {
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
