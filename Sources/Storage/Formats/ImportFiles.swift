import Formats
import Scheduling

/// The files of an import, told apart, with what they say of phones and schedules, which are few.
///
/// Nothing of this needs the database. The messages are read when they are staged.
package struct ImportFiles {
  let inputs: [ImportInput]
  private let formats: [ImportFormat]

  /// Throws ``ImportProblem``, or what a monitor throws.
  package init(_ inputs: [ImportInput]) throws {
    self.inputs = inputs
    formats = try inputs.map { try ImportFormat.of($0) }
  }

  /// The places of the files of one format among all.
  func places(of format: ImportFormat) -> [Int] { inputs.indices.filter { formats[$0] == format } }
}

/// The clocks on which the local times of CSV rows stand: those that the phones have once the import is done.
struct ImportClocks {
  private let source: any TimeZoneSource
  /// Time zones by schedule, and schedules by phone.
  private var zones: [String: String] = [:]
  private var schedules: [String: String] = [:]
  private var numbers: [String: String] = [:]
  /// Clocks, and until when they are known.
  private var timelines: [String: (timeline: ZoneTimeline, until: Instant)] = [:]
  /// The time zone of each phone that the import relied on; an inner nil for none.
  private(set) var used: [String: String?] = [:]
  private(set) var isEmpty = true

  init(_ session: any Session, zones source: any TimeZoneSource) throws {
    self.source = source
    try session.each("SELECT id, time_zone FROM schedule") { zones[$0.text(0)] = $0.text(1) }
    try session.each("SELECT id, number, schedule_id FROM phone") { row in
      numbers[row.text(0)] = row.text(1)
      schedules[row.text(1)] = row.optionalText(2)
    }
    known = Set(numbers.values)
  }

  private var known: Set<String> = []

  mutating func note(_ schedule: ScheduleRecord) { zones[schedule.id] = schedule.timeZone }

  mutating func note(_ phone: PhoneRecord) {
    let before = numbers[phone.id]
    let kept = before.flatMap { schedules[$0] } ?? schedules[phone.number]
    if let before, before != phone.number {
      known.remove(before)
      schedules[before] = nil
    }
    numbers[phone.id] = phone.number
    known.insert(phone.number)
    schedules[phone.number] = phone.scheduleID ?? kept
  }

  func isKnown(_ number: String) -> Bool { known.contains(number) }

  /// The instant at which a phone's clock shows a local time.
  mutating func instant(local: Int64, of number: String) throws -> Instant {
    let zone = schedules[number].flatMap { zones[$0] }
    used[number] = .some(zone)
    guard let zone else { return local }
    if let (timeline, until) = timelines[zone], local < until { return timeline.instant(local: local) }
    do {
      let timeline = try source.clock(of: zone, now: local)
      timelines[zone] = (timeline, local + .horizon)
      return timeline.instant(local: local)
    } catch {
      throw StoreError.timeZone(schedule: schedules[number] ?? "", error)
    }
  }

  /// The instant that a row's moment names; nil for none. Throws the reader's complaint about one out of range.
  mutating func instant(
    _ moment: CSVMessage.Moment, of number: String, _ column: String, _ reader: borrowing CSVMessageReader
  ) throws -> Instant? {
    let found: Instant
    switch moment {
    case .none: return nil
    case .instant(let value): found = value
    case .local(let local): found = try instant(local: local, of: number)
    }
    guard Instant.storable.contains(found) else {
      throw reader.problem(column, "a time within the years 1 to 9999", found: nil)
    }
    return found
  }

  /// Whether the phones still have the time zones that the import relied on.
  func areCurrent(_ session: any Session) throws -> Bool {
    for (number, zone) in used {
      let sql =
        "SELECT s.time_zone FROM phone p LEFT JOIN schedule s ON s.id = p.schedule_id WHERE p.number = ?1"
      if try session.text(sql, [.text(number)]) != zone { return false }
    }
    return true
  }
}
