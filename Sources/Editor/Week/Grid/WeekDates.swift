import Scheduling

/// The real week that the grid stands for: its dates, its rows, and where clock changes fall.
package struct WeekDates: Equatable, Sendable {
  /// The weekday of the first row, 0 is Sunday.
  package let firstDayOfWeek: Int
  /// Days since 1970 of the first row's date.
  package let firstDay: Int64

  /// The week that holds the local time of `now`, and `offset` weeks on.
  package init(now: Instant, timeline: ZoneTimeline, firstDayOfWeek: Int, offset: Int) {
    let today = floorDivide(now + timeline.offset(at: now), by: .day).quotient
    let weekday = floorDivide(today + 4, by: 7).remainder
    let back = floorDivide(weekday - Int64(firstDayOfWeek), by: 7).remainder
    self.firstDayOfWeek = firstDayOfWeek
    firstDay = today - back + 7 * Int64(offset)
  }

  /// The weekday of a row, 0 is Sunday.
  package func weekday(ofRow row: Int) -> Int { (firstDayOfWeek + row) % 7 }

  package func row(ofWeekday day: Int) -> Int { (day - firstDayOfWeek + 7) % 7 }

  /// The date of a row.
  package func date(ofRow row: Int) -> CivilTime { CivilTime(local: (firstDay + Int64(row)) * .day) }

  package func civilDate(ofRow row: Int) -> CivilDate { CivilDate(days: firstDay + Int64(row)) }

  /// Local milliseconds since 1970 of a minute of a row.
  package func local(row: Int, minute: Int) -> Int64 {
    (firstDay + Int64(row)) * .day + Int64(minute) * .minute
  }

  /// The minutes of the week (from Sunday) of some minutes of a row.
  package func minutesOfWeek(row: Int, _ minutes: Range<Int>) -> Range<Int> {
    let start = weekday(ofRow: row) * 1440
    return start + minutes.lowerBound..<start + minutes.upperBound
  }

  /// The first instant of the week and the first after it.
  package func instants(in timeline: ZoneTimeline) -> Range<Instant> {
    let start = timeline.instant(local: firstDay * .day)
    return start..<max(start, timeline.instant(local: (firstDay + 7) * .day))
  }

  /// The clock changes that show in this week.
  package func clockChanges(in timeline: ZoneTimeline) -> [ClockChange] {
    let week = instants(in: timeline)
    return timeline.changes(in: week.lowerBound - .day..<week.upperBound + .day)
  }
}
