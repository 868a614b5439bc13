import Scheduling

extension Store {
  /// How many messages of a phone, by its number or id, went out or are going out in each minute of a stretch of time, by
  /// the instants at which those minutes begin. Throws ``StoreError/unknownPhone(_:)``.
  package func sends(of phone: String, during range: Range<Instant>, now: Instant) throws -> [Instant: Int] {
    try read { session in
      let (key, _) = try Self.phone(session, named: phone)
      return try PastSends.minutes(session, phoneKey: key, during: range, now: now)
    }
  }
}

/// Counts a phone's sends, those of messages that were forgotten too. What lies after now cannot have been sent
/// and counts for nothing.
enum PastSends {
  /// The phone's latest claim or send; nil if it never sent.
  static func previous(_ session: any Session, phoneKey: Int64, now: Instant) throws -> Instant? {
    try [
      "SELECT max(send_time) FROM message WHERE phone_key = ?1 AND send_time IS NOT NULL AND send_time <= ?2",
      "SELECT max(send_time) FROM past_send WHERE phone_key = ?1 AND send_time <= ?2",
    ].compactMap { try session.integer($0, [.integer(phoneKey), .integer(now)]) }.max()
  }

  /// The sends on each local date that may still come: today's, and near a clock change its neighbours'.
  ///
  /// Counting ends at `limit`: no more has to be known.
  static func counts(
    _ session: any Session, phoneKey: Int64, timeline: ZoneTimeline, now: Instant, limit: Int
  ) throws -> [Int64: Int] {
    let today = timeline.day(at: now)
    let days = (today - 1...today + 1).compactMap { day -> (day: Int64, questions: [Query])? in
      let ranges = timeline.ranges(of: CivilDate(days: day))
      guard ranges.contains(where: { $0.upperBound > now }) else { return nil }
      return (day, questions(phoneKey: phoneKey, ranges, now: now, limit: limit))
    }
    try session.prefetch(days.flatMap(\.questions))
    var counts: [Int64: Int] = [:]
    for (day, questions) in days {
      let count = try count(session, questions)
      if count > 0 { counts[day] = count }
    }
    return counts
  }

  /// How many of a phone's messages went out, or are going out, in each minute of a stretch of time, by its beginning.
  static func minutes(_ session: any Session, phoneKey: Int64, during range: Range<Instant>, now: Instant)
    throws
    -> [Instant: Int]
  {
    let sql = """
      SELECT send_time FROM message WHERE phone_key = ?1 AND send_time IS NOT NULL AND send_time >= ?2
        AND send_time < ?3 AND (status = 'sent' OR status = 'delivered'
          OR status = 'sending' AND NOT \(Lapsed.condition(at: "?4")))
      """
    let values: [Value] = [
      .integer(phoneKey), .integer(range.lowerBound), .integer(range.upperBound), .integer(now),
    ]
    var counts: [Instant: Int] = [:]
    try session.each(sql, values) {
      counts[floorDivide($0.integer(0), by: .minute).quotient * .minute, default: 0] += 1
    }
    return counts
  }

  /// The sends in each stretch of the last days.
  static func recent(
    _ session: any Session, phoneKey: Int64, now: Instant, after known: (RecentSends, at: Instant)?
  ) throws -> RecentSends {
    let sql = """
      WITH RECURSIVE stretch (first) AS (
        SELECT CAST(?2 AS BIGINT) UNION ALL SELECT first + ?4 FROM stretch WHERE first + ?4 <= ?3)
      SELECT first, (SELECT count(*) FROM message WHERE phone_key = ?1 AND send_time IS NOT NULL
          AND send_time >= first AND send_time < first + ?4 AND send_time <= ?3)
        + coalesce((SELECT CAST(sum(count) AS BIGINT) FROM past_send
          WHERE phone_key = ?1 AND send_time >= first AND send_time < first + ?4 AND send_time <= ?3), 0)
      FROM stretch
      """
    let stretch = RecentSends.stretch
    let first = floorDivide(now - RecentSends.memory, by: stretch).quotient * stretch
    var (start, sends) = (first, RecentSends())
    if let (before, at) = known, at <= now {
      // A claim that was under way then may carry a time of a little earlier.
      start = max(first, floorDivide(at - stretch, by: stretch).quotient * stretch)
      sends = before.starting(in: first..<start)
    }
    let values: [Value] = [.integer(phoneKey), .integer(start), .integer(now), .integer(stretch)]
    try session.each(sql, values) { sends.add($0.int(1), from: $0.integer(0)) }
    return sends
  }

  static func count(
    _ session: any Session, phoneKey: Int64, on day: Int64, timeline: ZoneTimeline, now: Instant, limit: Int
  ) throws -> Int {
    let ranges = timeline.ranges(of: CivilDate(days: day))
    return try count(session, questions(phoneKey: phoneKey, ranges, now: now, limit: limit))
  }

  private static func count(_ session: any Session, _ questions: [Query]) throws -> Int {
    Int(try questions.reduce(0) { try $0 + (session.integer($1.sql, $1.values) ?? 0) })
  }

  /// What says how many were sent in each of some ranges up to `now`.
  private static func questions(phoneKey: Int64, _ ranges: [Range<Instant>], now: Instant, limit: Int)
    -> [Query]
  {
    let sql = """
      SELECT (SELECT count(*) FROM (SELECT 1 FROM message WHERE phone_key = ?1 AND send_time IS NOT NULL
          AND send_time >= ?2 AND send_time < ?3 LIMIT ?4) AS found)
        + coalesce((SELECT CAST(sum(count) AS BIGINT) FROM past_send
          WHERE phone_key = ?1 AND send_time >= ?2 AND send_time < ?3), 0)
      """
    return ranges.filter { $0.lowerBound <= now }.map { range in
      let end = min(range.upperBound, now + 1)
      return (sql, [.integer(phoneKey), .integer(range.lowerBound), .integer(end), .integer(limit)])
    }
  }
}
