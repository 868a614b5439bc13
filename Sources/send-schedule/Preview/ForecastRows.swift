import Formats
import Scheduling
import Storage

/// The messages of a forecast, one after another; beside another forecast of the same queue, if there is one.
struct ForecastRows {
  /// What is saved, to compare with; nil for none.
  let saved: PhoneForecast?
  let zone: ZoneTimeline
  let json: Bool
  private var line = LineBytes()
  private var bytes = JSONBytes()

  init(saved: PhoneForecast?, zone: ZoneTimeline, json: Bool) {
    self.saved = saved
    self.zone = zone
    self.json = json
  }

  /// Prints the forecast as it is saved, from one state of the database.
  mutating func printSaved(_ phone: String, _ store: Store, limit: Int?, now: Instant) throws {
    headings()
    try store.forEachForecast(of: phone, now: now, limit: limit) { _, row in
      try print(row.entry, id: row.messageID, contact: row.contact)
    }
    try line.print(all: true)
  }

  /// Prints another forecast of the same queue.
  mutating func print(_ shown: PhoneForecast, _ store: Store, limit: Int?) throws {
    headings()
    let end = min(shown.forecast.count, limit ?? .max)
    for start in stride(from: 0, to: end, by: Forecast.interval) {
      let entries = shown.forecast.entries(start..<min(start + Forecast.interval, end))
      let texts = try store.messages(keys: entries.compactMap { shown.forecast.queue.key(of: $0.message) })
      for entry in entries {
        // One that went out since the queue was read is left out.
        guard let message = shown.forecast.queue.key(of: entry.message).flatMap({ texts[$0] }) else {
          continue
        }
        try print(entry, id: message.id, contact: message.contact)
      }
    }
    try line.print(all: true)
  }

  private mutating func headings() {
    if json { return }
    line.cell("#", 7, alignedRight: true)
    line.cell("GOES OUT", 26)
    if saved != nil { line.cell("SAVED", 26) }
    line.cell("CAUSE", 7)
    line.cell("TO", 16)
    line.text("ID")
    line.end()
  }

  private mutating func print(_ entry: ForecastEntry, id: String, contact: String) throws {
    let before = saved.map { $0.forecast.entry(of: entry.message)?.sendAt }
    if json {
      bytes.removeAll()
      bytes.preview(entry, id: id, contact: contact) { json in
        guard let before else { return }
        json.raw(",\"saved_send_at\":")
        json.time(before)
      }
      bytes.newline()
      return try Output.shared.write(bytes.bytes)
    }
    line.cell(entry.position + 1, 7)
    line.time(entry.sendAt, zone: zone, otherwise: "never")
    if let before { line.time(before, zone: zone, otherwise: "never") }
    line.cell(entry.cause.rawValue, 7)
    line.cell(contact, 16)
    line.text(id)
    line.end()
    try line.print()
  }
}

extension JSONBytes {
  /// A message of a forecast; `more` may add members, each with its comma in front.
  mutating func preview(
    _ entry: ForecastEntry, id: String, contact: String, more: (inout JSONBytes) -> Void = { _ in }
  ) {
    raw("{\"position\":")
    integer(entry.position + 1)
    raw(",\"message_id\":")
    text(id)
    raw(",\"contact\":")
    text(contact)
    raw(",\"ready_at\":")
    time(entry.readyAt)
    raw(",\"send_at\":")
    time(entry.sendAt)
    raw(",\"cause\":")
    text(entry.cause.rawValue)
    more(&self)
    raw("}")
  }
}
