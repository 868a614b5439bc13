import Scheduling

extension Store {
  /// The keys of the messages of a phone that are in a group at `now`, the latest first.
  package func keys(of phone: String, in group: MessageGroup, now: Instant) throws -> [Int64] {
    try read { session in
      let (key, phone) = try Self.phone(session, named: phone)
      let range = MessageKey.range(ofPhone: key)
      var values: [Value] = [.integer(range.lowerBound), .integer(range.upperBound)]
      let isInGroup = Self.condition(group, now: now, attempts: phone.maxSendAttempts, &values)
      let sql = """
        SELECT key FROM message WHERE key >= ?1 AND key < ?2 AND (\(isInGroup))
        ORDER BY coalesce(sent_at, last_attempted_at, queued_at) DESC, key DESC
        """
      return try session.all(sql, values) { $0.integer(0) }
    }
  }

  /// About how many messages of a phone were queued from an instant on.
  ///
  /// Numbers are given in the order of being queued, so that a search by halves finds the first; an import of old
  /// messages among newer ones makes it less exact.
  package func arrivals(of phone: String, since start: Instant) throws -> Int {
    try read { session in
      let (key, _) = try Self.phone(session, named: phone)
      let last = try session.integer("SELECT last_number FROM phone WHERE key = ?1", [.integer(key)]) ?? 0
      let sql = """
        SELECT key, queued_at FROM message WHERE key >= ?1 AND key <= ?2 ORDER BY key LIMIT 1
        """
      let end = MessageKey.make(phone: key, number: last)
      var (low, high) = (MessageKey.make(phone: key, number: 1), end + 1)
      while low < high {
        let middle = low + (high - low) / 2
        let found = try session.first(sql, [.integer(middle), .integer(end)]) {
          ($0.integer(0), $0.integer(1))
        }
        if let found, found.1 < start { low = found.0 + 1 } else { high = middle }
      }
      return Int(end + 1 - low)
    }
  }

  /// SQL: a message is in a group at an instant, of a phone with so many attempts; its parameters come after those that
  /// are in `values`.
  static func condition(
    _ group: MessageGroup, now: Instant, attempts: Int, _ values: inout [Value]
  ) -> String {
    func place(_ value: Int64) -> String {
      values.append(.integer(value))
      return "?\(values.count)"
    }
    switch group {
    case .failed:
      let isLapsed = Lapsed.condition(at: place(now))
      return """
        status = 'failed' OR (status = 'sending' AND \(isLapsed)
          AND send_attempt_count >= coalesce(max_send_attempts, \(place(Int64(attempts)))))
        """
    case .claimed: return "status = 'sending' AND NOT \(Lapsed.condition(at: place(now)))"
    case .sent: return "status = 'sent' OR status = 'delivered'"
    case .canceled: return "status = 'canceled'"
    }
  }
}
