import GRDB
import Scheduling

// Schedules: reading, adding, saving, removing. Each step leaves a revision.
extension Store {
  /// All schedules, by name.
  package func schedules() throws -> [Schedule] {
    try read { db in
      try Row.fetchAll(db, sql: "SELECT \(Schedule.columns) FROM schedule ORDER BY name, id")
        .map { try Schedule(row: $0, path: path) }
    }
  }

  /// The schedule with an id, or else the only one with that name.
  package func schedule(named name: String) throws -> Schedule {
    try read { db in try schedule(db, named: name) }
  }

  /// The phones that a schedule serves, by number.
  package func phones(servedBy scheduleID: String) throws -> [Phone] {
    try read { db in try Self.phones(db, servedBy: scheduleID) }
  }

  /// Adds a schedule. Equal names are refused, since people name schedules by them.
  package func addSchedule(_ content: ScheduleContent, id: String? = nil, stamp: Stamp) throws -> Schedule {
    try write { db in
      try check(content)
      try Self.checkName(db, content.name, exceptFor: nil)
      let id = id ?? NewID.make(at: stamp.at)
      try Self.checkID(id)
      if try Self.schedule(db, id: id, path: path) != nil { throw StoreError.scheduleExists(id) }
      return try Self.insertSchedule(db, id: id, content, action: .add, stamp: stamp)
    }
  }

  /// Saves a schedule, unless somebody saved it since `revision`: then it throws ``StoreError/stale(current:)``.
  ///
  /// Saving what is saved already makes no revision.
  @discardableResult
  package func save(_ id: String, _ content: ScheduleContent, basedOn revision: Int, stamp: Stamp) throws
    -> Schedule
  {
    try write { db in
      let current = try Self.schedule(db, id: id, path: path)
      guard let current, current.revision == revision else { throw StoreError.stale(current: current) }
      return try saveSchedule(db, current, content, action: .save, stamp: stamp)
    }
  }

  /// Changes the schedule with a name or id as it is now, within one transaction.
  @discardableResult
  package func changeSchedule(
    _ name: String, stamp: Stamp, _ change: (inout ScheduleContent) throws -> Void
  ) throws -> Schedule {
    try write { db in
      let current = try schedule(db, named: name)
      var content = current.content
      try change(&content)
      return try saveSchedule(db, current, content, action: .save, stamp: stamp)
    }
  }

  /// Removes a schedule and returns it with the phones that it served, which have none then.
  ///
  /// With `revision` it is not removed if somebody saved it since: ``StoreError/stale(current:)``.
  @discardableResult
  package func removeSchedule(_ name: String, basedOn revision: Int? = nil, stamp: Stamp) throws
    -> (schedule: Schedule, freed: [Phone])
  {
    try write { db in
      let current = try schedule(db, named: name)
      if let revision, revision != current.revision { throw StoreError.stale(current: current) }
      let freed = try Self.phones(db, servedBy: current.id)
      try db.execute(sql: "DELETE FROM schedule WHERE id = ?", arguments: [current.id])
      let summary = freed.isEmpty ? "removed" : "removed, \(freed.count) phones freed"
      try RevisionRow.insert(
        db, current.id, current.revision + 1, current.content, action: .remove, summary: summary, stamp: stamp
      )
      return (current, freed)
    }
  }
}

// The same inside a transaction.
extension Store {
  func schedule(_ db: Database, named name: String) throws -> Schedule {
    if let schedule = try Self.schedule(db, id: name, path: path) { return schedule }
    let sql = "SELECT \(Schedule.columns) FROM schedule WHERE name = ? ORDER BY id"
    let found = try Row.fetchAll(db, sql: sql, arguments: [name]).map { try Schedule(row: $0, path: path) }
    guard let first = found.first else { throw StoreError.unknownSchedule(name) }
    guard found.count == 1 else { throw StoreError.ambiguousSchedule(name: name, ids: found.map(\.id)) }
    return first
  }

