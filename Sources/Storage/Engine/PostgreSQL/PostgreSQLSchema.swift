import Scheduling

/// Makes the schema `send_schedule`, and brings that of an older version to this one.
///
/// The table `schema_version` names the versions that it went through: an older program refuses a schema with a name
/// that it does not know.
struct PostgreSQLSchema {
  enum State { case current, older, fresh }

  /// The first version on a server, and what leads from each version to the next.
  private static let first = "v2"
  static let steps: [(version: String, statements: [String])] = [("v3", third), ("v4", fourth)]

  /// Messages learn which row of CSV they came from. A new schema has all of it already.
  private static let third =
    [
      "ALTER TABLE message ADD COLUMN IF NOT EXISTS row_high BIGINT, ADD COLUMN IF NOT EXISTS row_low BIGINT",
      """
      ALTER TABLE message ADD COLUMN IF NOT EXISTS earlier_attempts BIGINT NOT NULL DEFAULT 0
        CHECK (earlier_attempts >= 0)
      """,
      "ALTER TABLE known_row ADD COLUMN IF NOT EXISTS message_key BIGINT",
      """
      UPDATE message SET row_high = k.high, row_low = k.low FROM known_row k WHERE k.message_key = message.key
      """,
      "ALTER TABLE known_row DROP COLUMN message_key",
    ] + [Schema.pendingImport, Schema.pendingRows].map(create)

  /// What was handed out learns whether that was its last attempt; pending work, who does it and what of.
  private static let fourth =
    [
      """
      ALTER TABLE message ADD COLUMN IF NOT EXISTS is_last_attempt BIGINT NOT NULL DEFAULT 0
        CHECK (is_last_attempt IN (0, 1))
      """,
      """
      ALTER TABLE pending_import ADD COLUMN IF NOT EXISTS renewed_at BIGINT,
        ADD COLUMN IF NOT EXISTS removed_phone BIGINT
      """,
      UsedUp.markAll, "DROP INDEX IF EXISTS message_sending", "DROP INDEX IF EXISTS message_lease",
    ]
    + ["message_returning", "message_lapsing"].map { "CREATE INDEX \($0) ON \(Schema.indexes[$0] ?? "")" }

  let steps: [(version: String, statements: [String])]
  private var versions: [String] { [Self.first] + steps.map(\.version) }

  init(steps: [(version: String, statements: [String])] = PostgreSQLSchema.steps) { self.steps = steps }

  /// What a database holds; throws if it is not ours, or newer.
  func state(_ session: any Session) throws -> State {
    let isThere = try session.exists("SELECT 1 FROM pg_namespace WHERE nspname = 'send_schedule'")
    guard isThere, try session.exists(Self.anyTable) else { return .fresh }
    guard try session.exists(Self.anyTable + " AND c.relname = 'schema_version'") else {
      throw StoreError.notOurs(path: session.name, found: "a schema send_schedule of another program")
    }
    let applied = Set(try session.all("SELECT version FROM send_schedule.schema_version") { $0.text(0) })
    guard applied.isSubset(of: versions) else { throw StoreError.newerVersion(path: session.name) }
    return applied.count == versions.count ? .current : .older
  }

  private static let anyTable = """
    SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'send_schedule' AND c.relkind = 'r'
    """

  /// Whether the role may change what is there.
  func mayWrite(_ engine: PostgreSQLEngine) throws -> Bool {
    // CockroachDB has neither standbys nor privileges of columns.
    let condition =
      engine.isCockroach
      ? "has_table_privilege('send_schedule.message', 'UPDATE')"
      : "NOT pg_is_in_recovery() AND has_any_column_privilege('send_schedule.message', 'UPDATE')"
    let sql = """
      SELECT CASE WHEN current_setting('default_transaction_read_only') = 'off' AND \(condition) THEN 1 ELSE 0 END
      """
    return try engine.read { try $0.integer(sql) } == 1
  }

  /// Brings the database to this version, beside others who may be doing the same.
  func prepare(_ engine: PostgreSQLEngine) throws {
    var tries = 0
    while true {
      do {
        return try engine.write { try prepare($0, isCockroach: engine.isCockroach) }
      } catch let error as StoreError where error.isRace && tries < 100 {
        // Somebody else makes the same: what is there then decides.
        tries += 1
      }
    }
  }

  private func prepare(_ session: any Session, isCockroach: Bool) throws {
    switch try state(session) {
    case .current: return
    case .fresh:
      if try !session.exists("SELECT 1 FROM pg_namespace WHERE nspname = 'send_schedule'") {
        try session.run("CREATE SCHEMA send_schedule")
      }
      for statement in Self.tables(isCockroach: isCockroach) + Schema.indexStatements {
        try session.run(statement)
      }
      for version in versions { try note(version, session) }
    case .older:
      // Others wait here until this is done, and then find nothing to do.
      let applied = Set(try session.all("SELECT version FROM schema_version FOR UPDATE") { $0.text(0) })
      for step in steps where !applied.contains(step.version) {
        for statement in step.statements { try session.run(statement) }
        try note(step.version, session)
      }
    }
  }

  private func note(_ version: String, _ session: any Session) throws {
    try session.run("INSERT INTO schema_version (version) VALUES (?1)", [.text(version)])
  }

  /// Texts compare by bytes, as everywhere, whatever the database's locale. Those of CockroachDB do so anyway, and
  /// what has a collation there cannot be joined to what has none.
  private static func tables(isCockroach: Bool) -> [String] {
    let tables = Schema.tableStatements(.postgresql)
    return [
      "CREATE TABLE schema_version (version TEXT PRIMARY KEY)",
      "CREATE SEQUENCE change",
      """
      CREATE TABLE commit_mark (name TEXT PRIMARY KEY, number BIGINT NOT NULL, lost BIGINT NOT NULL DEFAULT 0,
        made_at TIMESTAMPTZ NOT NULL DEFAULT now())
      """,
    ]
      + (isCockroach ? tables : tables.map(collated) + [Self.uncompressed])
  }

  /// Rows that wait to be queued are there for seconds: to compress them would cost more than to write them.
  private static let uncompressed = "ALTER TABLE pending_rows ALTER COLUMN data SET STORAGE EXTERNAL"

  private static func collated(_ sql: String) -> String {
    sql.replacing(" TEXT", with: " TEXT COLLATE \"C\"")
  }

  private static func create(_ sql: String) -> String {
    collated(Dialect.postgresql.table(sql)).replacing("CREATE TABLE", with: "CREATE TABLE IF NOT EXISTS")
  }
}

extension StoreError {
  /// Two who made the same thing at once.
  fileprivate var isRace: Bool {
    switch self {
    case .failed(_, let reason):
      ["(42P06)", "(42P07)", "(42701)", "(42710)"].contains { reason.hasSuffix($0) }
    case .invalid("record", _), .busy: true
    default: false
    }
  }
}
