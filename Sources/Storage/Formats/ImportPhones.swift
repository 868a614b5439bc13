import GRDB
import Scheduling

/// The phones of the database, found by number, with what an import changes in their queues.
struct ImportPhones {
  struct Entry {
    let key: Int64
    /// The clock on which the local times of its CSV rows stand: its schedule's, or UTC.
    let timeZone: String?
    let scheduleName: String
    /// How many messages more wait.
    var waiting = 0
    /// Whether more happened than that messages were added to the queue.
    var needsReload = false
  }

  private(set) var entries: [Entry] = []
  private var places: [PhoneDigits: Int] = [:]
  /// Places by key, once they are asked for.
  private var keys: [Int64: Int] = [:]
  private var clocks: [String: ZoneTimeline] = [:]
  private var last: (digits: PhoneDigits, place: Int)?

  private let zones: any TimeZoneSource

  init(_ db: Database, zones: any TimeZoneSource) throws {
    self.zones = zones
    let sql =
      "SELECT p.key, p.number, s.time_zone, s.name FROM phone p LEFT JOIN schedule s ON s.id = p.schedule_id"
    let rows = try Row.fetchCursor(db, sql: sql)
    while let row = try rows.next() {
      guard let digits = PhoneDigits(row[1] as String) else { continue }
      places[digits] = entries.count
      entries.append(Entry(key: row[0], timeZone: row[2], scheduleName: row[3] ?? ""))
    }
  }

  /// The place of a phone in `entries`; nil if there is none with this number.
  mutating func place(of digits: PhoneDigits) -> Int? {
    if let last, last.digits == digits { return last.place }
    guard let place = places[digits] else { return nil }
    last = (digits, place)
    return place
  }

  /// The place of the phone with a key.
  mutating func place(ofKey key: Int64) -> Int? {
    if keys.isEmpty {
      keys = Dictionary(uniqueKeysWithValues: entries.enumerated().map { ($1.key, $0) })
    }
    return keys[key]
  }

  /// Notes that a message came, or changed, and by how many the waiting ones grew.
  @inline(__always)
  mutating func note(_ place: Int, waiting: Int, needsReload: Bool) {
    entries[place].waiting += waiting
    if needsReload { entries[place].needsReload = true }
  }

  /// The instant at which the clock of a phone's schedule shows a local time.
  mutating func instant(local: Int64, of place: Int) throws -> Instant {
    guard let zone = entries[place].timeZone else { return local }
    if let clock = clocks[zone] { return clock.instant(local: local) }
    do {
      // Clocks are reckoned until 2105; from then on the last offset goes on.
      let clock = try zones.clock(of: zone, now: 4_102_444_800_000)
      clocks[zone] = clock
      return clock.instant(local: local)
    } catch {
      throw StoreError.timeZone(schedule: entries[place].scheduleName, error)
    }
  }

  /// Writes what changed.
  func save(_ session: any Session, _ messages: borrowing ImportMessages) throws {
    for (key, number) in messages.numbers.last {
      try session.run(
        "UPDATE phone SET last_number = ?2 WHERE key = ?1", [.integer(key), .integer(number)])
    }
    for entry in entries where entry.needsReload || messages.numbers.last[entry.key] != nil {
      try QueueCounts.recount(session, phoneKey: entry.key)
    }
  }
}
