import Scheduling

/// What the change overlay compares the draft with.
extension WeekScreen {
  /// The minutes of the week on the screen, by its clock, in which the phone could send before the change.
  func openBefore(_ dates: WeekDates, _ context: Context) -> WeekMinutes? {
    guard grid.overlay == .change else { return nil }
    var before = saved
    if let compared = grid.compared { before.load(compared.content) }
    guard before.hasSchedule, before.isActive else { return .all }
    if before.timeZone == shown.timeZone { return before.minutes(of: dates) }
    let hours = before.hours(context)
    return Self.minutes(of: hours, dates, clock(context))
  }

  /// Open stretches of the time line as minutes of a week on another clock.
  private static func minutes(of hours: OpenHours, _ dates: WeekDates, _ clock: ZoneTimeline) -> WeekMinutes {
    var minutes = WeekMinutes()
    let week = dates.instants(in: clock)
    var instant = week.lowerBound
    while let open = hours.stretch(endingAfter: instant, limit: week.upperBound),
      open.lowerBound < week.upperBound
    {
      let end = min(open.upperBound, week.upperBound)
      var start = max(open.lowerBound, week.lowerBound)
      while start < end {
        // A stretch of the time line is one of the wall clock as long as the clock does not change.
        let span = clock.spans[clock.index(at: start)]
        let until = min(end, span.end)
        insert(start + span.offset..<until + span.offset, dates, into: &minutes)
        start = until
      }
      instant = end
    }
    return minutes
  }

  private static func insert(_ local: Range<Int64>, _ dates: WeekDates, into minutes: inout WeekMinutes) {
    let first = dates.firstDay * .day
    var start = max(0, floorDivide(local.lowerBound - first, by: .minute).quotient)
    let end = min(Int64(WeekMinutes.count), floorDivide(local.upperBound - first, by: .minute).quotient)
    while start < end {
      let row = Int(start / 1440)
      let dayEnd = min(end, Int64(row + 1) * 1440)
      let day = Int(start) - row * 1440..<Int(dayEnd) - row * 1440
      minutes.insert(dates.minutesOfWeek(row: row, day))
      start = dayEnd
    }
  }
}
