import Scheduling

/// How many messages go out in each slot of a week: rows of slots.
package struct SlotCounts: Equatable, Sendable {
  /// What the counts are of, besides the forecast.
  struct Subject: Equatable, Sendable {
    var dates: WeekDates
    var slotMinutes: Int
    var timeZone: String
  }

  let subject: Subject
  package private(set) var rows: [[Int]]

  /// How many of each row went out already.
  private var gone = Array(repeating: 0, count: 7)

  /// The largest number in a slot.
  package private(set) var peak = 0

  init(forecast: Forecast, past: PastSends?, subject: Subject, timeline: ZoneTimeline) {
    self.subject = subject
    rows = Array(repeating: Array(repeating: 0, count: 1440 / subject.slotMinutes), count: 7)
    let start = subject.dates.firstDay * .day
    let length = Int64(subject.slotMinutes) * .minute
    for span in timeline.spans {
      // A span is one piece of the local time line; where the clock is put back two pieces share slots.
      let from = max(span.start == .min ? start : span.start + span.offset, start)
      let to = min(span.end == .max ? start + .week : span.end + span.offset, start + .week)
      guard from < to else { continue }
      var edges = [from]
      while let last = edges.last, last < to {
        edges.append(min(to, floorDivide(last, by: length).quotient * length + length))
      }
      for (count, edge) in zip(forecast.counts(between: edges.map { $0 - span.offset }), edges)
      where count > 0 {
        let (row, time) = floorDivide(edge - start, by: .day)
        rows[Int(row)][Int(time / length)] += count
      }
    }
    for (instant, count) in past?.counts ?? [:] {
      let (row, time) = floorDivide(instant + timeline.offset(at: instant) - start, by: .day)
      guard (0..<7).contains(row) else { continue }
      rows[Int(row)][Int(time / length)] += count
      gone[Int(row)] += count
    }
    peak = rows.map { $0.max() ?? 0 }.max() ?? 0
  }

  /// How many messages of a row's day went out, and how many are still to go.
  package func totals(row: Int) -> (gone: Int, going: Int) { (gone[row], rows[row].reduce(0, +) - gone[row]) }
}
