/// Something about a plan that an administrator should know before it happens.
package enum Warning: Equatable, Sendable {
  /// Nothing goes out: the clock of the hours is not known.
  case noClock(TimeZoneError)
  /// So many messages go out more than a day after they are ready; the longest of the waits.
  case waits(count: Int, longest: Duration)
  /// So many messages expire before they could go out.
  case expires(count: Int)
  /// So many messages do not go out within five years.
  case never(count: Int)
  /// Nothing opens in the weeks ahead; the next opening, nil if there is none within five years.
  case staysClosed(until: Instant?)
  /// A clock change takes a whole window of a date away.
  case windowSkipped(CivilDate, DayWindow, ClockChange)
  /// More messages arrive in a week than can go out in one.
  case grows(arrivals: Int, capacity: Int)

  /// One calm line; `moment` writes an instant as the surroundings do.
  package func words(moment: (Instant) -> String) -> String {
    switch self {
    case .noClock(let problem): TimeZoneError.consequence(of: "\(problem)")
    case .waits(let count, let longest):
      "\(count.counted("message")) would wait longer than a day"
        + (longest < 25 * .hour ? "" : ", up to \(DurationNotation.text(longest))")
    case .expires(let count): "\(count.counted("message")) would expire"
    case .never(let count): "\(count.counted("message")) would never be sent"
    case .staysClosed(let until):
      "closed for weeks: \(until.map { "opens \(moment($0))" } ?? "never opens")"
    case .windowSkipped(let date, let window, let change):
      "\(ExceptionDate.words(from: .day(date), through: .day(date))): the clock skips "
        + "\(WindowNotation.times([window])) (\(moment(change.at)))"
    case .grows(let arrivals, let capacity):
      "the queue grows: \(arrivals.counted("message")) a week arrive, \(capacity.grouped) can go out"
    }
  }
}

extension Plan {
  /// What to warn of, the worst first; `arrivals` are the messages that were queued in the last seven days, nil
  /// if that is not known; `forecast` is this plan's, if it is there already. Looks at the five weeks ahead for what
  /// concerns the hours.
  package func warnings(arrivals: Int? = nil, forecast known: Forecast? = nil) -> [Warning] {
    // What else might be said of such a queue follows from it.
    if let problem = rules.hours.problem { return [.noClock(problem)] }
    let ahead = rules.now + 5 * .week
    let forecast = known ?? forecast
    var warnings: [Warning] = []
    let hours = rules.hours
    if hours.nextOpen(rules.now, limit: ahead).map({ $0 > ahead }) ?? true {
      warnings.append(.staysClosed(until: hours.nextOpen(rules.now, limit: rules.horizon)))
    }
    if forecast.never > 0 { warnings.append(.never(count: forecast.never)) }
    if forecast.expires > 0 { warnings.append(.expires(count: forecast.expires)) }
    let waits = forecast.longWaits(over: .day)
    if waits.count > 0 { warnings.append(.waits(count: waits.count, longest: waits.longest)) }
    if let arrivals {
      let capacity = rules.capacity(from: rules.now, to: rules.now + .week)
      if arrivals > capacity { warnings.append(.grows(arrivals: arrivals, capacity: capacity)) }
    }
    return warnings + hours.windowsSkipped(in: rules.now..<ahead)
  }
}

extension OpenHours {
  /// The windows that never come, since the clock skips all their minutes.
  func windowsSkipped(in range: Range<Instant>) -> [Warning] {
    timeline.changes(in: range).filter(\.isSkip).flatMap { change -> [Warning] in
      let skipped = change.localRange
      let days =
        floorDivide(skipped.lowerBound, by: .day)
        .quotient...floorDivide(skipped.upperBound - 1, by: .day).quotient
      return days.flatMap { day in
        runs(onDay: day).filter {
          skipped.lowerBound <= day * .day + $0.lowerBound && day * .day + $0.upperBound <= skipped.upperBound
        }.map { run in
          let window = DayWindow(
            startMinute: Int(run.lowerBound / .minute), endMinute: Int(run.upperBound / .minute))
          return .windowSkipped(CivilDate(days: day), window, change)
        }
      }
    }
  }

  private func runs(onDay day: Int64) -> [Range<Duration>] {
    var runs: [Range<Duration>] = []
    var time: Duration = 0
    while let run = firstRun(onDay: day, endingAfter: time) {
      runs.append(run)
      time = run.upperBound
    }
    return runs
  }
}

extension ForecastRules {
  /// How many messages can go out in a range of time, were they all ready; at most 1,000 million.
  package func capacity(from start: Instant, to end: Instant) -> Int {
    let most = 1_000_000_000
    let queue = QueueSummary(ready: most)
    var rules = self
    // It is asked for at each key: what follows the range is not looked at.
    rules.reach = end - now
    return ForecastTotals(queue, rules: rules).counts(between: [start, end]).first ?? 0
  }
}
