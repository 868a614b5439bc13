import Formats
import Scheduling

/// The messages of an import in a table of their own, which only this connection sees: read, checked, and in the
/// order of the files, before anybody has to wait for them.
struct ImportStage {
  /// The database changed so that the rows have to be read again.
  struct Outdated: Error {}

  private let files: ImportFiles
  private let now: Instant
  private let isAgain: Bool
  private let zones: any TimeZoneSource
  private(set) var clocks: ImportClocks
  private(set) var phones: [PhoneRecord] = []
  private(set) var schedules: [ScheduleRecord] = []
  private(set) var summary = ImportSummary()
  /// How many rows were staged, and whether each phone's stand together.
  private(set) var count = 0
  private(set) var isSorted = true
  /// How often anything was imported into the database before: another import meanwhile changes what is known.
  private(set) var imports: Int64 = 0

  private var owners: [String: (place: Int64, count: Int64)] = [:]
  private var lastOwner: (number: String, place: Int64) = ("", 0)
  private var random = ManyRandomNumbers()
  private var occurrences = RowOccurrences()
  private var lists: [String: Int64] = [:]

  static let columns = [
    "n", "file", "line", "list", "place", "owner", "number", "id", "contact", "content", "status",
    "queued_at",
    "send_at", "retry_at", "ready_at", "expires_at", "is_exact", "last_attempted_at", "sent_at", "send_time",
    "lease_expires_at", "send_attempt_count", "max_send_attempts", "failure_reason", "high", "low",
  ]

  /// Reads all files into the table.
  init(
    _ files: ImportFiles, now: Instant, isAgain: Bool, zones: any TimeZoneSource, in session: any Session
  ) throws {
    self.zones = zones
    self.files = files
    self.now = now
    self.isAgain = isAgain
    clocks = try ImportClocks(session, zones: zones)
    imports = try ImportCounter.value(session)
    try Self.makeTables(session)
    try session.insert(into: "import_message", columns: Self.columns) { rows in
      for place in files.places(of: .json) { try stageRecords(file: place, into: rows) }
      for schedule in schedules { clocks.note(schedule) }
      for phone in phones { clocks.note(phone) }
      for place in files.places(of: .csv) { try stageRows(file: place, into: rows) }
    }
    try session.insert(into: "import_owner", columns: ["owner", "phone_number"]) { rows in
      for (number, owner) in owners {
        rows.integer(owner.place)
        rows.text(number)
        try rows.endRow()
      }
    }
    if session.dialect == .postgresql {
      // What it does not know of a table it guesses, and then reads it in the slowest way.
      for table in ["import_message", "import_owner"] { try session.run("ANALYZE \(table)") }
    }
    try dropKnown(in: session)
  }

  /// The list in which a record stands, such as `messages`.
  func listName(_ code: Int64) -> String { lists.first { $0.value == code }?.key ?? "" }

  static func dropTables(_ session: any Session) throws {
    for table in ["import_message", "import_owner", "import_known"] {
      try session.run("DROP TABLE IF EXISTS \(table)")
    }
  }

  private static func makeTables(_ session: any Session) throws {
    try dropTables(session)
    let integer = session.dialect == .sqlite ? "INTEGER" : "BIGINT"
    let texts: Set = ["id", "contact", "content", "status", "failure_reason"]
    let columns = Self.columns.map { "\($0) \(texts.contains($0) ? "TEXT" : integer)" }.joined(
      separator: ", ")
    try session.run("CREATE TEMPORARY TABLE import_message (\(columns), PRIMARY KEY (n))")
    try session.run(
      """
      CREATE TEMPORARY TABLE import_owner (owner \(integer) PRIMARY KEY, phone_number TEXT, phone_key \(integer),
        last_number \(integer), max_send_attempts \(integer), is_reserved \(integer))
      """)
  }

  // MARK: - Records

  private mutating func stageRecords(file: Int, into rows: any RowWriter) throws {
    var reader = try BundleReader(files.inputs[file], zones: ImportZones(zones))
    try reader.read { record in
      switch record {
      case .phone(let phone): phones.append(phone)
      case .schedule(let schedule): schedules.append(schedule)
      case .skipped(let reason, let id): skip(reason, id)
      case .message(let record):
        if let sendTime = record.sendTime, sendTime > now { summary.ahead.add(record.message.id) }
        try stage(
          record.message, sendTime: record.sendTime, fingerprint: nil,
          at: (file: file, line: record.line, list: record.list, index: record.index), into: rows)
      }
    }
  }

  private mutating func skip(_ reason: SkipReason, _ id: String?) {
    summary.messages.skipped += 1
    summary.skipped[reason, default: .init()].add(id)
  }

  // MARK: - Rows

  private mutating func stageRows(file: Int, into rows: any RowWriter) throws {
    var reader = try CSVMessageReader(files.inputs[file])
    var skipped = 0
    while let row = try reader.next(skipped: { skipped += 1 }) {
      guard let from = row.from, clocks.isKnown(from) else {
        throw reader.problem("FromPhoneNumber", "the number of a known phone", found: row.from)
      }
      let sendAt = try clocks.instant(row.sendTime, of: from, "SendTime", reader)
      let expiresAt = try clocks.instant(row.expiresAt, of: from, "ExpiresAt", reader)
      var fingerprint = RowFingerprint(row, phone: from, occurrence: 0)
      let occurrence = occurrences.count(fingerprint)
      if occurrence > 0 { fingerprint = RowFingerprint(row, phone: from, occurrence: occurrence) }
      let message = Message(
        id: NewID.make(at: now, sequence: count, using: &random), owner: from, contact: row.to,
        content: row.content,
        status: sendAt == nil ? .pending : .scheduled, queuedAt: now, sendAt: sendAt,
        isExact: row.isExact, expiresAt: expiresAt)
      try stage(
        message, sendTime: nil, fingerprint: fingerprint,
        at: (file: file, line: row.line, list: "", index: nil), into: rows)
    }
    for _ in 0..<skipped { skip(.attachments, nil) }
  }

