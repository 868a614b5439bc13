import Formats
import Scheduling

/// What an export could not read, one sentence each; empty where the database is sound.
package struct ExportReport: Equatable, Sendable {
  package var losses: [String] = []
}

extension Store {
  /// Writes the bundle: phones by number, schedules by name, messages by phone as they were queued, an object a line.
  ///
  /// It is one state of the database, whoever writes meanwhile. Of a damaged one it writes all that can be
  /// read. Throws ``ExportProblem`` and ``StoreError``.
  package func export(to output: inout ExportOutput) throws -> ExportReport {
    var report = ExportReport()
    try? awaitImports(withRemovals: false)
    do {
      try read(isRepeatable: false) { session in
        var export = try Export(session)
        try export.write(to: &output)
        report.losses = export.losses
      }
    } catch StoreError.damaged where !report.losses.isEmpty {
      // The export went around the damage; SQLite says so once more at the end of the transaction.
    }
    try output.finish()
    return report
  }
}

/// One export under way.
private struct Export {
  private let session: any Session
  private var phones: [(key: Int64, phone: Phone, pastSends: [PhoneRecord.PastSend])] = []
  private var schedules: [Schedule] = []
  private(set) var losses: [String] = []

  /// Reads phones and schedules.
  init(_ session: any Session) throws {
    self.session = session
    try readSchedules()
    try readPhones()
  }

  private mutating func readSchedules() throws {
    var damaged = 0
    let scan = try ExportScan(session, table: "schedule", key: nil, columns: Schedule.columns) { row in
      guard let content = ScheduleContent(row: row, from: 1) else {
        damaged += 1
        return
      }
      schedules.append(Schedule(id: row.text(0), content: content))
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
    let scan = try ExportScan(session, table: "phone", key: "key", columns: Phone.columns) { row in
      var phone = Phone(row: row)
      guard PhoneNumber.e164(phone.number) == phone.number else {
        damaged += 1
        return
      }
      if let schedule = phone.scheduleID, !known.contains(schedule) {
        phone.scheduleID = nil
        losses.append("phone \(phone.number): its schedule could not be read, exported without one")
      }
      phones.append((row.integer(Phone.columnCount), phone, []))
    }
    report("phones", scan.gaps, damaged)
    phones.sort { $0.phone.number.precedes($1.phone.number) }
    for index in phones.indices { phones[index].pastSends = try pastSends(phones[index].key) }
  }

  /// Sends of messages that were pruned: they count for the forecast still.
  private func pastSends(_ key: Int64) throws -> [PhoneRecord.PastSend] {
    let sql = "SELECT send_time, count FROM past_send WHERE phone_key = ?1 ORDER BY send_time"
    return try session.all(sql, [.integer(key)]) {
      PhoneRecord.PastSend(sendTime: $0.integer(0), count: $0.int(1))
    }
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
    for (_, phone, pastSends) in phones {
      try lines.next(&output)
      output.json.phone(phone) { $0.pastSends(pastSends) }
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
    id, contact, content, status, queued_at, send_at, is_exact, last_attempted_at, sent_at, lease_expires_at, \
    send_attempt_count, failure_reason, expires_at, retry_at, max_send_attempts
    """

  private mutating func writeMessages(_ output: inout ExportOutput, _ lines: inout Lines) throws {
    var damaged = 0
    for (key, phone, _) in phones {
      let scan = try ExportScan(
        session, table: "message", key: "key", columns: Self.messageColumns,
        among: MessageKey.range(ofPhone: key)
      ) { row in
        guard let message = Self.message(row, owner: phone.number) else {
          damaged += 1
          return
        }
        try lines.next(&output)
        output.json.message(message)
      }
      report("messages", scan.gaps, 0)
    }
    report("messages", [], damaged)
  }

  private static func message(_ row: any ResultRow, owner: String) -> Message? {
    guard !row.isNull(0), let status = MessageStatus(rawValue: row.text(3)), !row.isNull(4) else {
      return nil
    }
    return Message(
      id: row.text(0), owner: owner, contact: row.text(1), content: row.text(2), status: status,
      queuedAt: row.integer(4), sendAt: row.optionalInteger(5), isExact: row.bool(6),
      expiresAt: row.optionalInteger(12), retryAt: row.optionalInteger(13),
      lastAttemptedAt: row.optionalInteger(7), sentAt: row.optionalInteger(8),
      leaseExpiresAt: row.optionalInteger(9), sendAttemptCount: row.int(10),
      maxSendAttempts: row.optionalInt(14), failureReason: row.optionalText(11))
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
