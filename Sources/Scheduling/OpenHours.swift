/// When a phone may send, on the time line: weekly windows seen through the wall clock of a time zone.
///
/// An instant is open if the wall clock, at that instant, shows a weekday and minute inside a window. A
/// wall time that a clock change skips never comes; one that it repeats is open both times.
package struct OpenHours: Sendable {
  private let timeline: ZoneTimeline
  /// Open stretches of the week in milliseconds after Sunday 00:00, in order, none touching the next.
  private let starts: [Duration]
  private let ends: [Duration]
  private let isAlways: Bool

  /// No limit: a phone without a schedule, or with an inactive one.
  package static let always = OpenHours(timeline: .utc, starts: [], ends: [], isAlways: true)

  private init(timeline: ZoneTimeline, starts: [Duration], ends: [Duration], isAlways: Bool) {
    self.timeline = timeline
    self.starts = starts
    self.ends = ends
    self.isAlways = isAlways
  }

  package init(_ minutes: WeekMinutes, timeline: ZoneTimeline) {
    let runs = minutes.runs()
    self.init(
      timeline: timeline, starts: runs.map { Int64($0.lowerBound) * .minute },
      ends: runs.map { Int64($0.upperBound) * .minute }, isAlways: false)
  }

  /// The hours of a schedule, or none without one; `timeline` is its time zone's.
  package init(_ schedule: ScheduleContent?, timeline: ZoneTimeline?) {
    if let schedule, schedule.isActive, let timeline {
      self.init(WeekMinutes(schedule.windows), timeline: timeline)
    } else {
      self = .always
    }
  }

  /// Milliseconds after the last Sunday 00:00 of a local time (1970-01-01 was a Thursday).
  @inline(__always)
  package static func millisecondOfWeek(local: Int64) -> Duration {
    floorDivide(local + 4 * .day, by: .week).remainder
  }

  /// The first open stretch that ends after `x`: `x` itself is open if it is not before the stretch.
  ///
  /// The stretch may go on after its end (midnight on Saturday, a clock change). Nil if nothing opens
  /// before `limit`.
  package func stretch(endingAfter x: Instant, limit: Instant) -> Range<Instant>? {
    if isAlways { return Instant.min..<Instant.max }
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

  /// The first open instant at or after `x`; nil if there is none until `limit`.
  package func nextOpen(_ x: Instant, limit: Instant = .max - .week) -> Instant? {
    stretch(endingAfter: x, limit: limit).map { max(x, $0.lowerBound) }
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
