import Foundation

@testable import Scheduling

/// What the wall clock of a zone shows, asked of Foundation instant by instant.
///
/// Every clock change of the years in these tests falls on a whole UTC minute, so the minute of the week
/// at the start of a UTC minute is that of the whole minute; ``minuteOfWeek(at:)`` does not rely on it.
final class WallClock {
  let zone: TimeZone
  private let calendar: Calendar
  private var days: [Int64: [Int16]] = [:]

  init(_ identifier: String) {
    zone = TimeZone(identifier: identifier) ?? .gmt
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = zone
    self.calendar = calendar
  }

  /// Minutes after Sunday 00:00 on the wall clock, at the very instant, as a calendar shows it.
  func minuteOfWeek(at instant: Instant) -> Int {
    let date = Date(timeIntervalSince1970: Double(instant) / 1000)
    let parts = calendar.dateComponents([.weekday, .hour, .minute], from: date)
    return ((parts.weekday ?? 1) - 1) * 1440 + (parts.hour ?? 0) * 60 + (parts.minute ?? 0)
  }

  /// The same at the start of each minute of a UTC day, from the zone's offset at each; kept.
  func minutesOfWeek(utcDay: Int64) -> [Int16] {
    if let known = days[utcDay] { return known }
    let minutes = (0..<Int64(1440)).map { minute in
      let seconds = utcDay * 86_400 + minute * 60
      let offset = zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds)))
      let local = seconds + Int64(offset)
      // 1970-01-01 was a Thursday, and 700,000 weeks keep the dividend positive.
      return Int16((local / 60 + 4 * 1440 + 700_000 * 10_080) % 10_080)
    }
    days[utcDay] = minutes
    return minutes
  }
}

/// Weekly windows on a wall clock, minute by minute.
struct ReferenceHours {
  let clock: WallClock
  /// For each minute of the week, whether a window holds it; nil for a phone that is always open.
  let allowed: [Bool]?

  init(clock: WallClock, windows: [Window]?) {
    self.clock = clock
    allowed = windows.map { windows in
      var allowed = Array(repeating: false, count: 7 * 1440)
      for window in windows {
        for minute in window.startMinute..<window.endMinute { allowed[window.day * 1440 + minute] = true }
      }
      return allowed
    }
  }

  func isOpen(_ instant: Instant) -> Bool {
    guard let allowed else { return true }
    return allowed[clock.minuteOfWeek(at: instant)]
  }

  /// The first open instant at or after `x`, nil if there is none up to and including `limit`.
  func nextOpen(_ x: Instant, limit: Instant) -> Instant? { next(true, x, limit: limit) }

  /// The first instant at or after `x` that is open, or closed, up to and including `limit`.
  func next(_ open: Bool, _ x: Instant, limit: Instant) -> Instant? {
    guard x <= limit else { return nil }
    if isOpen(x) == open { return x }
    guard let allowed else { return nil }
    // Open and closed change only where the wall clock's minute does: at whole UTC minutes.
    var minute = floorDivide(x, by: .minute).quotient + 1
    while minute * .minute <= limit {
      let (day, first) = floorDivide(minute, by: 1440)
      let wall = clock.minutesOfWeek(utcDay: day)
      for index in Int(first)..<1440 where allowed[Int(wall[index])] == open {
        let found = (day * 1440 + Int64(index)) * .minute
        return found <= limit ? found : nil
      }
      minute = (day + 1) * 1440
    }
    return nil
  }
}
