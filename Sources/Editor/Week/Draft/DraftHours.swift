import Scheduling

/// What painting changes.
package enum PaintScope: Sendable {
  /// The days of the week, and so every week.
  case everyWeek
  /// The dates on the screen alone, which makes exceptions.
  case datesAlone
}

/// The hours of dates: those of the week, or an exception's. A day's minutes are handled as those of a Sunday.
extension Draft {
  /// The exception that counts on a date, if there is one: a dated one beats a yearly one.
  package func exception(on date: CivilDate) -> ScheduleException? {
    exceptions[.day(date)] ?? exceptions[.yearly(month: date.month, day: date.day)]
  }

  /// The allowed minutes of a date.
  func minutes(on date: CivilDate) -> WeekMinutes {
    guard let exception = exception(on: date) else { return minutes(ofWeekday: date.weekday) }
    return WeekMinutes(day: exception.windows)
  }

  private func minutes(ofWeekday day: Int) -> WeekMinutes {
    var minutes = WeekMinutes()
    minutes.replace(day: 0, with: week, day: day)
    return minutes
  }

  /// The allowed minutes of the dates of one week, each on its weekday.
  func minutes(of dates: WeekDates) -> WeekMinutes {
    if exceptions.isEmpty { return week }
    var shown = week
    for row in 0..<7 {
      let date = dates.civilDate(ofRow: row)
      if exception(on: date) != nil { shown.replace(day: date.weekday, with: minutes(on: date), day: 0) }
    }
    return shown
  }

  /// Changes the minutes of a date: for every week, or for this date alone.
  ///
  /// A date that stays as it is gets no exception.
  mutating func change(_ scope: PaintScope, _ date: CivilDate, _ change: (inout WeekMinutes) -> Void) {
    switch scope {
    case .everyWeek:
      var minutes = minutes(ofWeekday: date.weekday)
      change(&minutes)
      week.replace(day: date.weekday, with: minutes, day: 0)
    case .datesAlone:
      let old = minutes(on: date)
      var new = old
      change(&new)
      if new != old { setHours(of: date, windows: new.dayWindows, note: exception(on: date)?.note ?? "") }
    }
  }

  /// Gives a date hours of its own.
  mutating func setHours(of date: CivilDate, windows: [DayWindow], note: String) {
    exceptions[.day(date)] = ScheduleException(date: .day(date), windows: windows, note: note)
  }

  /// The dates of a week that have hours of their own.
  func exceptionalRows(_ rows: some Sequence<Int>, of dates: WeekDates) -> [Int] {
    exceptions.isEmpty ? [] : rows.filter { exception(on: dates.civilDate(ofRow: $0)) != nil }
  }

  /// The dated exceptions from a date on, and the yearly ones, in the order in which they come next.
  func comingExceptions(from today: CivilDate) -> [(next: CivilDate, exception: ScheduleException)] {
    exceptions.values.compactMap { exception in exception.date.next(from: today).map { ($0, exception) } }
      .sorted { ($0.0, $0.1.date) < ($1.0, $1.1.date) }
  }
}

extension ExceptionDate {
  /// The first such date that is not before another one; nil if it is over, or more than eight years ahead.
  func next(from today: CivilDate) -> CivilDate? {
    switch self {
    case .day(let date): date < today ? nil : date
    case .yearly(let month, let day):
      // 29 February may be eight years away.
      (today.year...today.year + 8).lazy.compactMap { CivilDate(year: $0, month: month, day: day) }
        .first { $0 >= today }
    }
  }
}

extension WeekMinutes {
  /// The minutes of a day, as those of a Sunday.
  init(day windows: [DayWindow]) {
    self.init()
    for window in windows { insert(window.startMinute..<window.endMinute) }
  }

  /// The minutes of Sunday as a day's windows.
  var dayWindows: [DayWindow] {
    runs(in: 0..<1440).map { DayWindow(startMinute: $0.lowerBound, endMinute: $0.upperBound) }
  }
}
