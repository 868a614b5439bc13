import Scheduling

// Schedules: reading, adding, saving, removing. Each step leaves a revision.
extension Store {
  /// All schedules, by name.
  package func schedules() throws -> [Schedule] {
    try read { session in
      try session.all("SELECT \(Schedule.columns) FROM schedule ORDER BY name, id") {
        try Schedule(row: $0, path: path)
      }
    }
  }

  /// The schedule with an id, or else the only one with that name.
  package func schedule(named name: String) throws -> Schedule {
    try read { session in try schedule(session, named: name) }
  }

  /// The phones that a schedule serves, by number.
  package func phones(servedBy scheduleID: String) throws -> [Phone] {
    try read { session in try Self.phones(session, servedBy: scheduleID) }
  }

  /// Adds a schedule. Equal names are refused, since people name schedules by them.
  package func addSchedule(_ content: ScheduleContent, id: String? = nil, stamp: Stamp) throws -> Schedule {
    try write { session in
      let stamp = try stamp.settled(in: session)
      try check(content)
      try Self.checkName(session, content.name, exceptFor: nil)
      let id = id ?? NewID.make(at: stamp.at)
      try Self.checkID(id)
      if try Self.schedule(session, id: id, path: path) != nil { throw StoreError.scheduleExists(id) }
      return try Self.insertSchedule(session, id: id, content, action: .add, stamp: stamp)
    }
  }

  /// Saves a schedule, unless somebody saved it since `revision`: then it throws ``StoreError/stale(current:)``.
  ///
  /// Saving what is saved already makes no revision.
  @discardableResult
  package func save(_ id: String, _ content: ScheduleContent, basedOn revision: Int, stamp: Stamp) throws
    -> Schedule
  {
    try write { session in
      let stamp = try stamp.settled(in: session)
      let current = try Self.schedule(session, id: id, path: path)
      guard let current, current.revision == revision else { throw StoreError.stale(current: current) }
      return try saveSchedule(session, current, content, action: .save, stamp: stamp)
    }
  }

  /// Changes the schedule with a name or id as it is now, within one transaction.
  @discardableResult
  package func changeSchedule(
    _ name: String, stamp: Stamp, _ change: (inout ScheduleContent) throws -> Void
  ) throws -> Schedule {
    try write { session in
      let stamp = try stamp.settled(in: session)
      return try changeSchedule(session, schedule(session, named: name), stamp: stamp, change)
    }
  }

  /// Changes several schedules, each with a name or id, in one transaction: all or none. Returns each as it was and as it
  /// is then. What is wrong with one names it.
  package func changeSchedules(
    _ changes: [(name: String, change: (inout ScheduleContent) throws -> Void)], stamp: Stamp
  ) throws -> [(before: Schedule, after: Schedule)] {
    try write { session in
      let stamp = try stamp.settled(in: session)
      return try changes.map { name, change in
        let current = try schedule(session, named: name)
        do {
          return (current, try changeSchedule(session, current, stamp: stamp, change))
        } catch StoreError.invalid(let field, let expected) {
          let field = "schedule \(current.content.name): \(field)"
          throw StoreError.invalid(field: field, expected: expected)
        }
      }
    }
  }

  private func changeSchedule(
    _ session: any Session, _ current: Schedule, stamp: Stamp,
    _ change: (inout ScheduleContent) throws -> Void
  ) throws -> Schedule {
    var content = current.content
    try change(&content)
    return try saveSchedule(session, current, content, action: .save, stamp: stamp)
  }

  /// Removes a schedule and returns it with the phones that it served, which have none then.
  ///
  /// With `revision` it is not removed if somebody saved it since: ``StoreError/stale(current:)``.
  @discardableResult
  package func removeSchedule(_ name: String, basedOn revision: Int? = nil, stamp: Stamp) throws
    -> (schedule: Schedule, freed: [Phone])
  {
    try write(.lockingPhones) { session in
      let found = try schedule(session, named: name)
      let question = Self.question(ofSchedule: found.id)
      try session.lock("schedule_id = ?1", [.text(found.id)])
      let current = try session.first(question.sql + session.dialect.lockToRemove, question.values) {
        try Schedule(row: $0, path: path)
      }
      guard let current else { throw StoreError.unknownSchedule(name) }
      // Those that were attached meanwhile. From here on no phone can be.
      try session.lock("schedule_id = ?1", [.text(found.id)])
      let stamp = try stamp.settled(in: session)
      session.concerns(phone: nil)
      if let revision, revision != current.revision { throw StoreError.stale(current: current) }
      let freed = try Self.phones(session, servedBy: current.id)
      for var phone in freed {
        phone.scheduleID = nil
        try PhoneRevision.note(session, phone, .attach, "schedule \(current.content.name) removed", stamp)
      }
      try session.run("UPDATE phone SET schedule_id = NULL WHERE schedule_id = ?1", [.text(current.id)])
      try session.run("DELETE FROM schedule WHERE id = ?1", [.text(current.id)])
      try SettingsCounter.increase(session)
      let summary = freed.isEmpty ? "removed" : "removed, \(freed.count.counted("phone")) freed"
      try RevisionRow.insert(
        session, current.id, current.revision + 1, current.content, action: .remove, summary: summary,
        stamp: stamp, freed: freed.map(\.id))
      return (current, freed)
    }
  }
}

