import Canvas
import Formats
import Scheduling
import Storage

/// A phone, and when each of its messages goes out.
struct PhoneForecast {
  var state: PhoneState
  var forecast: Forecast

  var summary: ForecastSummary {
    ForecastSummary(state: state, rules: forecast.rules, totals: ForecastTotals(forecast))
  }
}

/// The totals of a forecast.
struct ForecastSummary {
  var state: PhoneState
  var rules: ForecastRules
  var totals: ForecastTotals

  /// Each total with its name, for people.
  func lines(zone: ZoneTimeline) -> [(name: String, value: String)] {
    [
      ("phone", state.phone.number), ("waiting", "\(totals.count)"),
      ("first", Words.time(totals.firstSendAt, zone: zone)),
      ("last", Words.time(totals.lastSendAt, zone: zone)), ("never", "\(totals.never)"),
      ("expires", "\(totals.expires)"), ("rate", Words.rate(state.phone.messagesPerMinute)),
      ("day's limit", Words.dayLimit(state.phone.messagesPerDay)),
      ("held", PhoneStanding.words(of: state.phone.hold, zone: zone)),
      ("time zone", state.schedule?.content.timeZone ?? "-"),
    ]
  }

  /// Prints the totals; beside others, if there are such.
  func print(comparedWith other: ForecastSummary?, now: Instant) throws {
    let lines = lines(zone: Words.zone(of: state.schedule, now: now))
    let others = other.map { $0.lines(zone: Words.zone(of: $0.state.schedule, now: now)) }
    // A hold may have a long reason.
    let width = max(28, lines.map { columns(of: $0.value) }.max() ?? 0)
    func row(_ name: String, _ value: String, _ other: String?) throws {
      var line = LineBytes()
      line.cell(name, 11)
      line.cell(value, width)
      if let other { line.text(other) }
      line.end()
      try Output.shared.write(line.bytes)
    }
    if others != nil { try row("", "SAVED", "WHAT IF") }
    for (index, line) in lines.enumerated() { try row(line.name, line.value, others?[index].value) }
    guard let other, let last = totals.lastSendAt, let otherLast = other.totals.lastSendAt else { return }
    let difference = otherLast - last
    guard difference != 0 else { return }
    let words = DurationNotation.text(abs(difference))
    try Output.shared.line("the last goes out \(words) \(difference < 0 ? "sooner" : "later")")
  }

}

extension JSONBytes {
  mutating func summary(_ summary: ForecastSummary) {
    let (state, totals) = (summary.state, summary.totals)
    raw("{\"phone\":")
    text(state.phone.number)
    raw(",\"waiting\":")
    integer(totals.count)
    raw(",\"first_send_at\":")
    time(totals.firstSendAt)
    raw(",\"last_send_at\":")
    time(totals.lastSendAt)
    raw(",\"never\":")
    integer(totals.never)
    raw(",\"expires\":")
    integer(totals.expires)
    raw(",\"messages_per_minute\":")
    integer(state.phone.messagesPerMinute)
    raw(",\"messages_per_day\":")
    integer(state.phone.messagesPerDay)
    raw(",\"held_until\":")
    time(state.phone.hold?.until)
    raw(",\"time_zone\":")
    text(state.schedule?.content.timeZone)
    raw("}")
  }
}
