import GRDB
import Scheduling

/// What one save left of a schedule.
package struct Revision: Equatable, Sendable {
  package enum Action: String, Sendable {
    case add, save, remove, restore
    /// It came with a file.
    case `import`
  }

  package var scheduleID: String
  /// 1 for the first of a schedule.
  package var number: Int
  package var content: ScheduleContent
  package var action: Action
  /// What changed, in words.
  package var summary: String
  package var stamp: Stamp
}

extension Store {
  /// The revisions of a schedule, the newest first; those of one that was removed too.
  package func revisions(of scheduleID: String) throws -> [Revision] {
    try read { db in
      let sql = "SELECT \(RevisionRow.columns) FROM revision WHERE schedule_id = ? ORDER BY number DESC"
      return try Row.fetchAll(db, sql: sql, arguments: [scheduleID]).map {
        try RevisionRow.value($0, path: path)
      }
    }
  }

  /// One revision of a schedule.
  package func revision(_ number: Int, of scheduleID: String) throws -> Revision {
    try read { db in try RevisionRow.find(db, scheduleID, number, path: path) }
  }

  /// The id of the schedule that has a name or id, or had it last before it was removed.
  package func scheduleID(everNamed name: String) throws -> String {
    try read { db in try scheduleID(db, everNamed: name) }
  }

  /// Makes a revision the newest one again; a schedule that was removed comes back, without its phones.
  @discardableResult
  package func restore(_ name: String, to number: Int, stamp: Stamp) throws -> Schedule {
    try write { db in
      let id = try scheduleID(db, everNamed: name)
      let revision = try RevisionRow.find(db, id, number, path: path)
      try check(revision.content)
      guard let current = try Self.schedule(db, id: id, path: path) else {
        try Self.checkName(db, revision.content.name, exceptFor: nil)
        return try Self.insertSchedule(db, id: id, revision.content, action: .restore, stamp: stamp)
      }
      let change = ScheduleDifference.words(from: current.content, to: revision.content)
      return try saveSchedule(
        db, current, revision.content, action: .restore, stamp: stamp,
        summary: "revision \(number) restored: \(change.joined(separator: ", "))")
    }
  }

  private func scheduleID(_ db: Database, everNamed name: String) throws -> String {
    do {
      return try schedule(db, named: name).id
    } catch StoreError.unknownSchedule {
      let sql = """
        SELECT schedule_id FROM revision AS r WHERE (schedule_id = ?1 OR (name = ?1 AND action = 'remove'))
        AND number = (SELECT max(number) FROM revision WHERE schedule_id = r.schedule_id) ORDER BY schedule_id
        """
      let ids = try String.fetchAll(db, sql: sql, arguments: [name])
      guard let id = ids.first else { throw StoreError.unknownSchedule(name) }
      guard ids.count == 1 else { throw StoreError.ambiguousSchedule(name: name, ids: ids) }
      return id
    }
  }
}

/// Rows of the table `revision`.
enum RevisionRow {
  static let columns =
    "schedule_id, number, name, time_zone, is_active, windows, action, summary, author, origin, saved_at"

  static func value(_ row: Row, path: String) throws -> Revision {
    guard let windows = WindowsColumn.decode(row[5]), let action = Revision.Action(rawValue: row[6]) else {
      let id: String = row[0]
      let number: Int = row[1]
      throw StoreError.damaged(path: path, reason: "revision \(number) of schedule \(id) is not valid")
    }
    let content = ScheduleContent(name: row[2], timeZone: row[3], isActive: row[4], windows: windows)
    return Revision(
      scheduleID: row[0], number: row[1], content: content, action: action, summary: row[7],
      stamp: Stamp(author: row[8], origin: row[9], at: row[10]))
  }

  static func find(_ db: Database, _ scheduleID: String, _ number: Int, path: String) throws -> Revision {
    let sql = "SELECT \(columns) FROM revision WHERE schedule_id = ? AND number = ?"
    guard let row = try Row.fetchOne(db, sql: sql, arguments: [scheduleID, number]) else {
      throw StoreError.unknownRevision(schedule: scheduleID, number: number)
    }
    return try value(row, path: path)
  }

  /// The number of a schedule's newest revision, 0 if it never had one.
  static func last(_ db: Database, _ scheduleID: String) throws -> Int {
    try Int.fetchOne(
      db.cachedStatement(sql: "SELECT max(number) FROM revision WHERE schedule_id = ?"),
      arguments: [scheduleID])
      ?? 0
  }

  static func insert(
    _ db: Database, _ scheduleID: String, _ number: Int, _ content: ScheduleContent, action: Revision.Action,
    summary: String, stamp: Stamp
  ) throws {
    try db.cachedStatement(
      sql: "INSERT INTO revision (\(columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    ).execute(arguments: [
      scheduleID, number, content.name, content.timeZone, content.isActive,
      WindowsColumn.encode(content.windows), action.rawValue, summary, stamp.author, stamp.origin, stamp.at,
    ])
  }
}
