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
    try read { session in
      let sql = "SELECT \(RevisionRow.columns) FROM revision WHERE schedule_id = ?1 ORDER BY number DESC"
      return try session.all(sql, [.text(scheduleID)]) { try RevisionRow.value($0, path: path) }
    }
  }

  /// One revision of a schedule.
  package func revision(_ number: Int, of scheduleID: String) throws -> Revision {
    try read { session in try RevisionRow.find(session, scheduleID, number, path: path) }
  }

  /// The id of the schedule that has a name or id, or had it last before it was removed.
  package func scheduleID(everNamed name: String) throws -> String {
    try read { session in try scheduleID(session, everNamed: name) }
  }

  /// The schedules that were deleted and are not there again, the latest first, each as it was last.
  package func deletedSchedules() throws -> [(id: String, revision: Revision)] {
    try read { session in
      let sql = """
        SELECT r.schedule_id, r.number FROM revision AS r WHERE r.action = 'remove'
          AND r.number = (SELECT max(number) FROM revision WHERE schedule_id = r.schedule_id)
          AND NOT EXISTS (SELECT 1 FROM schedule WHERE id = r.schedule_id)
        ORDER BY r.saved_at DESC, r.schedule_id
        """
      return try session.all(sql) { ($0.text(0), $0.int(1)) }.map { id, number in
        (id, try RevisionRow.find(session, id, number, path: path))
      }
    }
  }

  /// Makes a revision the newest one again; a schedule that was removed comes back,
  /// to those of the phones that its removal freed which nobody attached since.
  @discardableResult
  package func restore(_ name: String, to number: Int, stamp: Stamp) throws -> Schedule {
    try write { session in
      let stamp = try stamp.settled(in: session)
      let id = try scheduleID(session, everNamed: name)
      let revision = try RevisionRow.find(session, id, number, path: path)
      try check(revision.content)
      guard let current = try Self.schedule(session, id: id, path: path) else {
        try Self.checkName(session, revision.content.name, exceptFor: nil)
        let freed = try RevisionRow.freed(session, id)
        let restored = try Self.insertSchedule(
          session, id: id, revision.content, action: .restore, stamp: stamp)
        try attachAgain(session, freed, to: restored, stamp: stamp)
        return restored
      }
      let change = ScheduleDifference.words(from: current.content, to: revision.content)
      return try saveSchedule(
        session, current, revision.content, action: .restore, stamp: stamp,
        summary: "revision \(number) restored: \(change.joined(separator: ", "))")
    }
  }

  private func attachAgain(
    _ session: any Session, _ phones: [String], to schedule: Schedule, stamp: Stamp
  ) throws {
    let id = schedule.id
    for phoneID in phones {
      let sql = "SELECT \(Phone.columns) FROM phone WHERE id = ?1 AND schedule_id IS NULL"
      guard var phone = try session.first(sql, [.text(phoneID)], Phone.init(row:)) else { continue }
      phone.scheduleID = id
      try session.run("UPDATE phone SET schedule_id = ?1 WHERE id = ?2", [.text(id), .text(phoneID)])
      try SettingsCounter.increase(session)
      try PhoneRevision.note(session, phone, .attach, "schedule \(schedule.content.name) restored", stamp)
    }
  }

  private func scheduleID(_ session: any Session, everNamed name: String) throws -> String {
    do {
      return try schedule(session, named: name).id
    } catch StoreError.unknownSchedule {
      let sql = """
        SELECT schedule_id FROM revision AS r WHERE (schedule_id = ?1 OR (name = ?1 AND action = 'remove'))
        AND number = (SELECT max(number) FROM revision WHERE schedule_id = r.schedule_id) ORDER BY schedule_id
        """
      let ids = try session.all(sql, [.text(name)]) { $0.text(0) }
      guard let id = ids.first else { throw StoreError.unknownSchedule(name) }
      guard ids.count == 1 else { throw StoreError.ambiguousSchedule(name: name, ids: ids) }
      return id
    }
  }
}

/// Rows of the table `revision`.
enum RevisionRow {
  static let columns =
    "schedule_id, number, \(ScheduleContent.columns), action, summary, author, origin, saved_at"

  static func value(_ row: any ResultRow, path: String) throws -> Revision {
    let (id, number) = (row.text(0), row.int(1))
    guard let content = ScheduleContent(row: row, from: 2),
      let action = Revision.Action(rawValue: row.text(7))
    else { throw StoreError.damaged(path: path, reason: "revision \(number) of schedule \(id) is not valid") }
    return Revision(
      scheduleID: id, number: number, content: content, action: action, summary: row.text(8),
      stamp: Stamp(author: row.text(9), origin: row.optionalText(10), at: row.integer(11)))
  }

  static func find(_ session: any Session, _ scheduleID: String, _ number: Int, path: String) throws
    -> Revision
  {
    let sql = "SELECT \(columns) FROM revision WHERE schedule_id = ?1 AND number = ?2"
    let found = try session.first(sql, [.text(scheduleID), .integer(number)]) { try value($0, path: path) }
    if let found { return found }
    let name = try session.first(
      "SELECT name FROM revision WHERE schedule_id = ?1 ORDER BY number DESC LIMIT 1", [.text(scheduleID)]
    ) { $0.text(0) }
    throw StoreError.unknownRevision(schedule: name ?? scheduleID, number: number)
  }

  /// The number of a schedule's newest revision, 0 if it never had one.
  static func last(_ session: any Session, _ scheduleID: String) throws -> Int {
    Int(
      try session.integer("SELECT max(number) FROM revision WHERE schedule_id = ?1", [.text(scheduleID)]) ?? 0
    )
  }

  /// The ids of the phones that the schedule's removal freed.
  static func freed(_ session: any Session, _ scheduleID: String) throws -> [String] {
    let sql = "SELECT freed FROM revision WHERE schedule_id = ?1 ORDER BY number DESC LIMIT 1"
    return try session.text(sql, [.text(scheduleID)])?.split(separator: "\n").map(String.init) ?? []
  }

  static func insert(
    _ session: any Session, _ scheduleID: String, _ number: Int, _ content: ScheduleContent,
    action: Revision.Action, summary: String, stamp: Stamp, freed: [String]? = nil
  ) throws {
    try session.run(
      """
      INSERT INTO revision (\(columns), freed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
      """,
      [.text(scheduleID), .integer(number)] + content.values + [
        .text(action.rawValue), .text(summary), .text(stamp.author), .optional(stamp.origin),
        .integer(stamp.at), .optional(freed?.joined(separator: "\n")),
      ])
  }
}
