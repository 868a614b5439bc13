extension ScheduleDifference {
  /// What differs between the exceptions of two states of a schedule, a sentence part for each stretch of
  /// dates: `24 Dec 2026 closed (Christmas Eve)`, `24-26 Dec 2026: 09:00-12:00, was closed`,
  /// `25 Dec 2026 given back to the week`.
  ///
  /// The year is left out of dates in `year`. After some parts the others are counted.
  package static func words(
    from old: [ScheduleException], to new: [ScheduleException], year: Int? = nil, most: Int = 6
  ) -> [String] {
    let runs = changedRuns(from: old, to: new)
    let shown = runs.count > most ? most - 1 : runs.count
    var words = runs.prefix(shown).map { $0.words(year: year) }
    if shown < runs.count {
      let dates = runs.dropFirst(shown).reduce(0) { $0 + $1.count }
      words.append("\(dates) more dates changed")
    }
    return words
  }

  /// `24-26 Dec 2025 is over`; nil if some of the dates are today or to come.
  package static func over(_ dates: [ExceptionDate], today: CivilDate) -> String? {
    guard !dates.isEmpty, dates.allSatisfy({ $0.isOver(on: today) }) else { return nil }
    let stretches = stretches(of: dates)
    let words =
      stretches.count > 3 ? "\(stretches[0]) and the other dates" : stretches.joined(separator: ", ")
    return "\(words) \(stretches.count == 1 ? "is" : "are") over"
  }

  /// Dates in words, consecutive ones together: `24-26 Dec 2026`, `every 25 Dec`.
  package static func stretches(of dates: [ExceptionDate]) -> [String] {
    var stretches: [(first: ExceptionDate, last: ExceptionDate)] = []
    for date in dates.sorted() {
      if let stretch = stretches.last, stretch.last.isFollowed(by: date) {
        stretches[stretches.count - 1].last = date
      } else {
        stretches.append((date, date))
      }
    }
    return stretches.map { ExceptionDate.words(from: $0.first, through: $0.last) }
  }

  /// Consecutive dates that were the same and are the same.
  private static func changedRuns(from old: [ScheduleException], to new: [ScheduleException]) -> [ChangedRun]
  {
    let before = Dictionary(old.map { ($0.date, $0) }) { _, last in last }
    let after = Dictionary(new.map { ($0.date, $0) }) { _, last in last }
    var runs: [ChangedRun] = []
    for date in Set(before.keys).union(after.keys).sorted() {
      let change = ChangedRun(
        first: date, last: date, before: before[date].map(DateContent.init),
        after: after[date].map(DateContent.init))
      if change.before == change.after { continue }
      if let run = runs.last, run.last.isFollowed(by: date), run.before == change.before,
        run.after == change.after
      {
        runs[runs.count - 1].last = date
        runs[runs.count - 1].count += 1
      } else {
        runs.append(change)
      }
    }
    return runs
  }
}

/// What an exception says, whatever its date.
private struct DateContent: Equatable {
  var windows: [DayWindow]
  var note: String

  init(_ exception: ScheduleException) {
    windows = exception.windows.sorted()
    note = exception.note
  }

  var hours: String { windows.isEmpty ? "closed" : WindowNotation.times(windows) }
}

private struct ChangedRun {
  var first: ExceptionDate
  var last: ExceptionDate
  var before: DateContent?
  var after: DateContent?
  var count = 1

  func words(year: Int?) -> String {
    let dates = ExceptionDate.words(from: first, through: last, year: year)
    guard let after else { return "\(dates) given back to the week" }
    let note = after.note.isEmpty ? "" : " (\(after.note))"
    guard let before else {
      return after.windows.isEmpty ? "\(dates) closed\(note)" : "\(dates): \(after.hours)\(note)"
    }
    if before.windows == after.windows {
      return after.note.isEmpty
        ? "\(dates): note “\(before.note)” removed" : "\(dates): note “\(after.note)”"
    }
    let oldNote = before.note.isEmpty || before.note == after.note ? "" : " (\(before.note))"
    return "\(dates): \(after.hours)\(note), was \(before.hours)\(oldNote)"
  }
}

extension ExceptionDate {
  /// Dates for people: `24 Dec 2026`, `24-26 Dec 2026`, `every 25 Dec`; without the year if it is `year`.
  package static func words(from first: ExceptionDate, through last: ExceptionDate, year: Int? = nil)
    -> String
  {
    switch (first, last) {
    case (.yearly(let month, let day), .yearly(let lastMonth, let lastDay)):
      "every \(words((month, day), through: (lastMonth, lastDay)))"
    case (.day(let first), .day(let last)) where first.year != last.year:
      "\(first.day) \(monthName(first.month)) \(first.year) - \(last.day) \(monthName(last.month)) \(last.year)"
    case (.day(let first), .day(let last)):
      words((first.month, first.day), through: (last.month, last.day))
        + (first.year == year ? "" : " \(first.year)")
    default: "\(first.text) - \(last.text)"
    }
  }

  private static func words(_ first: (month: Int, day: Int), through last: (month: Int, day: Int)) -> String {
    if first == last { return "\(first.day) \(monthName(first.month))" }
    if first.month == last.month { return "\(first.day)-\(last.day) \(monthName(first.month))" }
    return "\(first.day) \(monthName(first.month)) - \(last.day) \(monthName(last.month))"
  }

  private static func monthName(_ month: Int) -> String {
    let name = NotationParser.fullMonthNames[month - 1].prefix(3)
    return name.prefix(1).uppercased() + name.dropFirst()
  }

  /// Whether another date is the day after, both dated or both yearly.
  func isFollowed(by next: ExceptionDate) -> Bool {
    switch (self, next) {
    case (.day(let date), .day(let next)): date.days + 1 == next.days
    case (.yearly(let month, let day), .yearly(let nextMonth, let nextDay)):
      // In a leap year, which has every date.
      CivilTime.days(year: 2000, month: month, day: day) + 1
        == CivilTime.days(year: 2000, month: nextMonth, day: nextDay)
    default: false
    }
  }
}
