import Scheduling

/// What one change left of a phone's settings.
package struct PhoneRevision: Equatable, Sendable {
  package enum Action: String, Sendable {
    case add, save, attach, hold, release, remove, restore
    /// It came with a file.
    case `import`
  }

  /// The phone as it was then; without its failures in a row.
  package var phone: Phone
  /// 1 for the first of a phone.
  package var number: Int
  package var action: Action
  /// What changed, in words.
  package var summary: String
  package var stamp: Stamp
}

extension Store {
  /// The changes of a phone's settings, the newest first; those of one that was removed too.
  package func revisions(ofPhone id: String) throws -> [PhoneRevision] {
    try read { session in
      let sql = """
        SELECT \(PhoneRevision.columns) FROM phone_revision WHERE phone_id = ?1 ORDER BY number DESC
        """
      return try session.all(sql, [.text(id)], PhoneRevision.init(row:))
    }
  }
}

extension PhoneRevision {
  fileprivate static let columns = """
    phone_id, number, action, phone_number, label, sim, messages_per_minute, messages_per_day, max_send_attempts, \
    retry_delay_seconds, pause_after_failures, held_until, hold_reason, schedule_id, author, origin, saved_at, summary
    """

  fileprivate init(row: any ResultRow) {
    let hold = row.optionalInteger(11).map { Hold(until: $0, reason: row.text(12)) }
    phone = Phone(
      id: row.text(0), number: row.text(3), label: row.text(4), sim: SIM(rawValue: row.text(5)) ?? .sim1,
      messagesPerMinute: row.int(6), messagesPerDay: row.int(7), maxSendAttempts: row.int(8),
      retryDelaySeconds: row.int(9), pauseAfterFailures: row.int(10), hold: hold,
      scheduleID: row.optionalText(13))
    number = row.int(1)
    action = Action(rawValue: row.text(2)) ?? .save
    stamp = Stamp(author: row.text(14), origin: row.optionalText(15), at: row.integer(16))
    summary = row.text(17)
  }

  /// Keeps what a phone has become; nothing without a stamp.
  static func note(
    _ session: any Session, _ phone: Phone, _ action: Action, _ summary: String, _ stamp: Stamp?
  ) throws {
    guard let stamp else { return }
    let number = try lastNumber(session, phone.id) + 1
    let places = (1...18).map { "?\($0)" }.joined(separator: ", ")
    try session.run(
      "INSERT INTO phone_revision (\(columns)) VALUES (\(places))",
      values(phone, number: number, action, summary, stamp))
  }

  /// The same of many phones; `known` has the numbers of their last revisions as far as they are known, by the phones' ids.
  static func note(
    _ session: any Session, _ phones: [Phone], _ action: Action, _ summary: String, _ stamp: Stamp,
    known: [String: Int64]
  ) throws {
    var numbers: [Int64] = []
    for start in stride(from: 0, to: phones.count, by: 500) {
      let part = phones[start..<min(start + 500, phones.count)].map(\.id)
      try session.prefetch(part.filter { known[$0] == nil }.map(lastQuestion))
      for id in part { numbers.append(try (known[id] ?? lastNumber(session, id)) + 1) }
    }
    let names = columns.split(separator: ",").map { $0.filter { !$0.isWhitespace } }
    try session.insert(into: "phone_revision", columns: names) { rows in
      for (phone, number) in zip(phones, numbers) {
        for value in values(phone, number: number, action, summary, stamp) { rows.value(value) }
        try rows.endRow()
      }
    }
  }

  static func lastQuestion(_ phoneID: String) -> Query {
    ("SELECT max(number) FROM phone_revision WHERE phone_id = ?1", [.text(phoneID)])
  }

  /// The number of a phone's last revision; 0 if it has none.
  static func lastNumber(_ session: any Session, _ phoneID: String) throws -> Int64 {
    let (sql, id) = lastQuestion(phoneID)
    return try session.integer(sql, id) ?? 0
  }

  private static func values(
    _ phone: Phone, number: Int64, _ action: Action, _ summary: String, _ stamp: Stamp
  ) -> [Value] {
    [
      .text(phone.id), .integer(number), .text(action.rawValue), .text(phone.number), .text(phone.label),
      .text(phone.sim.rawValue), .integer(phone.messagesPerMinute), .integer(phone.messagesPerDay),
      .integer(phone.maxSendAttempts), .integer(phone.retryDelaySeconds),
      .integer(phone.pauseAfterFailures),
      .optional(phone.hold?.until), .text(phone.hold?.reason ?? ""), .optional(phone.scheduleID),
      .text(stamp.author), .optional(stamp.origin), .integer(stamp.at), .text(summary),
    ]
  }

  /// The same with the names of the schedules.
  static func words(_ session: any Session, from old: Phone, to new: Phone) throws -> [String] {
    guard old.scheduleID != new.scheduleID else { return words(from: old, to: new) }
    return words(
      from: old, to: new, schedules: try Store.scheduleNames(session, [old.scheduleID, new.scheduleID]))
  }

  /// That another schedule, or none, was attached.
  static func attaching(_ new: String?, insteadOf old: String?, schedules: [String: String]) -> String {
    let name = (new ?? old).flatMap { schedules[$0] }
    return (new == nil ? "detached" : "attached")
      + (name.map { " \(new == nil ? "from" : "to") \($0)" } ?? "")
  }

  /// What differs between two states of a phone, one part for each thing; `schedules` has the names of schedules as far
  /// as they are known, by their ids.
  static func words(from old: Phone, to new: Phone, schedules: [String: String] = [:]) -> [String] {
    var words: [String] = []
    func compare(_ name: String, _ old: String, _ new: String) {
      if old != new { words.append("\(name) \(old.isEmpty ? "-" : old) -> \(new.isEmpty ? "-" : new)") }
    }
    compare("number", old.number, new.number)
    compare("label", old.label, new.label)
    compare("sim", old.sim.rawValue, new.sim.rawValue)
    compare("rate", String(old.messagesPerMinute), String(new.messagesPerMinute))
    compare("day's limit", String(old.messagesPerDay), String(new.messagesPerDay))
    compare("attempts", String(old.maxSendAttempts), String(new.maxSendAttempts))
    compare("retry delay", "\(old.retryDelaySeconds) s", "\(new.retryDelaySeconds) s")
    compare("pause after failures", String(old.pauseAfterFailures), String(new.pauseAfterFailures))
    if old.scheduleID != new.scheduleID {
      words.append(attaching(new.scheduleID, insteadOf: old.scheduleID, schedules: schedules))
    }
    if old.hold != new.hold { words.append(new.hold == nil ? "released" : "held") }
    return words
  }
}
