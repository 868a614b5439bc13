import Foundation

@testable import Scheduling

/// What the wall clock of a zone shows, asked of Foundation instant by instant.
///
/// Every clock change of the years in these tests falls on a whole UTC minute, so what the clock shows
/// at the start of a UTC minute holds for the whole minute; ``reading(at:)`` does not rely on it.
final class WallClock {
  /// A date as `2026-12-24`, and the minute of the week after Sunday 00:00.
  struct Reading: Equatable {
    var date: String
    var minuteOfWeek: Int
  }

  let zone: TimeZone
  private let calendar: Calendar
  private var days: [Int64: [Reading]] = [:]
  private var names: [Int64: String] = [:]

  init(_ identifier: String) {
    zone = TimeZone(identifier: identifier) ?? .gmt
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = zone
    self.calendar = calendar
  }

  /// What it shows at the very instant, as a calendar has it.
  func reading(at instant: Instant) -> Reading {
    let date = Date(timeIntervalSince1970: Double(instant) / 1000)
    let parts = calendar.dateComponents([.year, .month, .day, .weekday, .hour, .minute], from: date)
    let minute = ((parts.weekday ?? 1) - 1) * 1440 + (parts.hour ?? 0) * 60 + (parts.minute ?? 0)
    return Reading(date: Self.text(parts.year ?? 0, parts.month ?? 0, parts.day ?? 0), minuteOfWeek: minute)
  }

  func date(at instant: Instant) -> String { reading(at: instant).date }

  /// The same at the start of each minute of a UTC day, from the zone's offset at each; kept.
  func readings(utcDay: Int64) -> [Reading] {
    if let known = days[utcDay] { return known }
    let readings = (0..<Int64(1440)).map { minute in
      let seconds = utcDay * 86_400 + minute * 60
      let offset = zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds)))
      let local = seconds + Int64(offset)
      // 1970-01-01 was a Thursday, and 700,000 weeks keep the dividend positive.
      let week = (local / 60 + 4 * 1440 + 700_000 * 10_080) % 10_080
      return Reading(date: name(of: (local + 700_000 * 86_400) / 86_400 - 700_000), minuteOfWeek: Int(week))
    }
    days[utcDay] = readings
    return readings
  }

  /// The date so many days after 1970-01-01, by Foundation's calendar.
  private func name(of day: Int64) -> String {
    if let known = names[day] { return known }
    var utc = Calendar(identifier: .gregorian)
    utc.timeZone = .gmt
    let noon = Date(timeIntervalSince1970: Double(day * 86_400 + 43_200))
    let parts = utc.dateComponents([.year, .month, .day], from: noon)
    let name = Self.text(parts.year ?? 0, parts.month ?? 0, parts.day ?? 0)
    names[day] = name
    return name
  }

  private static func text(_ year: Int, _ month: Int, _ day: Int) -> String {
    String(format: "%04d-%02d-%02d", year, month, day)
  }
}

/// Weekly windows and exceptions on a wall clock, minute by minute.
struct ReferenceHours {
  let clock: WallClock
  /// For each minute of the week, whether a window holds it; nil for a phone that is always open.
  private let allowed: [Bool]?
  /// The minutes of the day that are open on dates of their own, by the date's text or its last six characters.
  private var exceptions: [String: Set<Int>] = [:]

  init(clock: WallClock, windows: [Window]?, exceptions: [ScheduleException] = []) {
    self.clock = clock
    allowed = windows.map { windows in
      var allowed = Array(repeating: false, count: 7 * 1440)
      for window in windows {
        for minute in window.startMinute..<window.endMinute { allowed[window.day * 1440 + minute] = true }
      }
      return allowed
    }
    for exception in exceptions {
      // `--12-25` stands for every date that ends in `-12-25`.
      let key = exception.date.text.replacingOccurrences(of: "--", with: "-")
      self.exceptions[key] = Set(exception.windows.flatMap { $0.startMinute..<$0.endMinute })
    }
  }

  func isOpen(_ instant: Instant) -> Bool { isOpen(clock.reading(at: instant)) }

  private func isOpen(_ reading: WallClock.Reading) -> Bool {
    guard let allowed else { return true }
    if !exceptions.isEmpty,
      let minutes = exceptions[reading.date] ?? exceptions[String(reading.date.suffix(6))]
    {
      return minutes.contains(reading.minuteOfWeek % 1440)
    }
    return allowed[reading.minuteOfWeek]
  }

  /// The first open instant at or after `x`, nil if there is none up to and including `limit`.
  func nextOpen(_ x: Instant, limit: Instant) -> Instant? { next(x, limit: limit) { isOpen, _ in isOpen } }

  func nextClosed(_ x: Instant, limit: Instant) -> Instant? { next(x, limit: limit) { isOpen, _ in !isOpen } }

  /// The first instant at or after `x` that is as it is asked for, up to and including `limit`.
  func next(_ x: Instant, limit: Instant, where isMeant: (_ isOpen: Bool, _ date: String) -> Bool) -> Instant?
  {
    guard x <= limit else { return nil }
    if isMeant(isOpen(x), clock.date(at: x)) { return x }
    // What the clock shows, but for seconds, changes only at whole UTC minutes.
    var minute = floorDivide(x, by: .minute).quotient + 1
    while minute * .minute <= limit {
      let (day, first) = floorDivide(minute, by: 1440)
      let readings = clock.readings(utcDay: day)
      for index in Int(first)..<1440 where isMeant(isOpen(readings[index]), readings[index].date) {
        let found = (day * 1440 + Int64(index)) * .minute
        return found <= limit ? found : nil
      }
      minute = (day + 1) * 1440
    }
    return nil
  }
}
