import GRDB
import Scheduling

/// Everything besides its queue that decides when a phone sends.
package struct PhoneState: Equatable, Sendable {
  /// The store's integer for the phone.
  package var key: Int64
  package var phone: Phone
  package var schedule: Schedule?
  /// The phone's latest claim or send.
  package var previous: Instant?
  /// How many messages wait.
  package var waiting: Int

  package var rate: Rate { Rate(messagesPerMinute: phone.messagesPerMinute) }
}

extension Store {
  /// A phone as it stands at `now`, by number or id.
  package func state(of phone: String, now: Instant) throws -> PhoneState {
    try read { db in
      let key = try Self.phone(db, named: phone).key
      return try state(db, key: key, now: now)
    }
  }

  /// All phones by number, with how many messages wait at `now`: enough for a list.
  package func overview(now: Instant) throws -> [(phone: Phone, waiting: Int)] {
    try read { db in
      let lapsed = try Lapsed.waitingCounts(db, now: now)
      let rows = try Row.fetchCursor(
        db, sql: "SELECT \(Phone.columns), waiting, key FROM phone ORDER BY number")
      var phones: [(phone: Phone, waiting: Int)] = []
      while let row = try rows.next() {
        let waiting: Int = row[7]
        phones.append((Phone(row: row), waiting + (lapsed[row[8]] ?? 0)))
      }
      return phones
    }
  }

  /// The rule for a phone at `now`.
  package func rules(for state: PhoneState, now: Instant) throws -> ForecastRules {
    ForecastRules(
      now: now, previous: state.previous, rate: state.rate, hours: try hours(of: state.schedule, now: now))
  }

  /// When a schedule lets its phones send; throws ``StoreError/timeZone(schedule:_:)`` if its clock is not
  /// known: nothing goes out on no clock.
  package func hours(of schedule: Schedule?, now: Instant) throws -> OpenHours {
    guard let schedule, schedule.content.isActive else { return .always }
    do {
      return OpenHours(schedule.content, timeline: try zones.clock(of: schedule.content.timeZone, now: now))
    } catch {
      throw StoreError.timeZone(schedule: schedule.content.name, error)
    }
  }

  func state(_ db: Database, key: Int64, now: Instant) throws -> PhoneState {
    let statement = try db.cachedStatement(sql: "SELECT \(Phone.columns), waiting FROM phone WHERE key = ?")
    guard let row = try Row.fetchOne(statement, arguments: [key]) else {
      throw StoreError.unknownPhone("with key \(key)")
    }
    let phone = Phone(row: row)
    let waiting: Int = row[7]
    let schedule = try phone.scheduleID.flatMap { try Self.schedule(db, id: $0, path: path) }
    let lapsed = try Lapsed.waiting(db, phoneKey: key, attempts: phone.maxSendAttempts, now: now).count
    return PhoneState(
      key: key, phone: phone, schedule: schedule, previous: try Self.previous(db, phoneKey: key),
      waiting: waiting + lapsed)
  }

  /// The instant from which the rate counts: the phone's latest claim or send.
  static func previous(_ db: Database, phoneKey: Int64) throws -> Instant? {
    let sql = "SELECT max(send_time) FROM message WHERE phone_key = ? AND send_time IS NOT NULL"
    return try Int64.fetchOne(db.cachedStatement(sql: sql), arguments: [phoneKey])
  }
}