// The same inside a transaction.
extension Store {
  func schedule(_ session: any Session, named name: String) throws -> Schedule {
    let sql = "SELECT \(Schedule.columns) FROM schedule WHERE name = ?1 OR id = ?1 ORDER BY id"
    let found = try session.all(sql, [.text(name)]) { try Schedule(row: $0, path: path) }
    guard let first = found.first else { throw StoreError.unknownSchedule(name) }
    guard found.count == 1 else { throw StoreError.ambiguousSchedule(name: name, ids: found.map(\.id)) }
    return first
  }

  /// `isLocking` keeps it from being changed by others until the end of the transaction.
  static func schedule(_ session: any Session, id: String, path: String, isLocking: Bool = false) throws
    -> Schedule?
  {
    var question = question(ofSchedule: id)
    if isLocking { question.sql += session.dialect.lock }
    return try session.first(question.sql, question.values) { try Schedule(row: $0, path: path) }
  }

  static func question(ofSchedule id: String) -> Query {
    ("SELECT \(Schedule.columns) FROM schedule WHERE id = ?1", [.text(id)])
  }

  static func phones(_ session: any Session, servedBy scheduleID: String) throws -> [Phone] {
    let sql = "SELECT \(Phone.columns) FROM phone WHERE schedule_id = ?1 ORDER BY number"
    return try session.all(sql, [.text(scheduleID)], Phone.init(row:))
  }

  /// The names of some schedules by their ids; of one that is not there none.
  static func scheduleNames(_ session: any Session, _ ids: [String?]) throws -> [String: String] {
    var names: [String: String] = [:]
    for case let id? in ids {
      names[id] = try session.text("SELECT name FROM schedule WHERE id = ?1", [.text(id)])
    }
    return names
  }

  /// Throws what is wrong with a schedule that comes from outside.
  func check(_ content: ScheduleContent) throws {
    guard NameRule.acceptsName(content.name) else {
      throw StoreError.invalid(field: "name", expected: NameRule.expected)
    }
    do {
      _ = try zones.clock(of: content.timeZone, now: 0)
    } catch {
      guard error.isUnknownName else { throw StoreError.timeZone(schedule: content.name, error) }
      throw StoreError.invalid(
        field: "timezone", expected: "an IANA time zone, such as \(zones.example(for: content.timeZone))")
    }
    if let problem = Window.check(content.windows) {
      throw StoreError.invalid(
        field: problem.index.map { "windows[\($0)].\(problem.field)" } ?? problem.field,
        expected: problem.expected)
    }
    if let problem = ScheduleException.check(content.exceptions) {
      throw StoreError.invalid(field: problem.path, expected: problem.expected)
    }
  }

  /// Identifiers of all records, as `import` takes them.
  static func checkID(_ id: String) throws {
    guard NameRule.acceptsName(id) else { throw StoreError.invalid(field: "id", expected: NameRule.expected) }
  }

  static func checkName(_ session: any Session, _ name: String, exceptFor id: String?) throws {
    let sql = "SELECT 1 FROM schedule WHERE name = ?1 AND id <> ?2 LIMIT 1"
    if try session.exists(sql, [.text(name), .text(id ?? "")]) {
      throw StoreError.scheduleExists(name)
    }
  }

  /// Adds a schedule that was checked, as the revision after the last one of its id.
  @discardableResult
  static func insertSchedule(
    _ session: any Session, id: String, _ content: ScheduleContent, action: Revision.Action, stamp: Stamp
  ) throws -> Schedule {
    let number = try RevisionRow.last(session, id) + 1
    try session.run(
      "INSERT INTO schedule (\(Schedule.columns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
      [.text(id)] + content.values + [.integer(number)])
    try SettingsCounter.increase(session)
    try RevisionRow.insert(
      session, id, number, content, action: action, summary: ScheduleDifference.words(creating: content),
      stamp: stamp)
    return Schedule(id: id, content: content, revision: number)
  }

  /// Puts new content in place of a schedule's, as its next revision; nothing happens if it is the same.
  func saveSchedule(
    _ session: any Session, _ current: Schedule, _ content: ScheduleContent, action: Revision.Action,
    stamp: Stamp,
    summary: String? = nil
  ) throws -> Schedule {
    if content == current.content { return current }
    try check(content)
    if content.name != current.content.name {
      try Self.checkName(session, content.name, exceptFor: current.id)
    }
    return try Self.updateSchedule(session, current, content, action: action, stamp: stamp, summary: summary)
  }

  /// The same of content that was checked.
  static func updateSchedule(
    _ session: any Session, _ current: Schedule, _ content: ScheduleContent, action: Revision.Action,
    stamp: Stamp,
    summary: String? = nil
  ) throws -> Schedule {
    let number = current.revision + 1
    try session.run(
      """
      UPDATE schedule SET name = ?1, time_zone = ?2, is_active = ?3, windows = ?4, exceptions = ?5, revision = ?6
      WHERE id = ?7
      """, content.values + [.integer(number), .text(current.id)])
    try SettingsCounter.increase(session)
    let summary =
      summary ?? ScheduleDifference.words(from: current.content, to: content).joined(separator: ", ")
    try RevisionRow.insert(
      session, current.id, number, content, action: action, summary: summary, stamp: stamp)
    return Schedule(id: current.id, content: content, revision: number)
  }
}
