/// When a phone may send, on the time line: weekly windows and exceptions seen through a zone's wall clock.
///
/// An instant is open if the wall clock, at that instant, shows a date and minute inside a window: of the
/// exception for that date if there is one, else of the week. A wall time that a clock change skips never
/// comes; one that it repeats is open both times.
package struct OpenHours: Sendable {
  /// The clock of the windows, and of the dates that a day's limit is for.
  package let timeline: ZoneTimeline
  /// Open stretches of the week in milliseconds after Sunday 00:00, in order, none touching the next.
  private let starts: [Duration]
  private let ends: [Duration]
  private let isAlways: Bool
  /// Nil if no date differs from its week.
  private let dates: DateHours?
  /// Why nothing goes out at all, exact messages neither: the clock is not known, and ``timeline`` that of UTC.
  package private(set) var problem: TimeZoneError?

  /// No limit, and dates in UTC: a phone without a schedule.
  package static let always = OpenHours(alwaysOn: .utc)

  /// No limit, with the dates of a zone: a phone whose schedule is switched off.
  package init(alwaysOn timeline: ZoneTimeline) {
    self.timeline = timeline
    starts = []
    ends = []
    isAlways = true
    dates = nil
  }

  package init(_ minutes: WeekMinutes, exceptions: [ScheduleException] = [], timeline: ZoneTimeline) {
    let runs = minutes.runs()
    self.timeline = timeline
    starts = runs.map { Int64($0.lowerBound) * .minute }
    ends = runs.map { Int64($0.upperBound) * .minute }
    isAlways = false
    dates = exceptions.isEmpty ? nil : DateHours(minutes, exceptions: exceptions)
  }

  /// The hours of a schedule, or none without one; `timeline` is its time zone's.
  package init(_ schedule: ScheduleContent?, timeline: ZoneTimeline) {
    guard let schedule else {
      self = .always
      return
    }
    if schedule.isActive {
      self.init(WeekMinutes(schedule.windows), exceptions: schedule.exceptions, timeline: timeline)
    } else {
      self.init(alwaysOn: timeline)
    }
  }

  /// Nothing is open on a clock that is not known.
  init(without problem: TimeZoneError) {
    self.init(WeekMinutes(), timeline: .utc)
    self.problem = problem
  }

  /// Milliseconds after the last Sunday 00:00 of a local time (1970-01-01 was a Thursday).
  @inline(__always)
  package static func millisecondOfWeek(local: Int64) -> Duration {
    floorDivide(local + 4 * .day, by: .week).remainder
  }

  /// The first open stretch that ends after `x`: `x` itself is open if it is not before the stretch.
  ///
  /// The stretch may go on after its end (midnight, a clock change). Nil if nothing opens before `limit`;
  /// a stretch that opens after it may be told or not.
  package func stretch(endingAfter x: Instant, limit: Instant) -> Range<Instant>? {
    if isAlways { return Instant.min..<Instant.max }
    if let dates { return stretch(of: dates, endingAfter: x, limit: limit) }
    if starts.isEmpty { return nil }
    var instant = x
    var index = timeline.index(at: x)
    while instant <= limit {
      let span = timeline.spans[index]
      let week = Self.millisecondOfWeek(local: instant + span.offset)
      let weekStart = instant - week
      let run = firstRun(endingAfter: week)
      let (start, end) =
        run < starts.count
        ? (weekStart + starts[run], weekStart + ends[run])
        : (weekStart + .week + starts[0], weekStart + .week + ends[0])
      if start < span.end { return max(start, span.start)..<min(end, span.end) }
      index += 1
      instant = span.end
    }
    return nil
  }

  /// The same where dates have hours of their own: date by date.
  private func stretch(of dates: DateHours, endingAfter x: Instant, limit: Instant) -> Range<Instant>? {
    var instant = x
    var index = timeline.index(at: x)
    while instant <= limit {
      let span = timeline.spans[index]
      let (day, time) = floorDivide(instant + span.offset, by: .day)
      let midnight = instant - time
      if let run = dates.firstRun(day: day, endingAfter: time), midnight + run.lowerBound < span.end {
        return max(midnight + run.lowerBound, span.start)..<min(midnight + run.upperBound, span.end)
      }
      instant = midnight + .day
      if instant >= span.end {
        index += 1
        instant = span.end
      }
    }
    return nil
  }

  /// The first open instant at or after `x`; nil if there is none until `limit`.
  ///
  /// Without a limit, hours that never open are given up as such after the horizon's length.
  package func nextOpen(_ x: Instant, limit: Instant? = nil) -> Instant? {
    stretch(endingAfter: x, limit: limit ?? x + .horizon).map { max(x, $0.lowerBound) }
  }

  package func isOpen(_ x: Instant) -> Bool {
    stretch(endingAfter: x, limit: x).map { $0.contains(x) } ?? false
  }

  /// The first closed instant at or after `x`; nil if it stays open until `limit`.
  package func nextClosed(_ x: Instant, limit: Instant) -> Instant? {
    if isAlways { return nil }
    var instant = x
    while instant <= limit {
      guard let open = stretch(endingAfter: instant, limit: instant), open.contains(instant) else {
        return instant
      }
      instant = open.upperBound
    }
    return nil
  }

  /// The open stretches within a range, joined where one goes on after another.
  package func stretches(in range: Range<Instant>) -> [Range<Instant>] {
    var stretches: [Range<Instant>] = []
    var instant = range.lowerBound
    while instant < range.upperBound, let found = stretch(endingAfter: instant, limit: range.upperBound),
      found.lowerBound < range.upperBound
    {
      let stretch = max(found.lowerBound, instant)..<min(found.upperBound, range.upperBound)
      if let last = stretches.last, last.upperBound == stretch.lowerBound {
        stretches[stretches.count - 1] = last.lowerBound..<stretch.upperBound
      } else {
        stretches.append(stretch)
      }
      instant = stretch.upperBound
    }
    return stretches
  }

  /// Whether a range of the wall clock (local milliseconds since 1970) has an open time, were it to come.
  package func opens(inLocal range: Range<Int64>) -> Bool {
    if isAlways { return true }
    var local = range.lowerBound
    while local < range.upperBound {
      let (day, time) = floorDivide(local, by: .day)
      let midnight = local - time
      if let run = firstRun(onDay: day, endingAfter: time), midnight + run.lowerBound < range.upperBound {
        return true
      }
      local = midnight + .day
    }
    return false
  }

  /// The first open stretch of a date (days since 1970-01-01) that ends after a time, in milliseconds after its
  /// midnight; nil if it stays closed from then on.
  func firstRun(onDay day: Int64, endingAfter time: Duration) -> Range<Duration>? {
    // A stretch that goes on over midnight would be found again.
    guard time < .day else { return nil }
    if let dates { return dates.firstRun(day: day, endingAfter: time) }
    let midnight = floorDivide(day + 4, by: 7).remainder * .day
    let run = firstRun(endingAfter: midnight + time)
    guard run < starts.count, starts[run] < midnight + .day else { return nil }
    return max(starts[run] - midnight, 0)..<min(ends[run] - midnight, .day)
  }

  /// The exception of a date, in days since 1970-01-01.
  package func exception(onDay day: Int64) -> ScheduleException? { dates?.exception(on: day) }

  private func firstRun(endingAfter week: Duration) -> Int {
    var low = 0
    var high = ends.count
    while low < high {
      let middle = (low + high) / 2
      if ends[middle] > week { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
