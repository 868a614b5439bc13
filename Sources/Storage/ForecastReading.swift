import GRDB
import GRDBSQLite
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
    try read { db in try forecast(db, of: phone, now: now) }
  }

  /// Hands the forecast of a phone at `now` to `body`, message by message, from one state of the file.
  ///
  /// Memory stays at the queue's two integers a message. Stops after `limit` messages.
  package func forEachForecast(
    of phone: String, now: Instant, limit: Int? = nil, _ body: (PhoneState, ForecastRow) throws -> Void
  ) throws {
    try read { db in
      let (state, forecast) = try forecast(db, of: phone, now: now)
      let texts = try MessageTexts(db)
      let end = min(forecast.count, limit ?? .max)
      for start in stride(from: 0, to: end, by: Forecast.interval) {
        for entry in forecast.entries(start..<min(start + Forecast.interval, end)) {
          let key =
            switch entry.message {
            case .ordinary(let index): forecast.queue.keys[index]
            case .exact(let index): forecast.queue.exactKeys[index]
            }
          let (id, contact) = try texts.find(key)
          try body(state, ForecastRow(entry: entry, messageID: id, contact: contact))
        }
      }
    }
  }

  private func forecast(_ db: Database, of phone: String, now: Instant) throws -> (PhoneState, Forecast) {
    let key = try Self.phone(db, named: phone).key
    let state = try state(db, key: key, now: now)
    let queue = try loadQueue(db, phoneKey: key, now: now).queue
    return (state, Forecast(queue: queue, rules: try rules(for: state, now: now)))
  }
}

/// Finds the texts of single messages, with nothing between SQLite and the strings.
private struct MessageTexts {
  private let statement: Statement
  private let db: Database

  init(_ db: Database) throws {
    self.db = db
    statement = try db.makeStatement(sql: "SELECT id, contact FROM message WHERE key = ?")
  }

  func find(_ key: Int64) throws -> (id: String, contact: String) {
    let handle = statement.sqliteStatement
    sqlite3_bind_int64(handle, 1, key)
    defer { sqlite3_reset(handle) }
    guard sqlite3_step(handle) == SQLITE_ROW else {
      throw DatabaseError(
        resultCode: .SQLITE_CORRUPT, message: "a message is in an index, but not in its table")
    }
    return (text(0), text(1))
  }

  private func text(_ column: Int32) -> String {
    let handle = statement.sqliteStatement
    let bytes = UnsafeBufferPointer(
      start: sqlite3_column_text(handle, column), count: Int(sqlite3_column_bytes(handle, column)))
    return String(decoding: bytes, as: UTF8.self)
  }
}
