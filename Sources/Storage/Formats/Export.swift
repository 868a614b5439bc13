import GRDB
import Scheduling

/// What an export could not read, one sentence each; empty where the database is sound.
package struct ExportReport: Equatable, Sendable {
  package var losses: [String] = []
}

extension Store {
  /// Writes the bundle: phones by number, schedules by name, messages as they were queued, an object a line.
  ///
  /// It is one state of the database, whoever writes meanwhile. Of a damaged one it writes all that can be
  /// read. Throws ``ExportProblem`` and ``StoreError``.
  package func export(to output: inout ExportOutput) throws -> ExportReport {
    var report = ExportReport()
    do {
      let engine = try sqliteEngine()
      try engine.read { _ in
        try engine.queue.unsafeReentrantRead { db in
          var export = try Export(db)
          try export.write(to: &output)
          report.losses = export.losses
        }
      }
    } catch StoreError.damaged where !report.losses.isEmpty {
      // The export went around the damage; SQLite says so once more at the end of the transaction.
    }
    return report
  }
}

/// One export under way.
private struct Export {
  private let db: Database
  private var phones: [Int64: Phone] = [:]
  private var schedules: [Schedule] = []
  private(set) var losses: [String] = []

  /// Reads phones and schedules.
  init(_ db: Database) throws {
    self.db = db
    try readSchedules()
    try readPhones()
  }

  private mutating func readSchedules() throws {
    var damaged = 0
    var scan = try ExportScan(
      db, table: "schedule", key: "rowid", columns: "id, name, time_zone, is_active, windows")
    try scan.read { row in
      guard row.isText(1), row.isText(2), row.isText(3),
        let windows = WindowsColumn.decode(row.text(5).string)
      else {
        damaged += 1
        return
      }
      let content = ScheduleContent(
        name: row.text(2).string, timeZone: row.text(3).string, isActive: row.integer(4) != 0,
        windows: windows)
      schedules.append(Schedule(id: row.text(1).string, content: content))
    }
    report("schedules", scan.gaps, damaged)
    schedules.sort { a, b in
      let (x, y) = (a.content.name, b.content.name)
      return x == y ? a.id.precedes(b.id) : x.precedes(y)
    }
  }

  private mutating func readPhones() throws {
    var damaged = 0
    let known = Set(schedules.map(\.id))
    var scan = try ExportScan(db, table: "phone", key: "key", columns: Phone.columns)
    try scan.read { row in
      guard row.isText(1), PhoneDigits(row.text(2)) != nil, let sim = SIM(rawValue: row.text(4).string) else {
        damaged += 1
        return
      }
      let schedule = row.optionalText(7)?.string
      phones[row.integer(0)] = Phone(
        id: row.text(1).string, number: row.text(2).string, label: row.text(3).string, sim: sim,
        messagesPerMinute: Int(row.integer(5)), maxSendAttempts: Int(row.integer(6)),
        scheduleID: schedule.flatMap { known.contains($0) ? $0 : nil })
      if let schedule, !known.contains(schedule) {
        losses.append("phone \(row.text(2).string): its schedule could not be read, exported without one")
      }
    }
    report("phones", scan.gaps, damaged)
  }

  private mutating func report(_ table: String, _ gaps: [ExportScan.Gap], _ damaged: Int) {
    for gap in gaps {
      let end = gap.through.map { "to \($0)" } ?? "on"
      losses.append("\(table): rows with keys from \(gap.after + 1) \(end) could not be read")
    }
    if damaged > 0 { losses.append("\(table): \(damaged) rows hold nothing that makes sense") }
  }

  // MARK: - Writing

  mutating func write(to output: inout ExportOutput) throws {
    output.json.raw("{\"phones\":[")
    var lines = Lines()
    for phone in phones.values.sorted(by: { $0.number.precedes($1.number) }) {
      try lines.next(&output)
      output.json.phone(phone)
    }
    lines.end(&output)
    output.json.raw(",\"message_send_schedules\":[")
    for schedule in schedules {
      try lines.next(&output)
      output.json.schedule(schedule)
    }
    lines.end(&output)
    output.json.raw(",\"messages\":[")
    try writeMessages(&output, &lines)
    lines.end(&output)
    output.json.raw("}\n")
    try output.flush()
  }

  private static let messageColumns = """
    id, phone_key, contact, content, status, queued_at, send_at, is_exact, last_attempted_at, sent_at, \
    lease_expires_at, send_attempt_count, failure_reason
    """

  private mutating func writeMessages(_ output: inout ExportOutput, _ lines: inout Lines) throws {
    for (key, _) in phones.sorted(by: { $0.value.number.precedes($1.value.number) }) {
      var damaged = 0
      var scan = try ExportScan(
        db, table: "message", key: "key", columns: Self.messageColumns, range: MessageKey.range(ofPhone: key))
      try scan.read { row in
        guard let message = message(row) else {
          damaged += 1
          return
        }
        try lines.next(&output)
        output.json.message(message)
      }
      report("messages", scan.gaps, damaged)
    }
  }

  private func message(_ row: borrowing RawStatement) -> Message? {
    guard row.isText(1), row.isText(3), row.isText(4), row.isInteger(6),
      let owner = phones[row.integer(2)]?.number,
      let status = MessageStatus(rawValue: row.text(5).string)
    else { return nil }
    return Message(
      id: row.text(1).string, owner: owner, contact: row.text(3).string, content: row.text(4).string,
      status: status, queuedAt: row.integer(6), sendAt: row.optionalInteger(7), isExact: row.integer(8) != 0,
      lastAttemptedAt: row.optionalInteger(9), sentAt: row.optionalInteger(10),
      leaseExpiresAt: row.optionalInteger(11), sendAttemptCount: Int(row.integer(12)),
      failureReason: row.optionalText(13)?.string)
  }

  /// An object a line, with a comma before all but the first.
  private struct Lines {
    private var isFirst = true

    mutating func next(_ output: inout ExportOutput) throws {
      try output.flushIfLarge()
      output.json.raw(isFirst ? "\n" : ",\n")
      isFirst = false
    }

    mutating func end(_ output: inout ExportOutput) {
      output.json.raw(isFirst ? "]" : "\n]")
      isFirst = true
    }
  }
}

extension String {
  /// Order by bytes, the same everywhere.
  fileprivate func precedes(_ other: String) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }
}
