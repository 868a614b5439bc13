/// Exceptions as people write them: `24 dec closed Christmas Eve`, `2026-12-24 9-12`, `24-26 dec closed`,
/// `every 25 dec closed`.
///
/// Clauses stand between semicolons or on lines of their own: dates, then `closed` or times, then a note. A date without a year is the next one from today on. What ``text(_:)`` prints reads
/// back as the same exceptions.
package enum ExceptionNotation {
  /// Reads one or more exceptions, in the order of their dates; throws ``NotationError`` naming the place.
  package static func parse(_ text: String, today: CivilDate) throws(NotationError) -> [ScheduleException] {
    var parser = NotationParser(text)
    return try parser.exceptions(today: today)
  }

  /// Reads dates alone: `24-26 dec, 31 dec`, `every 25 dec`.
  package static func parseDates(_ text: String, today: CivilDate) throws(NotationError) -> [ExceptionDate] {
    var parser = NotationParser(text)
    let dates = try parser.exceptionDates(today: today)
    if parser.current != nil { throw parser.error("nothing after the dates") }
    return dates
  }

  /// Exceptions on one line: `2026-12-24 to 2026-12-26 closed Christmas; every 1 jan closed`.
  package static func text(_ exceptions: [ScheduleException]) -> String {
    lines(exceptions).joined(separator: "; ")
  }

  /// The same, one clause each; consecutive dates with the same hours and note share one.
  package static func lines(_ exceptions: [ScheduleException]) -> [String] {
    ExceptionRun.runs(exceptions).map { run in
      let hours = run.first.windows.isEmpty ? "closed" : WindowNotation.times(run.first.windows)
      return "\(dates(run)) \(hours)\(note(run.first.note))"
    }
  }

  /// One date as text: `2026-12-24`, `every 25 dec`.
  package static func text(_ date: ExceptionDate) -> String {
    switch date {
    case .day(let date): date.text
    case .yearly(let month, let day): "every \(day) \(monthName(month))"
    }
  }

  private static func dates(_ run: ExceptionRun) -> String {
    switch (run.first.date, run.last) {
    case (let first, let last) where first == last: text(first)
    case (.day(let first), .day(let last)): "\(first.text) to \(last.text)"
    case (.yearly(let month, let day), .yearly(let lastMonth, let lastDay)):
      month == lastMonth
        ? "every \(day)-\(lastDay) \(monthName(month))"
        : "every \(day) \(monthName(month)) to \(lastDay) \(monthName(lastMonth))"
    default: text(run.first.date)
    }
  }

  private static func monthName(_ month: Int) -> String {
    String(NotationParser.fullMonthNames[month - 1].prefix(3))
  }

  /// As it stands, or in quotes where it could be taken for something else.
  private static func note(_ note: String) -> String {
    if note.isEmpty { return "" }
    let isPlain =
      note.first?.isLetter ?? false && !(note.last?.isWhitespace ?? false)
      && !note.contains { $0 == ";" || $0.isNewline }
      && !NotationParser.closing.contains(note.lowercased())
    return isPlain ? " \(note)" : " \"\(note.replacing("\"", with: "\"\""))\""
  }
}

/// Exceptions of consecutive dates with the same hours and note.
struct ExceptionRun {
  var first: ScheduleException
  var last: ExceptionDate

  /// In the order of the dates.
  static func runs(_ exceptions: [ScheduleException]) -> [ExceptionRun] {
    var runs: [ExceptionRun] = []
    for exception in exceptions.sorted(by: { $0.date < $1.date }) {
      if let run = runs.last, run.last.isFollowed(by: exception.date), run.first.note == exception.note,
        run.first.windows.sorted() == exception.windows.sorted()
      {
        runs[runs.count - 1].last = exception.date
      } else {
        runs.append(ExceptionRun(first: exception, last: exception.date))
      }
    }
    return runs
  }
}
