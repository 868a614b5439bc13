import Scheduling

/// The messages of a phone that was removed: few go with it, many in turns after it, so that nobody waits long.
///
/// From the removal on nobody sees them: a message is seen together with its phone. If the process is killed, whoever
/// opens the database next goes on, as with imports, and imports wait until it is done.
struct PhoneRemoval {
  /// Names it among what is pending.
  let number: Int64
  let phoneKey: Int64

  /// A phone with no more messages goes with them.
  private static let small = 500
  /// How many messages are looked for at once.
  private static let chunk = 5_000
  /// How many are removed at once, which takes a few milliseconds.
  private static let step = 100
  private static let isSent = "(status = 'sent' OR status = 'delivered')"
  private static let isNotSent = "status <> 'sent' AND status <> 'delivered'"

  static func find(_ number: Int64, _ session: any Session) throws -> PhoneRemoval? {
    let sql = "SELECT removed_phone FROM pending_import WHERE number = ?1 AND removed_phone IS NOT NULL"
    return try session.integer(sql, [.integer(number)]).map { PhoneRemoval(number: number, phoneKey: $0) }
  }

  /// Removes the messages of a phone of which the row goes in the same transaction; what is left to do after it if there
  /// are many, nil if there are few.
  static func begin(
    ofPhone key: Int64, at now: Instant, _ worker: PendingWorker, _ session: any Session
  ) throws -> PhoneRemoval? {
    if try isLarge(key, session), try isAlone(session) {
      let number = try PendingImports.begin(worker, removing: key, at: now, session)
      return PhoneRemoval(number: number, phoneKey: key)
    }
    let keys = MessageKey.range(ofPhone: key)
    let all = keys.lowerBound...keys.upperBound - 1
    try removeUnsent(all, session)
    try removeSent(all, session)
    try end(ofPhone: key, session)
    return nil
  }

  private static func isLarge(_ key: Int64, _ session: any Session) throws -> Bool {
    let keys = MessageKey.range(ofPhone: key)
    return try session.exists(
      "SELECT 1 FROM message WHERE key >= ?1 AND key < ?2 LIMIT 1 OFFSET \(small)",
      [.integer(keys.lowerBound), .integer(keys.upperBound)])
  }

  /// An import that is decided later waits for the removal; one that was decided before must not find a part of it.
  private static func isAlone(_ session: any Session) throws -> Bool {
    _ = try ImportCounter.increase(session)
    return try !PendingImports.isAnyDecided(session)
  }

  /// Does all of it.
  func run(in store: Store, _ worker: PendingWorker) throws {
    // What was sent goes last: only then is it known which rows of CSV stay known.
    try runInTurns(in: store, worker, of: Self.isNotSent) { try Self.removeUnsent($0, $1) }
    try runInTurns(in: store, worker, of: Self.isSent) { try Self.removeSent($0, $1) }
    try store.write(.lockingPhones) { session in
      try Self.end(ofPhone: phoneKey, session)
      try session.run("DELETE FROM pending_import WHERE number = ?1", [.integer(number)])
    }
  }

  private func runInTurns(
    in store: Store, _ worker: PendingWorker, of condition: String,
    _ remove: (ClosedRange<Int64>, any Session) throws -> Void
  ) throws {
    let range = MessageKey.range(ofPhone: phoneKey)
    var last = range.lowerBound - 1
    while true {
      let sql = """
        SELECT key FROM message WHERE key > ?1 AND key < ?2 AND \(condition) ORDER BY key LIMIT \(Self.chunk)
        """
      let keys = try store.read { session in
        try session.all(sql, [.integer(last), .integer(range.upperBound)]) { $0.integer(0) }
      }
      guard let end = keys.last else { return }
      var rest = keys[...]
      while !rest.isEmpty {
        let done = try store.engine.writeInTurn { session, turn in
          var done = 0
          try PendingImports.renew(number, worker, session)
          repeat {
            let some = rest.dropFirst(done).prefix(Self.step)
            if let first = some.first, let last = some.last { try remove(first...last, session) }
            done += some.count
          } while done < rest.count && !turn.isOver
          return done
        }
        rest = rest.dropFirst(done)
      }
      last = end
    }
  }

  // MARK: - Messages

  /// Removes what was not sent of messages with keys in a range. The rows of CSV that it came from are known no more.
  private static func removeUnsent(_ keys: ClosedRange<Int64>, _ session: any Session) throws {
    let (range, which) = question(keys, isNotSent)
    let rows = "SELECT row_high, row_low FROM message WHERE \(which) AND row_high IS NOT NULL"
    if session.dialect == .sqlite {
      // One by one: each is found by the key.
      let pairs = try session.all(rows, range) { [Value.integer($0.integer(0)), .integer($0.integer(1))] }
      for pair in pairs { try session.run("DELETE FROM known_row WHERE high = ?1 AND low = ?2", pair) }
    } else {
      try session.run("DELETE FROM known_row WHERE (high, low) IN (\(rows))", range)
    }
    try session.run("DELETE FROM message WHERE \(which)", range)
  }

  /// Removes what was sent, which stays known, so that an import does not send it again: by its id, and by its row of
  /// CSV, which something unsent may have come from as well.
  private static func removeSent(_ keys: ClosedRange<Int64>, _ session: any Session) throws {
    let (range, which) = question(keys, isSent)
    try session.run(
      """
      INSERT INTO known_row (high, low, imported_at)
      SELECT row_high, row_low, max(queued_at) FROM message WHERE \(which) AND row_high IS NOT NULL
      GROUP BY row_high, row_low ON CONFLICT DO NOTHING
      """, range)
    try session.run(
      "INSERT INTO known_id (id) SELECT id FROM message WHERE \(which) ON CONFLICT DO NOTHING", range)
    try session.run("DELETE FROM message WHERE \(which)", range)
  }

  private static func question(_ keys: ClosedRange<Int64>, _ condition: String) -> ([Value], String) {
    ([.integer(keys.lowerBound), .integer(keys.upperBound)], "key >= ?1 AND key <= ?2 AND \(condition)")
  }

  private static func end(ofPhone key: Int64, _ session: any Session) throws {
    try session.run("DELETE FROM past_send WHERE phone_key = ?1", [.integer(key)])
    try LastSends.forget(session, phoneKey: key)
  }

  /// Removes a message of a phone that is gone before its turn comes, so that its id can be used; false if its phone is
  /// there.
  static func removeLeft(_ id: String, _ session: any Session) throws -> Bool {
    let sql = """
      SELECT key FROM message WHERE id = ?1
        AND NOT EXISTS (SELECT 1 FROM phone WHERE phone.key = message.phone_key)
      """
    guard let key = try session.integer(sql, [.text(id)]) else { return false }
    try removeUnsent(key...key, session)
    try removeSent(key...key, session)
    return true
  }
}
