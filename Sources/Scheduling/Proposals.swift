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
