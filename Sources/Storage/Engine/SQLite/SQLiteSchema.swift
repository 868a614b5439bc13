import Scheduling

/// Makes the tables of a file, and brings those of an older version to this one.
///
/// The table `grdb_migrations` names the versions that a file went through: an older program refuses a file with
/// a name that it does not know.
enum SQLiteSchema {
  enum State { case current, older, fresh }

  /// What a file holds; throws if it is not ours, or newer.
  static func state(_ session: any Session) throws -> State {
    guard try session.integer("PRAGMA application_id") == Schema.applicationID else {
      let tables = try session.all("SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' LIMIT 4") {
        $0.text(0)
      }
      guard try session.integer("PRAGMA application_id") == 0, tables.allSatisfy({ $0 == "grdb_migrations" })
      else { throw StoreError.notOurs(path: session.name, found: "a database of another program") }
      return .fresh
    }
    let applied = Set(try session.all("SELECT identifier FROM grdb_migrations") { $0.text(0) })
    guard applied.isSubset(of: Schema.versions) else { throw StoreError.newerVersion(path: session.name) }
    return applied.count == Schema.versions.count ? .current : .older
  }

  /// Brings the file to this version, within a transaction.
  static func prepare(_ session: any Session) throws {
    switch try state(session) {
    case .current: return
    case .fresh:
      try session.run("CREATE TABLE IF NOT EXISTS grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)")
      for statement in Schema.tableStatements(.sqlite) + Schema.indexStatements { try session.run(statement) }
      try session.run("PRAGMA application_id = \(Schema.applicationID)")
      try session.run("DELETE FROM grdb_migrations")
      for version in Schema.versions { try note(version, session) }
    case .older:
      let known = Set(try session.all("SELECT identifier FROM grdb_migrations") { $0.text(0) })
      if !known.contains("v2") {
        try SQLiteMigration.fromFirst(session)
      } else {
        if !known.contains("v3") { try SQLiteMigration.fromSecond(session) }
        try SQLiteMigration.fromThird(session)
      }
      for version in Schema.versions where !known.contains(version) { try note(version, session) }
    }
  }

  private static func note(_ version: String, _ session: any Session) throws {
    try session.run("INSERT INTO grdb_migrations (identifier) VALUES (?1)", [.text(version)])
  }
}

/// Brings older tables to this version: those of the first one are made anew and filled from the old ones.
enum SQLiteMigration {
  private static let oldTables = [
    "draft", "csv_record", "queue_change", "message", "phone", "revision", "schedule",
  ]
  private static let oldIndexes = [
    "schedule_name", "phone_schedule", "message_waiting", "message_handled", "message_send_time",
  ]

  static func fromFirst(_ session: any Session) throws {
    for index in oldIndexes { try session.run("DROP INDEX IF EXISTS \(index)") }
    for table in oldTables.reversed() { try session.run("ALTER TABLE \(table) RENAME TO old_\(table)") }
    for statement in Schema.tableStatements(.sqlite) { try session.run(statement) }
    for statement in copies { try session.run(statement) }
    try copyKnownRows(session)
    for table in oldTables { try session.run("DROP TABLE old_\(table)") }
    try session.run(UsedUp.markAll)
    for statement in Schema.indexStatements { try session.run(statement) }
  }

  /// What was handed out learns whether that was its last attempt; pending work, who does it and what of.
  static func fromThird(_ session: any Session) throws {
    try add(
      "is_last_attempt INTEGER NOT NULL DEFAULT 0 CHECK (is_last_attempt IN (0, 1))", to: "message", session)
    try add("renewed_at INTEGER", to: "pending_import", session)
    try add("removed_phone INTEGER", to: "pending_import", session)
    try session.run(UsedUp.markAll)
    for index in ["message_sending", "message_lease"] { try session.run("DROP INDEX IF EXISTS \(index)") }
    for index in ["message_returning", "message_lapsing"] {
      try session.run("CREATE INDEX \(index) ON \(Schema.indexes[index] ?? "")")
    }
  }

