import Formats
import Scheduling

/// Moves the staged messages into the queues, within the import's transaction, in a few statements.
struct ImportMessages {
  private let session: any Session
  private let stage: ImportStage
  private let files: ImportFiles
  private(set) var counts = ImportCounts()
  private(set) var different = ImportSummary.SomeIDs()

  init(_ session: any Session, _ stage: ImportStage, _ files: ImportFiles) {
    self.session = session
    self.stage = stage
    self.files = files
  }

  mutating func run(now: Instant) throws {
    try findOwners()
    let staged = try session.integer("SELECT count(*) FROM import_message") ?? 0
    counts.added = try insert()
    let missing = Int(staged) - counts.added
    if missing > 0 { try follow(missing: missing) }
    try keepRows(now: now)
    try countQueues(anew: missing > 0)
  }

  // MARK: - Phones

  /// Finds the phones of the staged messages, and the numbers of their newest ones.
  private func findOwners() throws {
    try ImportOwners(session).find()
    let unknown = """
      SELECT i.file, i.line, i.list, i.place, o.phone_number FROM import_message i
      JOIN import_owner o ON o.owner = i.owner WHERE o.phone_key IS NULL ORDER BY i.n LIMIT 1
      """
    let hasUnknown = try session.exists("SELECT 1 FROM import_owner WHERE phone_key IS NULL LIMIT 1")
    if hasUnknown,
      let problem = try session.first(unknown, [], { problem($0, "owner", Self.ownerExpected, $0.text(4)) })
    {
      throw problem
    }
  }

  private static let ownerExpected = "the number of a phone that is known or imported with it"

  /// Brings what the phones' rows count up to what was added; `anew` where some staged messages were known.
  private func countQueues(anew: Bool) throws {
    let sql = """
      SELECT o.phone_key, count(*), max(CASE WHEN o.is_reserved = 1 THEN 0 ELSE s.number END),
        CAST(sum(CASE WHEN s.status IN ('pending', 'scheduled', 'expired') THEN 1 ELSE 0 END) AS BIGINT),
        CAST(sum(CASE WHEN s.status = 'failed' THEN 1 ELSE 0 END) AS BIGINT)
      FROM (SELECT i.owner, i.number, \(Self.status) AS status FROM import_message i
        JOIN import_owner o ON o.owner = i.owner) AS s
      JOIN import_owner o ON o.owner = s.owner GROUP BY o.phone_key
      """
    let queues = try session.all(sql) { (0...4).map($0.integer) }
    try session.lock("key IN (SELECT phone_key FROM import_owner)", [])
    for queue in queues {
      let (key, count, last, waiting, failed) = (queue[0], queue[1], queue[2], queue[3], queue[4])
      try session.run(
        "UPDATE phone SET last_number = last_number + ?2 WHERE key = ?1", [.integer(key), .integer(last)])
      if anew {
        try QueueCounts.recount(session, phoneKey: key)
      } else if waiting == count, count == last {
        // Whoever follows the queue finds new messages by their numbers alone.
        try session.run(
          "UPDATE phone SET waiting = waiting + ?2 WHERE key = ?1", [.integer(key), .integer(waiting)])
      } else {
        try QueueCounts.change(session, phoneKey: key, waiting: Int(waiting), failed: Int(failed))
      }
    }
    guard anew else { return }
    let moved =
      "SELECT DISTINCT m.phone_key FROM import_known k JOIN message m ON m.key = k.key WHERE k.is_new = 0"
    for key in try session.all(moved, [], { $0.integer(0) }) where !queues.contains(where: { $0[0] == key }) {
      try QueueCounts.recount(session, phoneKey: key)
    }
  }

  // MARK: - Adding

  private static let key = "o.phone_key * 4294967296 + o.last_number + i.number"

  /// A message that waits although it has no attempts left has failed.
  private static let isUsedUp = """
    (i.status = 'pending' OR i.status = 'scheduled' OR i.status = 'expired')
    AND i.send_attempt_count > 0 AND i.send_attempt_count >= coalesce(i.max_send_attempts, o.max_send_attempts)
    """
  private static let status = "CASE WHEN \(isUsedUp) THEN 'failed' ELSE i.status END"
  private static let reason = """
    CASE WHEN \(isUsedUp) THEN coalesce(i.failure_reason, 'no attempts left') ELSE i.failure_reason END
    """

  private static let copied = [
    "id", "contact", "content", "queued_at", "send_at", "retry_at", "ready_at", "expires_at", "is_exact",
    "last_attempted_at", "sent_at", "send_time", "lease_expires_at", "send_attempt_count",
    "max_send_attempts",
  ]

  /// Adds the messages whose ids are new.
  private func insert() throws -> Int {
    let columns = Self.copied.joined(separator: ", ")
    let values = Self.copied.map { "i.\($0)" }.joined(separator: ", ")
    // SQLite is told to read the messages in their order, and to look up the phone of each.
    let join = session.dialect == .sqlite ? "CROSS JOIN" : "JOIN"
    let order = stage.isSorted ? "i.n" : "o.phone_key, i.number"
    return try session.run(
      """
      INSERT INTO message (key, phone_key, status, failure_reason, \(columns))
      SELECT \(Self.key), o.phone_key, \(Self.status), \(Self.reason), \(values)
      FROM import_message i \(join) import_owner o ON o.owner = i.owner WHERE true ORDER BY \(order)
      ON CONFLICT (id) DO NOTHING
      """)
  }

