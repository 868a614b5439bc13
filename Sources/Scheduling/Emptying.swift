/// What keeps a queue from being empty by an instant, and what would empty it.
package struct Emptying: Equatable, Sendable {
  /// Messages that are not ready by then: neither hours nor a rate send them sooner.
  package var unready: Int
  /// When the last of those is ready.
  package var lastReady: Instant?
  /// Messages that are ready by then and would go out later, or never, and the last one of them.
  package var late: Int
  package var last: QueueIndex?
  /// The end of the hold, if that is not over by then.
  package var heldUntil: Instant?
  /// What would send all that is ready by then, each tried with a forecast; with the time of the last send of these.
  package var proposals: [Proposal]
}

extension Plan {
  /// What stands between the queue and being empty by an instant.
  ///
  /// Messages that expire before their turn are none of it. Proposed are the end of the hold, the smallest longer hours,
  /// the lowest rate and the lowest day's limit that do alone; if none does, the smallest of them together.
  package func emptying(by instant: Instant) -> Emptying {
    let ready = readyMessages(by: instant, stopsAtFirst: false)
    var emptying = Emptying(
      unready: ready.unready, lastReady: ready.lastReady, late: ready.late, last: ready.last,
      heldUntil: rules.heldUntil.flatMap { $0 > max(instant, rules.now) ? $0 : nil }, proposals: [])
    if ready.late > 0 { emptying.proposals = proposals(emptyBy: instant) }
    return emptying
  }

  /// Whether everything that is ready by an instant goes out by then, or expires.
  package func isEmpty(by instant: Instant) -> Bool {
    readyMessages(by: instant, stopsAtFirst: true).late == 0
  }

  private func readyMessages(by instant: Instant, stopsAtFirst: Bool) -> ReadyVisitor {
    let pass = ForecastPass(rules)
    var visitor = ReadyVisitor(queue: queue, instant: instant)
    var state = pass.start
    while state.passed < queue.count, !stopsAtFirst || visitor.late == 0 {
      pass.run(queue, from: &state, until: state.passed + Forecast.interval, &visitor)
    }
    return visitor
  }

  private func proposals(emptyBy instant: Instant) -> [Proposal] {
    var alone: [(change: Proposal.Change, words: String)] = []
    if rules.heldUntil ?? .min > rules.now { alone.append((.release, "released now")) }
    if let hours = longerHours(emptyBy: instant) { alone.append(hours) }
    if let rate = higherRate(emptyBy: instant) { alone.append(rate) }
    if let most = higherLimit(emptyBy: instant) { alone.append(most) }
    let proposals = alone.compactMap { proposal($0.change, $0.words, emptyBy: instant) }
    if !proposals.isEmpty || rules.heldUntil ?? .min > instant { return proposals }
    return [together(emptyBy: instant)].compactMap { $0 }
  }

  /// A change as a proposal if a forecast says that it does; else nil.
  private func proposal(_ change: Proposal.Change, _ words: String, emptyBy instant: Instant) -> Proposal? {
    let ready = changing(change).readyMessages(by: instant, stopsAtFirst: false)
    guard ready.late == 0 else { return nil }
    return Proposal(change: change, words: words, at: ready.lastSendAt ?? rules.now)
  }

  // MARK: One change

  // A gap is a whole number of milliseconds, so that 60,000 a minute is the highest that differs.
  private static let highestRate = 60_000

  private func higherRate(emptyBy instant: Instant) -> (change: Proposal.Change, words: String)? {
    let rate = rules.rate.messagesPerMinute
    guard rate > 0 else { return nil }
    let rates = min(rate + 1, Self.highestRate)..<Self.highestRate + 1
    guard let found = Self.firstTrue(rates, { changing(.rate($0)).isEmpty(by: instant) }) else { return nil }
    return (.rate(found), "at \(found.grouped) a minute")
  }

  private func higherLimit(emptyBy instant: Instant) -> (change: Proposal.Change, words: String)? {
    let most = rules.messagesPerDay
    guard most > 0 else { return nil }
    let sent = rules.sentOn.values.max() ?? 0
    let limits = most + 1..<most + sent + queue.count + 2
    let isEnough = { changing(.messagesPerDay($0)).isEmpty(by: instant) }
    guard let found = Self.firstTrue(limits, isEnough) else { return nil }
    return (.messagesPerDay(found), "at \(found.grouped) a day")
  }

