/// How many messages a phone sent lately, so fine that they can be counted on the dates of any clock.
package struct RecentSends: Equatable, Sendable {
  /// How long each stretch is in which they are counted: clocks show a new date at such instants only, whatever their
  /// offset from UTC.
  package static let stretch: Duration = 15 * .minute
  /// How far back they have to be known: the dates that may still come began, on every clock, less long ago.
  package static let memory: Duration = 3 * .day

  /// Those with any, in their order.
  private var stretches: [(start: Instant, count: Int)] = []

  package init() {}

  /// Adds a later stretch, by its start.
  package mutating func add(_ count: Int, from start: Instant) {
    if count > 0 { stretches.append((start, count)) }
  }

  /// Those in stretches that start in a range.
  package func starting(in range: Range<Instant>) -> RecentSends {
    var some = RecentSends()
    some.stretches = stretches.filter { range.contains($0.start) }
    return some
  }

  /// The sends on each date of a clock that may still come (days since 1970-01-01), as ``ForecastRules/sentOn`` has them.
  package func onDates(of timeline: ZoneTimeline, now: Instant) -> [Int64: Int] {
    if stretches.isEmpty { return [:] }
    let today = timeline.day(at: now)
    var counts: [Int64: Int] = [:]
    for day in today - 1...today + 1 {
      let ranges = timeline.ranges(of: CivilDate(days: day))
      guard ranges.contains(where: { $0.upperBound > now }) else { continue }
      let sends = stretches.filter { stretch in ranges.contains { $0.contains(stretch.start) } }
      let count = sends.reduce(0) { $0 + $1.count }
      if count > 0 { counts[day] = count }
    }
    return counts
  }

  package static func == (a: RecentSends, b: RecentSends) -> Bool {
    a.stretches.elementsEqual(b.stretches) { $0 == $1 }
  }
}
