import Scheduling

extension Store {
  /// Forgets what is done with since before `cutoff`: sent, delivered, failed, canceled. Says how many.
  ///
  /// In short transactions, so that nobody waits long; one that fails leaves those before it done. Ids stay known,
  /// and sends go on counting for the spacing and the day's limit.
  package func prune(before cutoff: Instant, at time: Time) throws -> Int {
    let now = try write(.lockingPhones) { session in
      let now = try time.instant(in: session)
      try session.run("DELETE FROM past_send WHERE send_time < ?1", [.integer(now - EarlierSends.memory)])
      return now
    }
    while try write(.lockingPhones, { try Lapsed.sweepSome($0, now: now) }) {}
    while try write(.lockingPhones, { try Expired.dropSome($0, now: now) }) {}
    var count = 0
    var last: Int64 = 0
    while let keys = try read({ try PrunedMessages.keys($0, before: cutoff, after: last) }) {
      if keys.isEmpty { break }
      var rest = keys[...]
      while !rest.isEmpty {
        let (done, forgotten) = try engine.writeInTurn { session, turn in
          var (done, forgotten) = (0, 0)
          repeat {
            let some = Array(rest.dropFirst(done).prefix(PrunedMessages.step))
            forgotten += try PrunedMessages.forget(session, some, before: cutoff, now: now)
            done += some.count
          } while done < rest.count && !turn.isOver
          return (done, forgotten)
        }
        count += forgotten
        rest = rest.dropFirst(done)
      }
      last = keys[keys.count - 1]
    }
    // What was written in turns is on the disk once this is.
    try write(.lockingPhones) {
      try $0.run("DELETE FROM past_send WHERE send_time < ?1", [.integer(now - EarlierSends.memory)])
    }
    return count
  }
}

/// Messages that nobody needs any more.
private enum PrunedMessages {
  /// How many are looked for at once.
  static let chunk = 5_000
  /// How many are forgotten at once, which takes a few milliseconds.
  static let step = 250

  private static func isDone(_ cutoff: String) -> String {
    """
    (status = 'sent' OR status = 'delivered' OR status = 'failed' OR status = 'canceled')
      AND queued_at < \(cutoff) AND coalesce(last_attempted_at, queued_at) < \(cutoff)
      AND coalesce(sent_at, queued_at) < \(cutoff)
    """
  }

  static func keys(_ session: any Session, before cutoff: Instant, after last: Int64) throws -> [Int64]? {
    let sql = "SELECT key FROM message WHERE key > ?1 AND \(isDone("?2")) ORDER BY key LIMIT \(chunk)"
    return try session.all(sql, [.integer(last), .integer(cutoff)]) { $0.integer(0) }
  }

  /// Forgets those of some messages that are still done with.
  static func forget(_ session: any Session, _ keys: [Int64], before cutoff: Instant, now: Instant) throws
    -> Int
  {
    guard let first = keys.first, let last = keys.last else { return 0 }
    try session.lock(
      "key >= ?1 AND key <= ?2",
      [.integer(first / MessageKey.numbers), .integer(last / MessageKey.numbers)])
    return try stretches(session, first...last, before: cutoff).reduce(0) { count, stretch in
      count + (try forget(session, stretch, before: cutoff, now: now))
    }
  }

  /// The parts of a range without messages that are done with only since `cutoff`: their columns do not say when they
  /// failed or were canceled, but their histories do.
  private static func stretches(_ session: any Session, _ range: ClosedRange<Int64>, before cutoff: Instant)
    throws -> [ClosedRange<Int64>]
  {
    var stretches: [ClosedRange<Int64>] = []
    var open: ClosedRange<Int64>?
    try session.each(
      """
      SELECT key, history FROM message WHERE key >= ?1 AND key <= ?2 AND \(isDone("?3")) ORDER BY key
      """, [.integer(range.lowerBound), .integer(range.upperBound), .integer(cutoff)]
    ) { row in
      let key = row.integer(0)
      if let event = MessageEvent.last(of: row.text(1)), event.kind.isEnd, event.at >= cutoff {
        if let open { stretches.append(open) }
        open = nil
      } else {
        open = (open?.lowerBound ?? key)...key
      }
    }
    return open.map { stretches + [$0] } ?? stretches
  }

  private static func forget(
    _ session: any Session, _ keys: ClosedRange<Int64>, before cutoff: Instant, now: Instant
  ) throws -> Int {
    let (first, last) = (keys.lowerBound, keys.upperBound)
    let phones: [Value] = [.integer(first / MessageKey.numbers), .integer(last / MessageKey.numbers)]
    let range: [Value] = [.integer(first), .integer(last), .integer(cutoff)]
    let which = "key >= ?1 AND key <= ?2 AND \(isDone("?3"))"
    try session.run(
      "INSERT INTO known_id (id) SELECT id FROM message WHERE \(which) ON CONFLICT DO NOTHING", range)
    try session.run(
      """
      INSERT INTO past_send (phone_key, send_time, count)
      SELECT phone_key, send_time, count(*) FROM message WHERE \(which) AND send_time >= ?4
      GROUP BY phone_key, send_time
      ON CONFLICT (phone_key, send_time) DO UPDATE SET count = past_send.count + excluded.count
      """, range + [.integer(now - EarlierSends.memory)])
    try LastSends.note(session, ofMessages: which, range)
    try session.run(
      """
      UPDATE phone SET failed = failed - (SELECT count(*) FROM message WHERE phone_key = phone.key
        AND status = 'failed' AND \(which))
      WHERE key >= ?4 AND key <= ?5
      """, range + phones)
    return try session.run("DELETE FROM message WHERE \(which)", range)
  }
}

extension MessageEvent.Kind {
  /// Whether a message may be done with by that, without having been sent.
  fileprivate var isEnd: Bool {
    switch self {
    case .failed, .canceled, .expired, .lapsed: true
    default: false
    }
  }
}
