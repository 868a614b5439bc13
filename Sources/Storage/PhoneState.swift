import GRDB
import Scheduling
import Synchronization

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

  /// When a schedule lets its phones send; throws ``StoreError/damaged(path:reason:)`` for an unknown zone.
  package func hours(of schedule: Schedule?, now: Instant) throws -> OpenHours {
    guard let schedule, schedule.content.isActive else { return .always }
    guard let timeline = timelines.timeline(schedule.content.timeZone, now: now) else {
      throw StoreError.damaged(
        path: path, reason: "schedule \(schedule.id) has the unknown time zone \(schedule.content.timeZone)")
    }
    return OpenHours(schedule.content, timeline: timeline)
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

/// Time lines of time zones, made once for the days around an instant.
final class TimelineCache: Sendable {
  private struct Entry {
    var madeAt: Instant
    var timeline: ZoneTimeline?
  }

  private let entries = Mutex<[String: Entry]>([:])

  /// The time line of a zone that serves forecasts at `now`; nil for an unknown zone.
  func timeline(_ zone: String, now: Instant) -> ZoneTimeline? {
    entries.withLock { entries in
      // A time line reaches a year back and a month beyond the horizon of when it was made.
      if let entry = entries[zone], (0..<30 * Duration.day).contains(now - entry.madeAt) {
        return entry.timeline
      }
      let timeline = ZoneTimeline(identifier: zone, around: now)
      entries[zone] = Entry(madeAt: now, timeline: timeline)
      return timeline
    }
  }
}
