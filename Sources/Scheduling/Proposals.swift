extension Plan {
  /// What would make a message go out sooner, each tried with a forecast: longer hours, a higher rate, a higher
  /// day's limit, the end of the hold, the mark exact. Empty if it goes out as soon as it is ready, or is unknown.
  package func proposals(sooner message: QueueIndex) -> [Proposal] {
    let forecast = forecast
    guard let entry = forecast.entry(of: message) else { return [] }
    let now = max(rules.now, entry.readyAt)
    let goes = entry.sendAt ?? .max
    var proposals: [Proposal] = []
    func tries(_ change: Proposal.Change, _ words: String) {
      let sendAt = changing(change).forecast.entry(of: message)?.sendAt ?? .max
      if sendAt < goes { proposals.append(Proposal(change: change, words: words, at: sendAt)) }
    }
    if rules.heldUntil ?? .min > now { tries(.release, "released now") }
    guard !message.isExact else { return proposals }
    if let hours = longerHours(sooner: message, goes: goes, in: forecast) { proposals.append(hours) }
    let rate = rules.rate.messagesPerMinute
    if rate > 0 { tries(.rate(rate * 2), "at \(rate * 2) a minute") }
    if rules.messagesPerDay > 0 {
      tries(.messagesPerDay(rules.messagesPerDay * 2), "at \(rules.messagesPerDay * 2) a day")
    }
    let exactAt = max(now, rules.heldUntil ?? now)
    if exactAt < goes, exactAt <= rules.horizon, exactAt <= forecast.expiry(of: message) ?? .max {
      proposals.append(Proposal(change: .exact, words: "marked exact", at: exactAt))
    }
    return proposals
  }

  /// The last closing before a message goes out, put off by as few half hours as make it go before the hours
  /// open again, or, where the date is too short for that, sooner than it does.
  private func longerHours(sooner message: QueueIndex, goes: Instant, in forecast: Forecast) -> Proposal? {
    guard let schedule = activeSchedule, let entry = forecast.entry(of: message),
      let closing = lastClosing(from: max(rules.now, entry.readyAt, rules.heldUntil ?? .min), before: goes)
    else { return nil }
    let local = closing + rules.hours.timeline.offset(at: closing)
    let date = CivilDate(local: local)
    let minute = Int(floorDivide(local, by: .day).remainder / .minute)
    let start = lastEnd(on: date, before: minute) ?? minute / 30 * 30
    let ends = Array(stride(from: minute / 30 * 30 + 30, through: 1440, by: 30)).filter { $0 > start }
    let sendAt = { (end: Int) -> Instant in
      let content = schedule.opening(start..<end, on: date, hours: rules.hours)
      return changing(.hours(content)).forecast.entry(of: message)?.sendAt ?? .max
    }
    let opening = rules.hours.nextOpen(closing, limit: rules.horizon) ?? goes
    let place =
      Self.firstTrue(ends.indices) { sendAt(ends[$0]) < min(opening, goes) }
      ?? Self.firstTrue(ends.indices) { sendAt(ends[$0]) < goes }
    guard let place else { return nil }
    let content = schedule.opening(start..<ends[place], on: date, hours: rules.hours)
    return Proposal(
      change: .hours(content), words: words(start..<ends[place], on: date, among: content),
      at: sendAt(ends[place]))
  }

  /// When the hours close for the last time before an instant, or `from` if they are closed from then on.
  private func lastClosing(from: Instant, before end: Instant) -> Instant? {
    var last: Instant?
    var x = from
    while let closed = rules.hours.nextClosed(x, limit: min(end - 1, rules.horizon)) {
      last = closed
      guard let open = rules.hours.nextOpen(closed, limit: min(end - 1, rules.horizon)), open < end else {
        break
      }
      x = open
    }
    return last
  }

  /// The end of the last open stretch of a date that is over at a minute; nil if there is none.
  private func lastEnd(on date: CivilDate, before minute: Int) -> Int? {
    var last: Int?
    var time: Duration = 0
    while let run = rules.hours.firstRun(onDay: date.days, endingAfter: time),
      run.upperBound <= Int64(minute) * .minute
    {
      last = Int(run.upperBound / .minute)
      time = run.upperBound
    }
    return last
  }

  private func words(_ minutes: Range<Int>, on date: CivilDate, among content: ScheduleContent) -> String {
    let times = WindowNotation.times([
      DayWindow(startMinute: minutes.lowerBound, endMinute: minutes.upperBound)
    ])
    let isException = content.exceptions != schedule?.exceptions
    let day = WindowNotation.dayNames[date.weekday]
    let name = isException ? ExceptionDate.words(from: .day(date), through: .day(date)) : day.capitalizedFirst
    return "with \(name) \(times) also open"
  }

  /// The first of some places from which on a condition holds; nil if it does not hold at the last.
  static func firstTrue(_ places: Range<Int>, _ holds: (Int) -> Bool) -> Int? {
    guard let last = places.last, holds(last) else { return nil }
    var low = places.lowerBound
    var high = last
    while low < high {
      let middle = (low + high) / 2
      if holds(middle) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

extension String {
  var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}

// MARK: Empty by a moment

extension Plan {
  /// What empties the queue by an instant of everything that is ready by then: nothing, or each of the
  /// smallest longer hours and the lowest rate that do so, tried with forecasts.
  package func proposals(emptyBy instant: Instant) -> [Proposal] {
    if isEmpty(by: instant) { return [] }
    return [longerHours(emptyBy: instant), higherRate(emptyBy: instant)].compactMap { $0 }
  }

  /// Whether everything that is ready by an instant goes out by then, or expires.
  package func isEmpty(by instant: Instant) -> Bool {
    let pass = ForecastPass(rules)
    var late = LateVisitor(queue: queue, instant: instant)
    var state = pass.start
    while state.passed < queue.count, !late.isFound {
      pass.run(queue, from: &state, until: state.passed + Forecast.interval, &late)
    }
    return !late.isFound
  }

  private func emptyAt() -> Instant { forecast.lastSendAt ?? rules.now }

  private func higherRate(emptyBy instant: Instant) -> Proposal? {
    let rate = rules.rate.messagesPerMinute
    guard rate > 0 else { return nil }
    // A gap is a whole number of milliseconds, so that 60,000 a minute is the highest that differs.
    let rates = min(rate + 1, 60_000)..<60_001
    guard let found = Self.firstTrue(rates, { changing(.rate($0)).isEmpty(by: instant) }) else { return nil }
    return Proposal(
      change: .rate(found), words: "at \(found) a minute", at: changing(.rate(found)).emptyAt())
  }

  /// All the weekdays up to an instant, open longer by the same number of half hours: later in the evening, and
  /// where that is not enough, earlier in the morning too.
  private func longerHours(emptyBy instant: Instant) -> Proposal? {
    guard let schedule = activeSchedule, instant > rules.now else { return nil }
    let timeline = rules.hours.timeline
    var days = Set(
      (timeline.day(at: rules.now)...timeline.day(at: instant)).prefix(7).map { CivilDate(days: $0).weekday })
    for isMorning in [false, true] {
      let longer = { (halfHours: Int, days: Set<Int>) in
        Self.longer(
          schedule, on: days, evening: isMorning ? 48 : halfHours, morning: isMorning ? halfHours : 0)
      }
      let isEnough = { changing(.hours($0)).isEmpty(by: instant) }
      guard let found = Self.firstTrue(1..<49, { isEnough(longer($0, days)) }) else { continue }
      for day in days.sorted() where isEnough(longer(found, days.subtracting([day]))) { days.remove(day) }
      let content = longer(found, days)
      let added = WeekMinutes(content.windows).subtracting(WeekMinutes(schedule.windows)).windows
      return Proposal(
        change: .hours(content), words: "with \(WindowNotation.text(added).capitalizedFirst) also open",
        at: changing(.hours(content)).emptyAt())
    }
    return nil
  }

  /// The hours of some weekdays that have any, drawn out by half hours at both ends.
  private static func longer(_ schedule: ScheduleContent, on days: Set<Int>, evening: Int, morning: Int)
    -> ScheduleContent
  {
    var content = schedule
    for day in days {
      let windows = schedule.windows.filter { $0.day == day }
      guard let first = windows.map(\.startMinute).min(), let last = windows.map(\.endMinute).max() else {
        continue
      }
      if last < 1440 { content.open(last..<min(1440, last + 30 * evening), onWeekday: day) }
      if first > 0, morning > 0 { content.open(max(0, first - 30 * morning)..<first, onWeekday: day) }
    }
    return content
  }
}
