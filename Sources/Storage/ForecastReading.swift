import Scheduling

/// One message of a forecast, with what is shown of it.
package struct ForecastRow: Equatable, Sendable {
  package var entry: ForecastEntry
  package var messageID: String
  package var contact: String
}

extension Store {
  /// When everything that waits for a phone at `now` would go out.
  package func forecast(of phone: String, now: Instant) throws -> (state: PhoneState, forecast: Forecast) {
    try read { session in try forecast(session, of: phone, now: now) }
  }

  /// Hands the forecast of a phone at `now` to `body`, message by message, from one state of the file.
  ///
  /// Memory stays at the queue's two integers a message. Stops after `limit` messages.
  package func forEachForecast(
    of phone: String, now: Instant, limit: Int? = nil, _ body: (PhoneState, ForecastRow) throws -> Void
  ) throws {
    try read(isRepeatable: false) { session in
      let (state, forecast) = try forecast(session, of: phone, now: now, first: limit)
      let end = min(forecast.count, limit ?? .max)
      for start in stride(from: 0, to: end, by: Forecast.interval) {
        for entry in forecast.entries(start..<min(start + Forecast.interval, end)) {
          let key =
            switch entry.message {
            case .ordinary(let index): forecast.queue.keys[index]
            case .exact(let index): forecast.queue.exactKeys[index]
            }
          var row: ForecastRow?
          try session.each("SELECT id, contact FROM message WHERE key = ?1", [.integer(key)]) {
            row = ForecastRow(entry: entry, messageID: $0.text(0), contact: $0.text(1))
          }
          guard let row else {
            throw StoreError.damaged(
              path: path, reason: "message with key \(key) is in an index, but not in its table")
          }
          try body(state, row)
        }
      }
    }
  }

  /// A forecast of the whole queue, or of so much of it that the first messages of its forecast are those of all.
  private func forecast(
    _ session: any Session, of phone: String, now: Instant, first wanted: Int? = nil
  ) throws -> (PhoneState, Forecast) {
    let key = try Self.phone(session, named: phone).key
    let state = try state(session, key: key, now: now)
    let rules = try rules(for: state, now: now)
    if let wanted, wanted < state.waiting / 2 {
      let queue = try loadQueue(session, phoneKey: key, now: now, first: max(wanted, 1)).queue
      let forecast = Forecast(queue: queue, rules: rules)
      // As long as all of them go out, what was not read of a kind comes after as many of it as are wanted.
      if forecast.sends == forecast.count { return (state, forecast) }
    }
    let queue = try loadQueue(session, phoneKey: key, now: now).queue
    return (state, Forecast(queue: queue, rules: rules))
  }
}
