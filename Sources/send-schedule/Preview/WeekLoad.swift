import Formats
import Scheduling

/// What goes out in a week, day by day or hour by hour, on the clock of the phone's schedule.
struct WeekLoad {
  private let summary: ForecastSummary
  /// Monday to Sunday.
  private let days: [CivilDate]
  private let byHour: Bool

  init(_ summary: ForecastSummary, date: CivilDate, byHour: Bool) {
    self.summary = summary
    self.byHour = byHour
    let monday = date.days - Int64((date.weekday + 6) % 7)
    days = (0..<7).map { CivilDate(days: monday + $0) }
  }

  /// A stretch of a day, and what goes out in it.
  private struct Slot {
    var day: CivilDate
    var range: Range<Instant>
    var messages: Int
  }

  func print(json: Bool) throws {
    let zone = summary.rules.hours.timeline
    let slots = slots(zone)
    if !json { try Output.shared.line("FROM                        MESSAGES  OPEN") }
    var line = LineBytes()
    for slot in slots {
      let open = summary.rules.hours.stretches(in: slot.range)
      if json {
        try Output.shared.json { $0.slot(slot.range, date: slot.day, messages: slot.messages, open: open) }
        continue
      }
      line.removeAll()
      line.time(slot.range.lowerBound, zone: zone)
      line.cell("\(slot.messages)", 8, alignedRight: true)
      line.text(
        open.map { "\(clock($0.lowerBound, zone))-\(end($0.upperBound, zone))" }.joined(separator: ", "))
      line.end()
      try Output.shared.write(line.bytes)
    }
  }

  /// The days, of 23, 24 or 25 hours, or their hours.
  private func slots(_ zone: ZoneTimeline) -> [Slot] {
    let ranges = days.flatMap { day in zone.ranges(of: day).flatMap(cut).map { (day, $0) } }
    return ranges.map { day, range in
      let count = summary.totals.counts(between: [range.lowerBound, range.upperBound]).first ?? 0
      return Slot(day: day, range: range, messages: count)
    }
  }

  private func cut(_ range: Range<Instant>) -> [Range<Instant>] {
    guard byHour else { return [range] }
    return stride(from: range.lowerBound, to: range.upperBound, by: Int(Duration.hour)).map {
      $0..<min($0 + .hour, range.upperBound)
    }
  }

  private func clock(_ instant: Instant, _ zone: ZoneTimeline) -> String {
    WindowNotation.time(minute(instant, zone))
  }

  /// The end of a stretch, which at midnight is that of its day.
  private func end(_ instant: Instant, _ zone: ZoneTimeline) -> String {
    WindowNotation.time(minute(instant - 1, zone) + 1)
  }

  private func minute(_ instant: Instant, _ zone: ZoneTimeline) -> Int {
    let time = CivilTime(local: instant + zone.offset(at: instant))
    return time.hour * 60 + time.minute
  }
}

extension JSONBytes {
  fileprivate mutating func slot(
    _ range: Range<Instant>, date: CivilDate, messages: Int, open: [Range<Instant>]
  ) {
    raw("{\"date\":")
    text(date.text)
    raw(",\"starts_at\":")
    time(range.lowerBound)
    raw(",\"ends_at\":")
    time(range.upperBound)
    raw(",\"messages\":")
    integer(messages)
    raw(",\"open\":[")
    for (index, stretch) in open.enumerated() {
      raw(index > 0 ? ",{\"from\":" : "{\"from\":")
      time(stretch.lowerBound)
      raw(",\"until\":")
      time(stretch.upperBound)
      raw("}")
    }
    raw("]}")
  }
}
