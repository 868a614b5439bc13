import Scheduling

/// Everything besides its queue that decides when a phone sends, and what a list shows of it.
package struct PhoneState: Equatable, Sendable {
  /// The store's integer for the phone.
  package var key: Int64
  package var phone: Phone
  package var schedule: Schedule?
  /// The phone's latest claim or send, at the moment of asking or before.
  package var previous: Instant?
  /// When a message was last reported as sent.
  package var lastSentAt: Instant?
  /// How many messages wait.
  package var waiting: Int
  package var failed: Int
  /// How many are handed out and neither reported on nor lapsed.
  package var claimed: Int
  /// How many were sent on the local dates that may still come (days since 1970-01-01), as the day's limit
  /// counts them; empty for a phone without such a limit.
  package var sentOn: [Int64: Int]
  /// Who held the phone, and when; nil for a phone that is not held, or that holds itself.
  package var heldBy: String?
  package var heldAt: Instant?

  package var rate: Rate { Rate(messagesPerMinute: phone.messagesPerMinute) }

  /// The rule at `now`, with hours that are known.
  fileprivate func rules(_ hours: OpenHours, now: Instant) -> ForecastRules {
    ForecastRules(
      now: now, previous: previous, rate: rate, hours: hours, heldUntil: phone.hold?.until,
      messagesPerDay: phone.messagesPerDay, sentOn: sentOn)
  }
}

extension Store {
  /// A phone as it stands at `now`, by number or id.
  package func state(of phone: String, now: Instant) throws -> PhoneState {
    try read { session in try state(session, key: Self.phone(session, named: phone).key, now: now) }
  }

