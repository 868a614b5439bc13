/// A date of the Gregorian calendar, on no clock in particular.
package struct CivilDate: Hashable, Sendable, Comparable {
  /// 1 to 9999.
  package var year: Int
  /// 1 to 12.
  package var month: Int
  /// 1 to 31, and no more than the month has.
  package var day: Int

  /// Nil if the calendar has no such date, or its year is not within 1 to 9999.
  package init?(year: Int, month: Int, day: Int) {
    guard (1...9999).contains(year), (1...12).contains(month),
      (1...CivilTime.daysInMonth(month, year: year)).contains(day)
    else { return nil }
    (self.year, self.month, self.day) = (year, month, day)
  }

  /// The date so many days after 1970-01-01.
  package init(days: Int64) { (year, month, day) = CivilTime.date(days: days) }

  /// The date that a clock shows at `local` milliseconds since 1970-01-01T00:00 of that clock.
  package init(local: Int64) { self.init(days: floorDivide(local, by: .day).quotient) }

  /// Days since 1970-01-01.
  package var days: Int64 { CivilTime.days(year: year, month: month, day: day) }

  /// 0 to 6, 0 is Sunday.
  package var weekday: Int { Int(floorDivide(days + 4, by: 7).remainder) }

  package static func < (a: CivilDate, b: CivilDate) -> Bool {
    (a.year, a.month, a.day) < (b.year, b.month, b.day)
  }

  /// `2026-12-24`.
  package var text: String {
    "\(Timestamp.padded(year, 4))-\(Timestamp.padded(month, 2))-\(Timestamp.padded(day, 2))"
  }
}
