import ArgumentParser
import Canvas
import Formats
import Scheduling
import Storage

struct Preview: StoreCommand {
  static let configuration = CommandConfiguration.command(
    "preview", "Show when each waiting message of a phone would go out.")
  static let examples = ["preview +18005550199 --limit 20", "preview +18005550199 --summary --json"]
  @Argument(help: "The phone's number or id.") var phone: String
  @Flag(help: "Only totals.") var summary = false
  @Option(help: "Only the first messages.") var limit: Int?
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if let limit, limit < 0 { throw ValidationError("--limit: expected a number of messages") }
  }

  func run(_ store: Store) throws {
    let now = shared.moment
    if summary { return try printSummary(try store.forecast(of: phone, now: now), now: now) }
    if shared.json {
      var json = JSONBytes()
      return try store.forEachForecast(of: phone, now: now, limit: limit) { _, row in
        json.removeAll()
        json.preview(row)
        try Output.shared.write(json.bytes)
      }
    }
    let zone = Words.zone(of: try store.state(of: phone, now: now).schedule, now: now)
    try Output.shared.line("      #  GOES OUT                    CAUSE   TO                ID")
    try store.forEachForecast(of: phone, now: now, limit: limit) { _, row in
      try Output.shared.line(line(row, zone: zone))
    }
  }

  private func line(_ row: ForecastRow, zone: ZoneTimeline) -> String {
    let position = String(row.entry.position + 1)
    let time = row.entry.sendAt.map { Words.time($0, zone: zone) } ?? "never"
    return [
      padded(position, columns: max(7, position.count), alignedRight: true), padded(time, columns: 26),
      padded(row.entry.cause.rawValue, columns: 6), padded(row.contact, columns: 16), row.messageID,
    ].joined(separator: "  ")
  }

  private func printSummary(_ found: (state: PhoneState, forecast: Forecast), now: Instant) throws {
    let (state, forecast) = found
    if shared.json { return try Output.shared.json { $0.summary(state, forecast) } }
    let zone = Words.zone(of: state.schedule, now: now)
    let out = Output.shared
    try out.line("phone      \(state.phone.number)")
    try out.line("waiting    \(forecast.count)")
    try out.line("first      \(Words.time(forecast.firstSendAt, zone: zone))")
    try out.line("last       \(Words.time(forecast.lastSendAt, zone: zone))")
    try out.line("never      \(forecast.never)")
    try out.line("rate       \(Words.rate(state.phone.messagesPerMinute))")
    try out.line("time zone  \(state.schedule?.content.timeZone ?? "-")")
  }
}

extension JSONBytes {
  mutating func preview(_ row: ForecastRow) {
    raw("{\"position\":")
    integer(row.entry.position + 1)
    raw(",\"message_id\":")
    text(row.messageID)
    raw(",\"contact\":")
    text(row.contact)
    raw(",\"ready_at\":")
    time(row.entry.readyAt)
    raw(",\"send_at\":")
    time(row.entry.sendAt)
    raw(",\"cause\":")
    text(row.entry.cause.rawValue)
    raw("}\n")
  }

  mutating func summary(_ state: PhoneState, _ forecast: Forecast) {
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
    raw(",\"messages_per_minute\":")
    integer(state.phone.messagesPerMinute)
    raw(",\"time_zone\":")
    text(state.schedule?.content.timeZone)
    raw("}")
  }
}