  // MARK: - The table

  private mutating func stage(
    _ message: Message, sendTime: Instant?, fingerprint: RowFingerprint?,
    at place: (file: Int, line: Int, list: String, index: Int?), into rows: any RowWriter
  ) throws {
    let owner = owner(message.owner)
    count += 1
    rows.integer(Int64(count))
    rows.integer(Int64(place.file))
    rows.integer(Int64(place.line))
    rows.integer(list(place.list))
    rows.optional(place.index.map(Int64.init))
    rows.integer(owner.place)
    rows.integer(owner.number)
    rows.text(message.id)
    rows.text(message.contact)
    rows.text(message.content)
    rows.text(message.status.rawValue)
    rows.integer(message.queuedAt)
    rows.optional(message.sendAt)
    rows.optional(message.retryAt)
    rows.integer(message.readyAt)
    rows.optional(message.expiresAt)
    rows.integer(message.isExact ? 1 : 0)
    rows.optional(message.lastAttemptedAt)
    rows.optional(message.sentAt)
    rows.optional(sendTime)
    rows.optional(message.leaseExpiresAt)
    rows.integer(Int64(message.sendAttemptCount))
    rows.optional(message.maxSendAttempts.map(Int64.init))
    if let reason = message.failureReason { rows.text(reason) } else { rows.null() }
    rows.optional(fingerprint?.high)
    rows.optional(fingerprint?.low)
    try rows.endRow()
  }

  /// The place of a message's phone among those of the import, and the message's number among the phone's.
  private mutating func owner(_ number: String) -> (place: Int64, number: Int64) {
    if lastOwner.number != number {
      if owners[number] == nil {
        owners[number] = (Int64(owners.count + 1), 0)
      } else {
        isSorted = false
      }
      lastOwner = (number, owners[number]?.place ?? 0)
    }
    owners[number]?.count += 1
    return (lastOwner.place, owners[number]?.count ?? 0)
  }

  private mutating func list(_ name: String) -> Int64 {
    if let code = lists[name] { return code }
    lists[name] = Int64(lists.count)
    return lists[name] ?? 0
  }

  // MARK: - What is known

  /// How long a row without a send time is known, in milliseconds.
  private static let memory: Duration = 7 * .day

  /// Takes out of the table what is known already, and counts it; a thing that came meanwhile is found later too.
  mutating func dropKnown(in session: any Session) throws {
    if try session.exists("SELECT 1 FROM known_row LIMIT 1"), !isAgain { try dropKnownRows(session) }
    try dropForgotten(session)
    try dropEqual(session)
  }

  private mutating func dropKnownRows(_ session: any Session) throws {
    let isKnown = """
      k.high = i.high AND k.low = i.low AND (i.send_at IS NOT NULL OR k.imported_at > \(now - Self.memory))
      """
    let days = """
      SELECT k.imported_at / 86400000, count(*) FROM import_message i JOIN known_row k ON \(isKnown) GROUP BY 1
      """
    try session.each(days) { row in
      summary.knownRows[CivilDate(days: row.integer(0)), default: 0] += row.int(1)
    }
    summary.messages.unchanged += try session.run(
      """
      DELETE FROM import_message WHERE n IN
        (SELECT i.n FROM import_message i JOIN known_row k ON \(isKnown) WHERE i.high IS NOT NULL)
      """)
  }

  private mutating func dropForgotten(_ session: any Session) throws {
    guard try session.exists("SELECT 1 FROM known_id LIMIT 1") else { return }
    let forgotten = "FROM import_message i JOIN known_id k ON k.id = i.id WHERE i.high IS NULL"
    try session.each("SELECT i.id \(forgotten) ORDER BY i.n") { summary.forgotten.add($0.text(0)) }
    summary.messages.unchanged += try session.run(
      "DELETE FROM import_message WHERE n IN (SELECT i.n \(forgotten))")
  }

  /// Messages that stand in the database just as they are in the file.
  private mutating func dropEqual(_ session: any Session) throws {
    guard try session.exists("SELECT 1 FROM message LIMIT 1") else { return }
    summary.messages.unchanged += try session.run(
      """
      DELETE FROM import_message WHERE n IN
        (SELECT i.n FROM import_message i JOIN import_owner o ON o.owner = i.owner
          JOIN message m ON m.id = i.id JOIN phone p ON p.key = m.phone_key AND p.number = o.phone_number
          WHERE i.high IS NULL AND \(ImportMessages.isEqual("m", "i")))
      """)
  }
}

/// Counts the imports into a database.
enum ImportCounter {
  static func value(_ session: any Session) throws -> Int64 {
    try session.integer("SELECT value FROM counter WHERE name = 'import'") ?? 0
  }

  /// Counts one more, and returns which one it is.
  static func increase(_ session: any Session) throws -> Int64 {
    try session.run(
      "INSERT INTO counter (name, value) VALUES ('import', 1) ON CONFLICT (name) DO UPDATE SET value = counter.value + 1"
    )
    return try value(session)
  }
}

extension RowWriter {
  func optional(_ value: Int64?) {
    if let value { integer(value) } else { null() }
  }
}

extension ImportZones {
  fileprivate init(_ zones: any TimeZoneSource) {
    self.init { name in
      zones.isKnown(name) ? nil : "an IANA time zone such as \(zones.example(for: name))"
    }
  }
}