  // MARK: - What was known

  /// How far a message has come. An import moves a known message only to a greater one: what another gateway
  /// did counts, what it had yet to do does not.
  private static func progress(_ status: String) -> String {
    """
    CASE \(status) WHEN 'sending' THEN 1 WHEN 'failed' THEN 2 WHEN 'canceled' THEN 2 WHEN 'sent' THEN 3
      WHEN 'delivered' THEN 4 ELSE 0 END
    """
  }

  /// Messages whose ids were taken: by the database, or by another record of the same import.
  private mutating func follow(missing: Int) throws {
    let integer = session.dialect == .sqlite ? "INTEGER" : "BIGINT"
    try session.run("DROP TABLE IF EXISTS import_known")
    try session.run(
      "CREATE TEMPORARY TABLE import_known (n \(integer) PRIMARY KEY, key \(integer), is_new \(integer))")
    try session.run(
      """
      INSERT INTO import_known (n, key, is_new)
      SELECT i.n, m.key, CASE WHEN n.owner IS NULL THEN 0 ELSE 1 END
      FROM import_message i JOIN import_owner o ON o.owner = i.owner JOIN message m ON m.id = i.id
      LEFT JOIN import_owner n ON n.phone_key = m.phone_key AND m.key > n.phone_key * 4294967296 + n.last_number
      WHERE m.key <> \(Self.key)
      """)
    try refuseContradictions()
    try session.each(
      """
      SELECT i.id FROM import_known k JOIN import_message i ON i.n = k.n JOIN import_owner o ON o.owner = i.owner
      JOIN message m ON m.key = k.key
      WHERE k.is_new = 0 AND (m.phone_key <> o.phone_key OR m.contact <> i.contact OR m.content <> i.content)
      ORDER BY i.n
      """
    ) { different.add($0.text(0)) }
    counts.updated = try move()
    counts.unchanged = missing - counts.updated
  }

  private func refuseContradictions() throws {
    let contradiction = """
      SELECT i.file, i.line, i.list, i.place, i.id FROM import_known k JOIN import_message i ON i.n = k.n
      JOIN import_owner o ON o.owner = i.owner JOIN message m ON m.key = k.key
      WHERE k.is_new = 1 AND NOT (m.phone_key = o.phone_key AND \(Self.isEqual("m", "i"))) ORDER BY i.n LIMIT 1
      """
    let problem = try session.first(contradiction) {
      self.problem($0, "id", "what the other record of this message says", $0.text(4))
    }
    if let problem { throw problem }
  }

  /// Moves known messages on to where the import says that they stand.
  private func move() throws -> Int {
    try session.run(
      """
      UPDATE message SET status = n.status, last_attempted_at = n.last_attempted_at, sent_at = n.sent_at,
        send_time = n.send_time, lease_expires_at = n.lease_expires_at, send_attempt_count = n.send_attempt_count,
        failure_reason = n.failure_reason, claim_token = NULL
      FROM (
        SELECT k.key AS known_key, \(Self.status) AS status, i.last_attempted_at, i.sent_at, i.send_time,
          i.lease_expires_at, i.send_attempt_count, \(Self.reason) AS failure_reason
        FROM import_known k JOIN import_message i ON i.n = k.n JOIN import_owner o ON o.owner = i.owner
        WHERE k.is_new = 0) AS n
      WHERE message.key = n.known_key AND \(Self.progress("n.status")) > \(Self.progress("message.status"))
      """)
  }

  /// SQL: two rows say the same of a message, apart from its phone.
  static func isEqual(_ a: String, _ b: String) -> String {
    let texts = ["contact", "content"].map { "\(a).\($0) = \(b).\($0)" }
    let numbers = ["queued_at", "is_exact", "send_attempt_count"].map { "\(a).\($0) = \(b).\($0)" }
    let optional = [
      "send_at", "retry_at", "expires_at", "last_attempted_at", "sent_at", "send_time", "lease_expires_at",
      "max_send_attempts",
    ].map { "coalesce(\(a).\($0), -1) = coalesce(\(b).\($0), -1)" }
    let status =
      "(\(a).status = \(b).status OR \(a).status = 'failed' AND \(b).status IN ('pending', 'scheduled', 'expired'))"
    return (texts + numbers + optional + [status]).joined(separator: " AND ")
  }

  // MARK: - Rows of CSV

  /// Remembers the rows that were queued, in the order of the index, which costs a fraction of any other.
  private func keepRows(now: Instant) throws {
    try session.run(
      """
      INSERT INTO known_row (high, low, imported_at, message_key)
      SELECT i.high, i.low, ?1, \(Self.key) FROM import_message i JOIN import_owner o ON o.owner = i.owner
      WHERE i.high IS NOT NULL ORDER BY i.high, i.low
      ON CONFLICT (high, low) DO UPDATE SET imported_at = excluded.imported_at, message_key = excluded.message_key
      """, [.integer(now)])
  }

  // MARK: - Problems

  /// A problem with a row that begins with the file, line, list and place of a record.
  private func problem(_ row: any ResultRow, _ field: String, _ expected: String, _ found: String)
    -> ImportProblem
  {
    let list = stage.listName(row.integer(2))
    let record = row.optionalInt(3).map { "\(list)[\($0)]" } ?? list
    return RecordPlace(file: files.inputs[row.int(0)].name, line: row.int(1), record: record)
      .problem(field, expected, found: found)
  }
}