  /// The weekdays up to an instant, open longer by the same number of half hours: later in the evening, else earlier in
  /// the morning, else both; no longer than matters by then.
  private func longerHours(emptyBy instant: Instant) -> (change: Proposal.Change, words: String)? {
    guard let schedule = activeSchedule, instant > rules.now else { return nil }
    var days = usefulMinutes(by: instant)
    for ends in LongerHours.Ends.allCases {
      let longer = { (halfHours: Int, days: [Int: Range<Int>]) in
        LongerHours(ends: ends, halfHours: halfHours, days: days).content(of: schedule)
      }
      let isEnough = { changing(.hours($0)).isEmpty(by: instant) }
      guard let found = Self.firstTrue(1..<49, { isEnough(longer($0, days)) }) else { continue }
      for day in days.keys.sorted() {
        var fewer = days
        fewer[day] = nil
        if isEnough(longer(found, fewer)) { days = fewer }
      }
      let content = longer(found, days)
      let added = WeekMinutes(content.windows).subtracting(WeekMinutes(schedule.windows)).windows
      return (.hours(content), "with \(WindowNotation.words(added)) also open")
    }
    return nil
  }

  /// For each weekday up to an instant, the minutes between now and then.
  private func usefulMinutes(by instant: Instant) -> [Int: Range<Int>] {
    let timeline = rules.hours.timeline
    // Where the clock goes back over midnight, a later instant may be of an earlier date.
    let today = timeline.day(at: rules.now)
    let days = today...max(today, timeline.day(at: instant))
    let minute = { (instant: Instant) in
      Int(floorDivide(instant + timeline.offset(at: instant), by: .day).remainder / .minute)
    }
    var useful: [Int: Range<Int>] = [:]
    for day in days.prefix(8) {
      let start = day == days.lowerBound ? minute(rules.now) / 30 * 30 : 0
      let end = day == days.upperBound ? (minute(instant) + 29) / 30 * 30 : 1440
      let weekday = CivilDate(days: day).weekday
      let known = useful[weekday] ?? start..<max(start, end)
      useful[weekday] = min(known.lowerBound, start)..<max(known.upperBound, end)
    }
    return useful
  }

  // MARK: Several changes

  /// The lowest of rates that double with which longer hours are enough, if need be with a higher day's limit.
  private func together(emptyBy instant: Instant) -> Proposal? {
    let unlimited = changing(.messagesPerDay(0))
    var rates = [rules.rate.messagesPerMinute]
    while let last = rates.last, last > 0, last < Self.highestRate {
      rates.append(min(last * 2, Self.highestRate))
    }
    for rate in rates {
      let faster = unlimited.changing(.rate(rate))
      var parts: [(change: Proposal.Change, words: String)] = []
      if !faster.isEmpty(by: instant) {
        guard let hours = faster.longerHours(emptyBy: instant) else { continue }
        parts.append(hours)
      }
      if rate != rules.rate.messagesPerMinute { parts.append((.rate(rate), "at \(rate.grouped) a minute")) }
      let most = parts.reduce(self) { $0.changing($1.change) }
      if let limit = most.higherLimit(emptyBy: instant), !most.isEmpty(by: instant) { parts.append(limit) }
      return proposal(
        .several(parts.map(\.change)), parts.map(\.words).joined(separator: ", "), emptyBy: instant)
    }
    return nil
  }
}

/// Weekdays that have hours, drawn out at their ends within some minutes of each.
private struct LongerHours {
  enum Ends: CaseIterable { case evening, morning, both }

  var ends: Ends
  var halfHours: Int
  /// By weekday, 0 is Sunday.
  var days: [Int: Range<Int>]

  func content(of schedule: ScheduleContent) -> ScheduleContent {
    var content = schedule
    let (evening, morning) =
      switch ends {
      case .evening: (halfHours, 0)
      case .morning: (0, halfHours)
      case .both: (halfHours, halfHours)
      }
    for (day, useful) in days {
      let windows = schedule.windows.filter { $0.day == day }
      guard let first = windows.map(\.startMinute).min(), let last = windows.map(\.endMinute).max() else {
        continue
      }
      let end = min(last + 30 * evening, useful.upperBound)
      if end > last { content.open(last..<end, onWeekday: day) }
      let start = max(first - 30 * morning, useful.lowerBound)
      if start < first { content.open(start..<first, onWeekday: day) }
    }
    return content
  }
}
