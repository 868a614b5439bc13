/// Which day an exception is for.
package enum ExceptionDate: Hashable, Sendable {
  /// One day; it beats a yearly exception of the same day.
  case day(CivilDate)
  /// Of every year that has the date: 29 February is in leap years only.
  case yearly(month: Int, day: Int)

  /// As RFC 3339 and ISO 8601 write it: `2026-12-24`, or `--12-25` for every year.
  package var text: String {
    switch self {
    case .day(let date): date.text
    case .yearly(let month, let day): "--\(Timestamp.padded(month, 2))-\(Timestamp.padded(day, 2))"
    }
  }

  /// The date that ``text`` gives; nil if the text is no date of the calendar.
  package init?(_ text: some StringProtocol) {
    let isYearly = text.hasPrefix("--")
    let parts = (isYearly ? text.dropFirst(2) : text[...]).split(
      separator: "-", omittingEmptySubsequences: false)
    let widths = isYearly ? [2, 2] : [4, 2, 2]
    let numbers = parts.compactMap { part in
      part.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(part) : nil
    }
    guard parts.map(\.utf8.count) == widths, numbers.count == widths.count else { return nil }
    if isYearly {
      self = .yearly(month: numbers[0], day: numbers[1])
    } else if let date = CivilDate(year: numbers[0], month: numbers[1], day: numbers[2]) {
      self = .day(date)
    } else {
      return nil
    }
    if !exists { return nil }
  }

  /// What a text must be, for a complaint.
  package static let expected = "a date such as 2026-12-24, or --12-25 for every year"

  /// Whether it does not come any more, from a date on.
  package func isOver(on today: CivilDate) -> Bool {
    if case .day(let date) = self { date < today } else { false }
  }

  /// Whether some year has it.
  var exists: Bool {
    switch self {
    case .day(let date): CivilDate(year: date.year, month: date.month, day: date.day) != nil
    case .yearly(let month, let day): CivilDate(year: 2000, month: month, day: day) != nil
    }
  }
}

extension ExceptionDate: Comparable {
  /// Dated ones by date, then the yearly ones by month and day.
  package static func < (a: ExceptionDate, b: ExceptionDate) -> Bool {
    switch (a, b) {
    case (.day(let a), .day(let b)): a < b
    case (.day, .yearly): true
    case (.yearly, .day): false
    case (.yearly(let aMonth, let aDay), .yearly(let bMonth, let bDay)): (aMonth, aDay) < (bMonth, bDay)
    }
  }
}

/// A stretch of a day: from `startMinute` until just before `endMinute`.
package struct DayWindow: Hashable, Sendable, Comparable {
  /// Minutes after midnight, 0 to 1439.
  package var startMinute: Int
  /// Minutes after midnight, 1 to 1440, later than `startMinute`.
  package var endMinute: Int

  package init(startMinute: Int, endMinute: Int) {
    self.startMinute = startMinute
    self.endMinute = endMinute
  }

  package static func < (a: DayWindow, b: DayWindow) -> Bool {
    (a.startMinute, a.endMinute) < (b.startMinute, b.endMinute)
  }
}

/// A date with hours of its own, in place of the week's.
package struct ScheduleException: Hashable, Sendable {
  package var date: ExceptionDate
  /// None: closed all day. Else as a day's windows: in order, none overlapping another.
  package var windows: [DayWindow]
  /// Why, for people; may be empty.
  package var note: String

  /// The most that a schedule may have.
  package static let most = 1_000
  /// The most Unicode scalars that a note may have.
  package static let longestNote = NameRule.longest

  package init(date: ExceptionDate, windows: [DayWindow] = [], note: String = "") {
    self.date = date
    self.windows = windows
    self.note = note
  }
}
