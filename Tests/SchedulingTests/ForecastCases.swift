import Foundation
import TestSupport
import Testing

@testable import Scheduling

/// How many times as many random cases as usual are tried: `CASES=20 swift test`.
let caseFactor = ProcessInfo.processInfo.environment["CASES"].flatMap(Int.init) ?? 1

/// A zone with clock changes worth standing near.
struct NastyZone: CustomTestStringConvertible, Sendable {
  var identifier: String
  var moments: [String]

  var testDescription: String { identifier }

  var instants: [Instant] { moments.compactMap { Timestamp.parse($0) } }

  static let all = [
    // Half an hour, two hours.
    NastyZone(identifier: "Australia/Lord_Howe", moments: ["2026-04-04T15:00:00Z", "2026-10-03T15:30:00Z"]),
    NastyZone(identifier: "Antarctica/Troll", moments: ["2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"]),
    // The clock goes back for Ramadan.
    NastyZone(identifier: "Africa/Casablanca", moments: ["2026-02-15T02:00:00Z", "2026-03-22T02:00:00Z"]),
    NastyZone(identifier: "Africa/El_Aaiun", moments: ["2026-02-15T02:00:00Z", "2026-03-22T02:00:00Z"]),
    // 30 December 2011 is missing.
    NastyZone(identifier: "Pacific/Apia", moments: ["2011-12-30T10:00:00Z", "2011-04-02T14:00:00Z"]),
    // Midnight is missing, or comes twice.
    NastyZone(identifier: "America/Sao_Paulo", moments: ["2018-11-04T03:00:00Z", "2019-02-17T02:00:00Z"]),
    NastyZone(identifier: "America/Havana", moments: ["2026-03-08T05:00:00Z", "2026-11-01T05:00:00Z"]),
    NastyZone(identifier: "Asia/Beirut", moments: ["2026-03-28T22:00:00Z", "2026-10-24T21:00:00Z"]),
    NastyZone(identifier: "Africa/Cairo", moments: ["2026-04-23T22:00:00Z", "2026-10-29T21:00:00Z"]),
    NastyZone(identifier: "Asia/Gaza", moments: ["2026-03-28T00:00:00Z", "2026-10-23T23:00:00Z"]),
    // Offsets that are no whole hours.
    NastyZone(identifier: "Pacific/Chatham", moments: ["2026-04-04T14:00:00Z", "2026-09-26T14:00:00Z"]),
    NastyZone(identifier: "Asia/Kathmandu", moments: ["2026-06-06T18:15:00Z"]),
    // Changes that are no daylight saving, or that count it backwards.
    NastyZone(identifier: "America/Nuuk", moments: ["2023-03-26T01:00:00Z", "2024-03-31T01:00:00Z"]),
    NastyZone(identifier: "Asia/Almaty", moments: ["2024-02-29T18:00:00Z"]),
    NastyZone(identifier: "Europe/Dublin", moments: ["2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"]),
    NastyZone(identifier: "America/New_York", moments: ["2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z"]),
    NastyZone(identifier: "Europe/Berlin", moments: ["2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"]),
    NastyZone(identifier: "UTC", moments: ["2026-12-31T00:00:00Z"]),
  ]
}

/// Everything a forecast depends on.
struct ForecastCase: CustomStringConvertible {
  var now: Instant
  var previous: Instant?
  var messagesPerMinute: Int
  var messagesPerDay = 0
  var heldUntil: Instant?
  /// The sends so far by date.
  var sentOn: [CivilDate: Int] = [:]
  /// Nil for a phone that is always open.
  var windows: [Window]?
  var exceptions: [ScheduleException] = []
  var messages: [ReferenceMessage]

