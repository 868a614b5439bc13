import Formats
import Scheduling

extension Store {
  /// Looks the whole database over and names what is damaged; empty if all is well.
  package func check() throws -> [String] {
    do {
      return try read { session in try Checker(session: session, zones: zones).run() }
    } catch StoreError.damaged(_, let reason) {
      return [reason]
    }
  }
}

/// What the engine can check by itself, and the invariants that only we know.
private struct Checker {
  let session: any Session
  let zones: any TimeZoneSource
  /// A badly damaged file is not described page by page.
  private let most = 100

  func run() throws -> [String] {
    if session.dialect == .sqlite {
      let damage = try session.all("PRAGMA integrity_check(\(most))") { $0.text(0) }
      // In a file with damaged pages the rest says little, and may fail.
      guard damage == ["ok"] else { return damage }
    }
    return try foreignKeys() + schedules() + revisions() + names() + messages() + counts() + schema()
  }

  private func foreignKeys() throws -> [String] {
    var problems = try session.all(
      """
      SELECT p.number, p.schedule_id FROM phone AS p LEFT JOIN schedule AS s ON s.id = p.schedule_id
      WHERE p.schedule_id IS NOT NULL AND s.id IS NULL LIMIT \(most)
      """
    ) { "phone \($0.text(0)) refers to a schedule that is not there (\($0.text(1)))" }
    problems += try session.all(
      """
      SELECT m.phone_key, count(*) FROM message AS m LEFT JOIN phone AS p ON p.key = m.phone_key
      WHERE p.key IS NULL
        AND m.phone_key NOT IN (SELECT removed_phone FROM pending_import WHERE removed_phone IS NOT NULL)
      GROUP BY m.phone_key LIMIT \(most)
      """
    ) { "a phone that is not there (key \($0.integer(0))) has \($0.int(1).counted("message"))" }
    return problems
  }

  private func schedules() throws -> [String] {
    var problems: [String] = []
    try session.each("SELECT id, \(ScheduleContent.columns) FROM schedule ORDER BY id") { row in
      let which = "schedule \(row.text(0)) (\(row.text(1)))"
      if ScheduleColumns.windows(row.text(4)) == nil {
        problems.append("\(which): its windows are not valid: \(row.text(4))")
      }
      if ScheduleColumns.exceptions(row.text(5)) == nil {
        problems.append("\(which): its exceptions are not valid")
      }
      do {
        _ = try zones.clock(of: row.text(2), now: 0)
      } catch {
        problems.append("\(which): \(error)")
      }
    }
    return problems
  }

  private func revisions() throws -> [String] {
    var problems = try session.all(
      """
      SELECT s.id, s.revision FROM schedule AS s LEFT JOIN revision AS r
        ON r.schedule_id = s.id AND r.number = s.revision AND r.name = s.name AND r.time_zone = s.time_zone
        AND r.is_active = s.is_active AND r.windows = s.windows AND r.exceptions = s.exceptions
      WHERE r.number IS NULL
      """
    ) { "schedule \($0.text(0)): revision \($0.int(1)) in its history is not what is saved" }
    try session.each("SELECT schedule_id, number, \(ScheduleContent.columns) FROM revision") { row in
      if ScheduleContent(row: row, from: 2) == nil {
        problems.append(
          "schedule \(row.text(0)): the windows or exceptions of its revision \(row.int(1)) are not valid")
      }
    }
    return problems
  }

  /// What every way in refuses, and only somebody with another program can have stored.
  private func names() throws -> [String] {
    var problems: [String] = []
    try session.each("SELECT number, label FROM phone UNION ALL SELECT id, name FROM schedule") { row in
      if !NameRule.acceptsLabel(row.text(1)) {
        problems.append("\(row.text(0)): its name is too long, or has control characters")
      }
    }
    return problems
  }

  private func messages() throws -> [String] {
    try session.all(
      """
      SELECT p.number, max(m.key) - p.key * \(MessageKey.numbers), p.last_number FROM message AS m
      JOIN phone AS p ON p.key = m.phone_key GROUP BY p.number, p.key, p.last_number
      HAVING max(m.key) - p.key * \(MessageKey.numbers) > p.last_number LIMIT \(most)
      """
    ) {
      "phone \($0.text(0)): its newest message has the number \($0.integer(1)), \($0.integer(2)) were given"
    }
  }

  private func counts() throws -> [String] {
    var problems = try session.all(
      """
      SELECT m.id FROM message AS m JOIN phone AS p ON p.key = m.phone_key WHERE status = 'sending'
        AND is_last_attempt <> \(UsedUp.isLast(attempts: "p.max_send_attempts", table: "m.")) LIMIT \(most)
      """
    ) { "message \($0.text(0)): whether it was handed out for the last time is wrong" }
    for (column, condition) in [("waiting", Schema.isWaiting), ("failed", "status = 'failed'")] {
      problems += try session.all(
        """
        SELECT p.number, p.\(column), coalesce(m.count, 0) FROM phone AS p LEFT JOIN
          (SELECT phone_key, count(*) AS count FROM message WHERE \(condition) GROUP BY phone_key) AS m
          ON m.phone_key = p.key
        WHERE p.\(column) <> coalesce(m.count, 0)
        """
      ) { "phone \($0.text(0)): its count of \(column) messages is \($0.int(1)), there are \($0.int(2))" }
    }
    return problems
  }

  private func schema() throws -> [String] {
    let sql =
      session.dialect == .sqlite
      ? "SELECT name FROM sqlite_master"
      : """
      SELECT tablename FROM pg_tables WHERE schemaname = current_schema()
      UNION ALL SELECT indexname FROM pg_indexes WHERE schemaname = current_schema()
      """
    let present = Set(try session.all(sql) { $0.text(0) })
    return Schema.tables.union(Schema.indexes.keys).subtracting(present).sorted().map {
      "the table or index \($0) is not there"
    }
  }
}