  /// All phones as they stand at `now`, by number, without a look at their messages one by one.
  package func phoneStates(now: Instant) throws -> [PhoneState] {
    try read { session in
      var states = try session.all(
        "\(StateColumns.select) ORDER BY p.number", [.integer(now)], StateColumns.state)
      let schedules = try session.all("SELECT \(Schedule.columns) FROM schedule") {
        try Schedule(row: $0, path: path)
      }
      let byID = Dictionary(schedules.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
      for index in states.indices {
        states[index].schedule = states[index].phone.scheduleID.flatMap { byID[$0] }
        states[index].sentOn = try sentOn(session, states[index], now: now)
      }
      return states
    }
  }

  /// How many messages of a phone were sent on the local date of `now`.
  package func sentToday(by state: PhoneState, now: Instant) throws -> Int {
    let timeline = try hours(of: state.phone, with: state.schedule, now: now).timeline
    return try read { session in
      try PastSends.count(
        session, phoneKey: state.key, on: timeline.day(at: now), timeline: timeline, now: now, limit: .max)
    }
  }

  /// A phone as it would stand at `now` if `change` were made to its settings: what it sent is counted on the dates of
  /// the clock that it would have, if it would have a day's limit.
  package func state(_ state: PhoneState, now: Instant, with change: (inout PhoneState) throws -> Void) throws
    -> PhoneState
  {
    var changed = state
    try change(&changed)
    let countsOtherwise =
      (changed.phone.messagesPerDay > 0) != (state.phone.messagesPerDay > 0)
      || changed.schedule?.content.timeZone != state.schedule?.content.timeZone
    if countsOtherwise { changed.sentOn = try read { try sentOn($0, changed, now: now) } }
    return changed
  }

  /// What a phone sent lately, for the dates of whatever clock.
  ///
  /// Where claims alone were added since `known` was read, the stretches before are taken from there: a busy phone
  /// sends a million messages in three days.
  package func recentSends(of state: PhoneState, now: Instant, after known: (RecentSends, at: Instant)? = nil)
    throws -> RecentSends
  {
    try read { session in try PastSends.recent(session, phoneKey: state.key, now: now, after: known) }
  }

  /// The rule for a phone at `now`; throws ``StoreError/timeZone(schedule:_:)`` if the clock of its hours is not known.
  package func rules(for state: PhoneState, now: Instant) throws -> ForecastRules {
    state.rules(try hours(of: state.phone, with: state.schedule, now: now), now: now)
  }

  /// The same; where the clock is not known, a rule by which nothing goes out.
  package func rulesOnAnyClock(for state: PhoneState, now: Instant) -> ForecastRules {
    let content = state.schedule?.content
    return state.rules(
      zones.hours(of: content, messagesPerDay: state.phone.messagesPerDay, now: now), now: now)
  }

  /// When a schedule lets a phone send; throws ``StoreError/timeZone(schedule:_:)`` if its
  /// clock is not known: nothing goes out on no clock.
  package func hours(of phone: Phone, with schedule: Schedule?, now: Instant) throws -> OpenHours {
    let hours = zones.hours(of: schedule?.content, messagesPerDay: phone.messagesPerDay, now: now)
    if let schedule, let problem = hours.problem {
      throw StoreError.timeZone(schedule: schedule.content.name, problem)
    }
    return hours
  }

  /// The clock whose dates the day's limit counts: the schedule's, or UTC without one.
  package func timeline(of schedule: Schedule?, now: Instant) throws -> ZoneTimeline {
    guard let schedule else { return .utc }
    do {
      return try zones.clock(of: schedule.content.timeZone, now: now)
    } catch {
      throw StoreError.timeZone(schedule: schedule.content.name, error)
    }
  }

  func state(_ session: any Session, key: Int64, now: Instant) throws -> PhoneState {
    let sql = "\(StateColumns.select) WHERE p.key = ?2"
    guard var state = try session.first(sql, [.integer(now), .integer(key)], StateColumns.state) else {
      throw StoreError.unknownPhone("with key \(key)")
    }
    state.schedule = try state.phone.scheduleID.flatMap { try Self.schedule(session, id: $0, path: path) }
    state.sentOn = try sentOn(session, state, now: now)
    return state
  }

  /// The counts that the day's limit needs; none where there is no limit, or no clock: then nothing goes out, and
  /// ``rules(for:now:)`` says why.
  private func sentOn(_ session: any Session, _ state: PhoneState, now: Instant) throws -> [Int64: Int] {
    guard state.phone.messagesPerDay > 0 else { return [:] }
    let timeline: ZoneTimeline
    do {
      timeline = try self.timeline(of: state.schedule, now: now)
    } catch StoreError.timeZone {
      return [:]
    }
    // All of them: another limit may be tried.
    return try PastSends.counts(session, phoneKey: state.key, timeline: timeline, now: now, limit: .max)
  }
}

/// A phone's row with what its messages say, each from one or two places of an index.
private enum StateColumns {
  /// `?1` is now.
  static let select = """
    SELECT \(Phone.columns), p.key, p.waiting, p.failed,
      CASE WHEN p.hold_ends_with_success = 1 THEN NULL ELSE p.held_by END,
      CASE WHEN p.hold_ends_with_success = 1 THEN NULL ELSE p.held_at END,
      (SELECT max(send_time) FROM message AS m WHERE m.phone_key = p.key AND m.send_time IS NOT NULL
        AND m.send_time <= ?1),
      (SELECT max(send_time) FROM past_send AS s WHERE s.phone_key = p.key AND s.send_time <= ?1),
      (SELECT m.sent_at FROM message AS m WHERE m.phone_key = p.key AND m.send_time IS NOT NULL
        AND m.send_time <= ?1 AND m.sent_at IS NOT NULL ORDER BY m.send_time DESC LIMIT 1),
      (SELECT count(*) FROM message AS m WHERE m.phone_key = p.key AND m.status = 'sending'
        AND NOT \(Lapsed.condition(at: "?1"))),
      (SELECT count(*) FROM message AS m WHERE m.phone_key = p.key AND m.status = 'sending'
        AND \(Lapsed.condition(at: "?1")) AND m.send_attempt_count < coalesce(m.max_send_attempts, p.max_send_attempts)),
      (SELECT count(*) FROM message AS m WHERE m.phone_key = p.key AND m.status = 'sending'
        AND \(Lapsed.condition(at: "?1")) AND m.send_attempt_count >= coalesce(m.max_send_attempts, p.max_send_attempts)),
      \(LastSends.ofPhone(until: "?1"))
    FROM phone AS p
    """

  static func state(_ row: any ResultRow) -> PhoneState {
    let first = Phone.columnCount
    let sends = [row.optionalInteger(first + 5), row.optionalInteger(first + 6)].compactMap { $0 }
    let lastSent = [row.optionalInteger(first + 7), row.optionalInteger(first + 11)].compactMap { $0 }
    return PhoneState(
      key: row.integer(first), phone: Phone(row: row), schedule: nil, previous: sends.max(),
      lastSentAt: lastSent.max(), waiting: row.int(first + 1) + row.int(first + 9),
      failed: row.int(first + 2) + row.int(first + 10), claimed: row.int(first + 8), sentOn: [:],
      heldBy: row.optionalText(first + 3), heldAt: row.optionalInteger(first + 4))
  }
}
