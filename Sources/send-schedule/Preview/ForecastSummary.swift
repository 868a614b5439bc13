import Formats
import Scheduling
import Storage

/// The totals of a forecast.
struct ForecastSummary {
  var state: PhoneState
  var forecast: Forecast

  /// Each total with its name, for people.
  func lines(zone: ZoneTimeline) -> [(name: String, value: String)] {
    [
      ("phone", state.phone.number), ("waiting", "\(forecast.count)"),
      ("first", Words.time(forecast.firstSendAt, zone: zone)),
      ("last", Words.time(forecast.lastSendAt, zone: zone)), ("never", "\(forecast.never)"),
      ("expires", "\(forecast.expires)"), ("rate", Words.rate(state.phone.messagesPerMinute)),
      ("day's limit", Words.dayLimit(state.phone.messagesPerDay)),
      ("held", PhoneStanding.words(of: state.phone.hold, zone: zone)),
      ("time zone", state.schedule?.content.timeZone ?? "-"),
    ]
  }

  /// Prints the totals; beside others, if there are such.
  func print(comparedWith other: ForecastSummary?, now: Instant) throws {
    let lines = lines(zone: Words.zone(of: state.schedule, now: now))
    let others = other.map { $0.lines(zone: Words.zone(of: $0.state.schedule, now: now)) }
    if others != nil { try row("", "SAVED", "WHAT IF") }
    for (index, line) in lines.enumerated() { try row(line.name, line.value, others?[index].value) }
    guard let other, let last = forecast.lastSendAt, let otherLast = other.forecast.lastSendAt else { return }
    let difference = otherLast - last
    guard difference != 0 else { return }
    let words = DurationNotation.text(abs(difference))
    try Output.shared.line("the last goes out \(words) \(difference < 0 ? "sooner" : "later")")
  }

  private func row(_ name: String, _ value: String, _ other: String?) throws {
    var line = LineBytes()
    line.cell(name, 11)
    line.cell(value, 28)
    if let other { line.text(other) }
    line.end()
    try Output.shared.write(line.bytes)
  }
}

extension JSONBytes {
  mutating func summary(_ summary: ForecastSummary) {
    let (state, forecast) = (summary.state, summary.forecast)
    raw("{\"phone\":")
    text(state.phone.number)
    raw(",\"waiting\":")
    integer(forecast.count)
    raw(",\"first_send_at\":")
    time(forecast.firstSendAt)
    raw(",\"last_send_at\":")
    time(forecast.lastSendAt)
    raw(",\"never\":")
    integer(forecast.never)
    raw(",\"expires\":")
    integer(forecast.expires)
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