  func rules(_ timeline: ZoneTimeline) -> ForecastRules {
    let hours = windows.map { OpenHours(WeekMinutes($0), exceptions: exceptions, timeline: timeline) }
    return ForecastRules(
      now: now, previous: previous, rate: Rate(messagesPerMinute: messagesPerMinute),
      hours: hours ?? OpenHours(alwaysOn: timeline), heldUntil: heldUntil, messagesPerDay: messagesPerDay,
      sentOn: Dictionary(uniqueKeysWithValues: sentOn.map { ($0.key.days, $0.value) }))
  }

  func reference(_ clock: WallClock) -> ReferenceForecast {
    ReferenceForecast(
      now: now, previous: previous, messagesPerMinute: messagesPerMinute, messagesPerDay: messagesPerDay,
      heldUntil: heldUntil,
      sentOn: Dictionary(uniqueKeysWithValues: sentOn.map { ($0.key.number, $0.value) }),
      hours: hours(clock))
  }

  func hours(_ clock: WallClock) -> ReferenceHours {
    ReferenceHours(clock: clock, windows: windows, exceptions: exceptions)
  }

  var description: String {
    """
    now \(Timestamp.utc(now)) previous \(previous.map { Timestamp.utc($0) } ?? "none") \
    held \(heldUntil.map { Timestamp.utc($0) } ?? "no") \(messagesPerMinute)/min \(messagesPerDay)/day \
    after \(sentOn.map { "\($0.key.text): \($0.value)" }) \
    \(windows.map { WindowNotation.text($0) } ?? "always") \(exceptions.map(\.date.text)) \
    \(messages.count) messages
    """
  }
}

extension SeededRandom {
  mutating func pick<T>(_ values: [T]) -> T {
    values[Int.random(in: 0..<values.count, using: &self)]
  }

  mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &self) == 0 }

  /// An instant near another: the same, a millisecond or a minute off, or within some hours.
  mutating func near(_ instant: Instant, within reach: Duration) -> Instant {
    switch Int.random(in: 0..<6, using: &self) {
    case 0: instant
    case 1: instant + pick([-1, 1])
    case 2: instant + pick([-1, 1]) * .minute
    case 3: instant + Int64.random(in: -reach...reach, using: &self)
    default: instant + Int64.random(in: -reach / .minute...reach / .minute, using: &self) * .minute
    }
  }

  /// A phone and its queue near a moment.
  mutating func forecastCase(near moment: Instant) -> ForecastCase {
    let now = near(moment - pick([0, 0, .hour, .day, 3 * .day]), within: 5 * .hour)
    let windows: [Window]? = chance(8) ? nil : caseWindows()
    // Few messages where each may have to wait for a week.
    let openMinutes = windows.map { WeekMinutes($0).total } ?? WeekMinutes.count
    let limit = openMinutes < 60 ? 4 : pick([0, 1, 3, 12, 40])
    let queue = messages(upTo: limit, now: now, moment: moment)
    let previous: Instant? =
      switch Int.random(in: 0..<4, using: &self) {
      case 0: nil
      case 1: now
      case 2: now - Int64.random(in: 0...2 * .minute, using: &self)
      default: now + Int64.random(in: 0...pick([2 * .minute, .day]), using: &self)
      }
    var phone = ForecastCase(
      now: now, previous: previous, messagesPerMinute: pick([0, 1, 1, 7, 59, 60_000, 100_000]),
      windows: windows, messages: queue)
    if chance(2) { addDates(to: &phone, near: moment) }
    if chance(3) { addHold(to: &phone, near: moment) }
    if chance(2) { addDayLimit(to: &phone, near: moment) }
    if chance(2) { addExpiries(to: &phone.messages, now: now, moment: moment) }
    return phone
  }

  private mutating func addHold(to phone: inout ForecastCase, near moment: Instant) {
    phone.heldUntil = pick([
      phone.now, phone.now + 1, moment, near(moment, within: .day), phone.now + .horizon,
      phone.now + .horizon + 1, .untilReleased,
    ])
  }

  private mutating func addDayLimit(to phone: inout ForecastCase, near moment: Instant) {
    phone.messagesPerDay = pick([1, 2, 3, 10])
    for _ in 0..<Int.random(in: 0...3, using: &self) {
      let day = CivilDate(local: phone.now + Int64.random(in: -2...1, using: &self) * .day)
      phone.sentOn[day] = Int.random(in: 0...phone.messagesPerDay + 1, using: &self)
    }
  }

  /// Exceptions of the dates around a moment, of its days in other years, and of every year.
  private mutating func addDates(to phone: inout ForecastCase, near moment: Instant) {
    phone.exceptions = exceptions(near: moment)
  }

  mutating func exceptions(near moment: Instant) -> [ScheduleException] {
    var dates: Set<ExceptionDate> = []
    for _ in 0..<Int.random(in: 1...12, using: &self) {
      let date = CivilDate(local: moment + Int64.random(in: -3...pick([3, 30]), using: &self) * .day)
      dates.insert(chance(3) ? .yearly(month: date.month, day: date.day) : .day(date))
    }
    return dates.sorted().map { date in
      let windows = chance(2) ? [] : self.windows().filter { $0.day == 0 }
      return ScheduleException(
        date: date, windows: windows.map { DayWindow(startMinute: $0.startMinute, endMinute: $0.endMinute) })
    }
  }

  private mutating func addExpiries(
    to messages: inout [ReferenceMessage], now: Instant, moment: Instant
  ) {
    let one = pick([1, 2, 5])
    for index in messages.indices where chance(one) {
      let ready = messages[index].ready
      messages[index].expiresAt = pick([
        ready, ready + .minute, max(now, ready),
        max(now, ready) + Int64.random(in: 0...(.hour), using: &self),
        near(moment, within: .day), max(now, ready) + Int64.random(in: 0...3 * .day, using: &self),
        now + .horizon, now + .horizon + .day, now - 1,
      ])
    }
  }

  private mutating func caseWindows() -> [Window] {
    switch Int.random(in: 0..<8, using: &self) {
    case 0: return (0..<7).map { Window(day: $0, startMinute: 0, endMinute: 1440) }
    case 1:
      let minute = Int.random(in: 0..<1440, using: &self)
      return [Window(day: Int.random(in: 0..<7, using: &self), startMinute: minute, endMinute: minute + 1)]
    case 2:
      // Each night, across midnight and the hours in which clocks change.
      return (0..<7).flatMap {
        [
          Window(day: $0, startMinute: 1380, endMinute: 1440),
          Window(day: $0, startMinute: 0, endMinute: 150),
        ]
      }
    case 3:
      // Every other minute of the night.
      return (0..<7).flatMap { day in
        (0..<120).map { Window(day: day, startMinute: $0 * 2, endMinute: $0 * 2 + 1) }
      }
    default: return windows()
    }
  }

  private mutating func messages(upTo limit: Int, now: Instant, moment: Instant) -> [ReferenceMessage] {
    let horizon = now + .horizon
    let sameTimes = (0..<3).map { _ in near(moment, within: 4 * .hour) }
    let exactness = pick([2, 4, 20])
    let distance = pick([4, 40])
    return (0..<(limit == 0 ? 0 : Int.random(in: 1...limit, using: &self))).map { id in
      let queuedAt =
        chance(12) ? near(moment, within: .day) : now - Int64.random(in: 0...3, using: &self) * .minute
      let sendAt: Instant? =
        switch Int.random(in: 0..<6, using: &self) {
        case 0, 1: nil
        case 2: now - Int64.random(in: 0...(.day), using: &self)
        case 3: pick(sameTimes)
        case 4: near(moment, within: .day)
        default:
          chance(distance)
            ? pick([horizon, horizon + 1, horizon - 1, horizon - .hour, 253_402_300_799_999]) : now
        }
      let retryAt = chance(10) ? near(moment, within: .day) : nil
      return ReferenceMessage(
        id: Int64(id), queuedAt: queuedAt, sendAt: sendAt, retryAt: retryAt, isExact: chance(exactness))
    }
  }
}