  static func schedule(_ db: Database, id: String, path: String) throws -> Schedule? {
    let statement = try db.cachedStatement(sql: "SELECT \(Schedule.columns) FROM schedule WHERE id = ?")
    return try Row.fetchOne(statement, arguments: [id]).map { try Schedule(row: $0, path: path) }
  }

  static func phones(_ db: Database, servedBy scheduleID: String) throws -> [Phone] {
    let sql = "SELECT \(Phone.columns) FROM phone WHERE schedule_id = ? ORDER BY number"
    return try Row.fetchAll(db, sql: sql, arguments: [scheduleID]).map(Phone.init(row:))
  }

  /// Throws what is wrong with a schedule that comes from outside.
  func check(_ content: ScheduleContent) throws {
    guard Self.isName(content.name), !content.name.isEmpty else {
      throw StoreError.invalid(field: "name", expected: "a text of 1 to 255 bytes without control characters")
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
  }

  /// Whether a text can stand in a list and be typed again; what `import` takes for a name.
  static func isName(_ text: String) -> Bool {
    text.utf8.count <= 255 && !text.unicodeScalars.contains { $0.properties.generalCategory == .control }
  }

  /// Identifiers of all records, as `import` takes them.
  static func checkID(_ id: String) throws {
    guard !id.isEmpty, isName(id) else {
      throw StoreError.invalid(field: "id", expected: "a text of 1 to 255 bytes without control characters")
    }
  }

  static func checkName(_ db: Database, _ name: String, exceptFor id: String?) throws {
    let sql = "SELECT id FROM schedule WHERE name = ? AND id IS NOT ? LIMIT 1"
    if try String.fetchOne(db, sql: sql, arguments: [name, id]) != nil {
      throw StoreError.scheduleExists(name)
    }
  }

  /// Adds a schedule that was checked, as the revision after the last one of its id.
  @discardableResult
  static func insertSchedule(
    _ db: Database, id: String, _ content: ScheduleContent, action: Revision.Action, stamp: Stamp
  ) throws -> Schedule {
    let number = try RevisionRow.last(db, id) + 1
    try db.cachedStatement(sql: "INSERT INTO schedule (\(Schedule.columns)) VALUES (?, ?, ?, ?, ?, ?)")
      .execute(
        arguments: [
          id, content.name, content.timeZone, content.isActive, WindowsColumn.encode(content.windows), number,
        ])
    try RevisionRow.insert(
      db, id, number, content, action: action, summary: ScheduleDifference.words(creating: content),
      stamp: stamp)
    return Schedule(id: id, content: content, revision: number)
  }

  /// Puts new content in place of a schedule's, as its next revision; nothing happens if it is the same.
  func saveSchedule(
    _ db: Database, _ current: Schedule, _ content: ScheduleContent, action: Revision.Action, stamp: Stamp,
    summary: String? = nil
  ) throws -> Schedule {
    if content == current.content { return current }
    try check(content)
    if content.name != current.content.name { try Self.checkName(db, content.name, exceptFor: current.id) }
    return try Self.updateSchedule(db, current, content, action: action, stamp: stamp, summary: summary)
  }

  /// The same of content that was checked.
  static func updateSchedule(
    _ db: Database, _ current: Schedule, _ content: ScheduleContent, action: Revision.Action, stamp: Stamp,
    summary: String? = nil
  ) throws -> Schedule {
    let number = current.revision + 1
    try db.cachedStatement(
      sql:
        "UPDATE schedule SET name = ?, time_zone = ?, is_active = ?, windows = ?, revision = ? WHERE id = ?"
    ).execute(arguments: [
      content.name, content.timeZone, content.isActive, WindowsColumn.encode(content.windows), number,
      current.id,
    ])
    let summary =
      summary ?? ScheduleDifference.words(from: current.content, to: content).joined(separator: ", ")
    try RevisionRow.insert(db, current.id, number, content, action: action, summary: summary, stamp: stamp)
    return Schedule(id: current.id, content: content, revision: number)
  }
}
