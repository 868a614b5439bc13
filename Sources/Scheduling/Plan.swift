/// A phone's queue and everything that decides when it goes out, to try changes on.
package struct Plan: Sendable {
  package var queue: SendQueue
  /// Its hours are those of ``schedule``.
  package private(set) var rules: ForecastRules
  /// Nil for a phone without one.
  package private(set) var schedule: ScheduleContent?

  package init(queue: SendQueue, rules: ForecastRules, schedule: ScheduleContent?) {
    self.queue = queue
    self.rules = rules
    self.schedule = schedule
  }

  package var forecast: Forecast { Forecast(queue: queue, rules: rules) }

  /// The hours that the phone keeps; nil if it sends at any time.
  var activeSchedule: ScheduleContent? { schedule.flatMap { $0.isActive ? $0 : nil } }

  func changing(_ change: Proposal.Change) -> Plan {
    var plan = self
    switch change {
    case .hours(let content):
      plan.schedule = content
      // No other hours help where their clock is not known.
      if rules.hours.problem == nil { plan.rules.hours = OpenHours(content, timeline: rules.hours.timeline) }
    case .rate(let messagesPerMinute): plan.rules.rate = Rate(messagesPerMinute: messagesPerMinute)
    case .messagesPerDay(let most): plan.rules.messagesPerDay = most
    case .release: plan.rules.heldUntil = nil
    case .exact: break
    case .several(let changes): plan = changes.reduce(self) { $0.changing($1) }
    }
    return plan
  }
}

/// A change that would make something go out sooner, to be looked at as a draft.
package struct Proposal: Equatable, Sendable {
  package indirect enum Change: Equatable, Sendable {
    /// The schedule with longer hours.
    case hours(ScheduleContent)
    /// Messages a minute; 0 for no limit.
    case rate(Int)
    /// Messages a day; 0 for no limit.
    case messagesPerDay(Int)
    /// The end of the hold.
    case release
    /// The message marked exact.
    case exact
    /// Changes of the draft that do together what none does alone.
    case several([Change])
  }

  package var change: Change
  /// What would be changed: `with Wed 17:00-19:00 also open`, `at 12 a minute`, `marked exact`.
  package var words: String
  /// When the message then goes out, or the queue is empty.
  package var at: Instant
}

extension ScheduleContent {
  /// The schedule with some minutes of a date open as well: those of its exception if it has one, else of its
  /// weekday in every week.
  func opening(_ minutes: Range<Int>, on date: CivilDate, hours: OpenHours) -> ScheduleContent {
    var content = self
    let place = hours.exception(onDay: date.days).flatMap { exception in
      exceptions.firstIndex { $0.date == exception.date }
    }
    if let place {
      var day = WeekMinutes()
      for window in exceptions[place].windows { day.insert(window.startMinute..<window.endMinute) }
      day.insert(minutes)
      content.exceptions[place].windows = day.runs(in: 0..<1440).map {
        DayWindow(startMinute: $0.lowerBound, endMinute: $0.upperBound)
      }
    } else {
      content.open(minutes, onWeekday: date.weekday)
    }
    return content
  }

  /// Opens minutes of a weekday; windows that these do not touch stay as they were cut.
  mutating func open(_ minutes: Range<Int>, onWeekday day: Int) {
    let added = Window(day: day, startMinute: minutes.lowerBound, endMinute: minutes.upperBound)
    let touched = windows.filter {
      $0.day == day && $0.startMinute <= added.endMinute && added.startMinute <= $0.endMinute
    }
    let start = touched.map(\.startMinute).min().map { min($0, added.startMinute) } ?? added.startMinute
    let end = touched.map(\.endMinute).max().map { max($0, added.endMinute) } ?? added.endMinute
    windows.removeAll { touched.contains($0) }
    windows.append(Window(day: day, startMinute: start, endMinute: end))
    windows.sort()
  }
}