  /// A table that an earlier step made has its columns already.
  private static func add(_ column: String, to table: String, _ session: any Session) throws {
    let name = column.prefix { $0 != " " }
    let isThere = "SELECT 1 FROM pragma_table_info('\(table)') WHERE name = '\(name)'"
    if try !session.exists(isThere) { try session.run("ALTER TABLE \(table) ADD COLUMN \(column)") }
  }

  /// Messages learn which row of CSV they came from: that is how rows are found when their messages go.
  static func fromSecond(_ session: any Session) throws {
    for column in ["row_high", "row_low"] {
      try session.run("ALTER TABLE message ADD COLUMN \(column) INTEGER")
    }
    try session.run(
      "ALTER TABLE message ADD COLUMN earlier_attempts INTEGER NOT NULL DEFAULT 0 CHECK (earlier_attempts >= 0)"
    )
    try session.run(
      """
      UPDATE message SET (row_high, row_low) = (SELECT high, low FROM known_row WHERE message_key = message.key)
      WHERE key IN (SELECT message_key FROM known_row)
      """)
    try session.run("DROP INDEX known_row_message")
    try session.run("ALTER TABLE known_row RENAME TO old_known_row")
    for statement in [Schema.knownRow, Schema.pendingImport, Schema.pendingRows] {
      try session.run(Dialect.sqlite.table(statement))
    }
    try session.run(
      """
      INSERT INTO known_row (high, low, imported_at)
      SELECT high, low, imported_at FROM old_known_row ORDER BY high, low
      """)
    try session.run("DROP TABLE old_known_row")
  }

  /// The 16 bytes of a fingerprint become two numbers.
  private static func copyKnownRows(_ session: any Session) throws {
    try session.insert(into: "known_row", columns: ["high", "low", "imported_at"]) { rows in
      let sql = "SELECT hex(fingerprint), imported_at FROM old_csv_record ORDER BY fingerprint"
      try session.each(sql) { row in
        let digits = row.text(0)
        guard let high = UInt64(digits.prefix(16), radix: 16),
          let low = UInt64(digits.dropFirst(16), radix: 16)
        else { return }
        rows.integer(Int64(bitPattern: high))
        rows.integer(Int64(bitPattern: low))
        rows.integer(row.integer(1))
        try rows.endRow()
      }
    }
  }

  private static let copies = [
    """
    INSERT INTO schedule (id, name, time_zone, is_active, windows, exceptions, revision)
    SELECT id, name, time_zone, is_active, windows, '[]', revision FROM old_schedule
    """,
    """
    INSERT INTO revision (schedule_id, number, name, time_zone, is_active, windows, exceptions, action, author,
      origin, saved_at, summary)
    SELECT schedule_id, number, name, time_zone, is_active, windows, '[]', action, author, origin, saved_at,
      summary FROM old_revision
    """,
    """
    INSERT INTO draft (subject, author, payload, updated_at)
    SELECT subject, author, payload, updated_at FROM old_draft
    """,
    """
    INSERT INTO phone (key, id, number, label, sim, messages_per_minute, messages_per_day, max_send_attempts,
      retry_delay_seconds, pause_after_failures, failures_in_row, hold_reason, hold_ends_with_success, schedule_id,
      waiting, failed, last_number)
    SELECT key, id, number, label, sim, messages_per_minute, 0, max_send_attempts, 60, 5, 0, '', 0, schedule_id,
      waiting, (SELECT count(*) FROM old_message AS m WHERE m.phone_key = p.key AND m.status = 'failed'),
      (SELECT count(*) FROM old_message AS m WHERE m.phone_key = p.key)
    FROM old_phone AS p
    """,
    "INSERT INTO counter (name, value) SELECT 'phone', coalesce(max(key), 0) FROM phone",
    """
    INSERT INTO message (key, id, phone_key, contact, content, status, queued_at, send_at, ready_at, is_exact,
      last_attempted_at, sent_at, send_time, lease_expires_at, send_attempt_count, failure_reason)
    SELECT phone_key * 4294967296 + row_number() OVER (PARTITION BY phone_key ORDER BY key), id, phone_key, contact,
      content, status, queued_at, send_at, ready_at, is_exact, last_attempted_at, sent_at, send_time,
      lease_expires_at, send_attempt_count, failure_reason
    FROM old_message
    """,
  ]
}
