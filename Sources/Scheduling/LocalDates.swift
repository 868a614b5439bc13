extension ZoneTimeline {
  /// The days since 1970-01-01 that the wall clock shows at an instant.
  package func day(at instant: Instant) -> Int64 {
    floorDivide(instant + offset(at: instant), by: .day).quotient
  }

  /// The date that the wall clock shows at an instant.
  package func date(at instant: Instant) -> CivilDate { CivilDate(days: day(at: instant)) }

  /// The date at an instant, in days since 1970-01-01, and the end of the stretch in which it stays the same.
  ///
  /// The date may come back after its end: where the clock goes back over midnight.
  func dayStretch(at instant: Instant) -> (day: Int64, end: Instant) {
    let span = spans[index(at: instant)]
    let (day, time) = floorDivide(instant + span.offset, by: .day)
    return (day, min(instant - time + .day, span.end))
  }

  /// The instants at which the wall clock shows a date, in order.
  ///
  /// One range for most dates, of 23, 24 or 25 hours; none for one that the zone skips; more than one where
  /// the clock goes back over midnight.
  package func ranges(of date: CivilDate) -> [Range<Instant>] {
    let midnight = date.days * .day
    // No zone is further from UTC than 26 hours.
    var index = index(at: midnight - 2 * .day)
    var ranges: [Range<Instant>] = []
    while index < spans.count, spans[index].start < midnight + 3 * .day {
      let span = spans[index]
      let start = max(midnight - span.offset, span.start)
      let end = min(midnight + .day - span.offset, span.end)
      index += 1
      guard start < end else { continue }
      if let last = ranges.last, last.upperBound == start {
        ranges[ranges.count - 1] = last.lowerBound..<end
      } else {
        ranges.append(start..<end)
      }
    }
    return ranges
  }
}
