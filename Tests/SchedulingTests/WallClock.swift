import Foundation
import Synchronization
import Testing

@testable import Scheduling

/// What the wall clock of a zone shows, as Python's `zoneinfo` reads the system's database.
///
/// Every clock change of the years in these tests falls on a whole UTC minute, so what the clock shows
/// at the start of a UTC minute holds for the whole minute.
final class WallClock {
  /// A date as the number 20261224, and the minute of the week after Sunday 00:00.
  struct Reading: Equatable {
    var date: Int
    var minuteOfWeek: Int
  }

  /// Since when, and the offset from UTC, in seconds; in ascending order.
  private let changes: [(since: Int64, offset: Int64)]
  private var days: [Int64: [Reading]] = [:]
  private var dates: [Int64: Int] = [:]

  init(_ identifier: String) throws { changes = try ClockChanges.of(identifier) }

  /// What it shows at the very instant.
  func reading(at instant: Instant) -> Reading {
    let seconds = floorDivide(instant, by: 1000).quotient
    var (low, high) = (0, changes.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if changes[middle].since <= seconds { low = middle } else { high = middle }
    }
    let local = seconds + changes[low].offset
    // 1970-01-01 was a Thursday, and 700,000 weeks keep the dividend positive.
    let week = (floorDivide(local, by: 60).quotient + 4 * 1440 + 700_000 * 10_080) % 10_080
    return Reading(date: date(ofDay: floorDivide(local, by: 86_400).quotient), minuteOfWeek: Int(week))
  }

  func date(at instant: Instant) -> Int { reading(at: instant).date }

  /// The same at the start of each minute of a UTC day; kept.
  func readings(utcDay: Int64) -> [Reading] {
    if let known = days[utcDay] { return known }
    let readings = (0..<Int64(1440)).map { reading(at: (utcDay * 1440 + $0) * .minute) }
    days[utcDay] = readings
    return readings
  }

  /// The date so many days after 1970-01-01, by Foundation's calendar.
  private func date(ofDay day: Int64) -> Int {
    if let known = dates[day] { return known }
    var utc = Calendar(identifier: .gregorian)
    utc.timeZone = .gmt
    let noon = Date(timeIntervalSince1970: Double(day * 86_400 + 43_200))
    let parts = utc.dateComponents([.year, .month, .day], from: noon)
    let date = Self.number(parts.year ?? 0, parts.month ?? 0, parts.day ?? 0)
    dates[day] = date
    return date
  }

  private static func number(_ year: Int, _ month: Int, _ day: Int) -> Int {
    year * 10_000 + month * 100 + day
  }
}

extension CivilDate {
  /// 20261224.
  var number: Int { year * 10_000 + month * 100 + day }
}

/// Weekly windows and exceptions on a wall clock, minute by minute.
struct ReferenceHours {
  let clock: WallClock
  /// For each minute of the week, whether a window holds it; nil for a phone that is always open.
  private let allowed: [Bool]?
  /// For each minute of the day whether it is open, on dates of their own, by the date's number or its last four digits.
  private var exceptions: [Int: [Bool]] = [:]

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
      var minutes = Array(repeating: false, count: 1440)
      for window in exception.windows {
        for minute in window.startMinute..<window.endMinute { minutes[minute] = true }
      }
      switch exception.date {
      case .day(let date): self.exceptions[date.number] = minutes
      case .yearly(let month, let day): self.exceptions[month * 100 + day] = minutes
      }
    }
  }

  func isOpen(_ instant: Instant) -> Bool {
    let reading = clock.reading(at: instant)
    return minutes(of: reading)[reading.minuteOfWeek % 1440]
  }

  /// For each minute of the day, whether it is open on the date of a reading.
  private func minutes(of reading: WallClock.Reading) -> ArraySlice<Bool> {
    guard let allowed else { return Array(repeating: true, count: 1440)[...] }
    if let open = exceptions[reading.date] ?? exceptions[reading.date % 10_000] { return open[...] }
    let day = reading.minuteOfWeek / 1440
    return Array(allowed[day * 1440..<(day + 1) * 1440])[...]
  }

  /// The first open instant at or after `x`, nil if there is none up to and including `limit`.
  func nextOpen(_ x: Instant, limit: Instant) -> Instant? { next(true, x, limit: limit) }

  func nextClosed(_ x: Instant, limit: Instant) -> Instant? { next(false, x, limit: limit) }

  /// The first instant at or after `x` that is open, or closed, on a date that is meant, up to and including
  /// `limit`.
  func next(_ open: Bool, _ x: Instant, limit: Instant, on isMeant: (_ date: Int) -> Bool = { _ in true })
    -> Instant?
  {
    guard x <= limit else { return nil }
    if isOpen(x) == open, isMeant(clock.date(at: x)) { return x }
    // What the clock shows, but for seconds, changes only at whole UTC minutes.
    var minute = floorDivide(x, by: .minute).quotient + 1
    while minute * .minute <= limit {
      let (day, first) = floorDivide(minute, by: 1440)
      let readings = clock.readings(utcDay: day)
      var date = 0
      var minutes: ArraySlice<Bool> = []
      var isDateMeant = false
      for index in Int(first)..<1440 {
        if readings[index].date != date {
          date = readings[index].date
          minutes = self.minutes(of: readings[index])
          isDateMeant = isMeant(date)
        }
        guard isDateMeant, minutes[readings[index].minuteOfWeek % 1440] == open else { continue }
        let found = (day * 1440 + Int64(index)) * .minute
        return found <= limit ? found : nil
      }
      minute = (day + 1) * 1440
    }
    return nil
  }
}

/// The changes of clocks, asked of Python once for each zone.
private enum ClockChanges {
  private static let known = Mutex<[String: [(since: Int64, offset: Int64)]]>([:])

  static func of(_ identifier: String) throws -> [(since: Int64, offset: Int64)] {
    try known.withLock { known in
      if let changes = known[identifier] { return changes }
      let changes = try ask(identifier)
      known[identifier] = changes
      return changes
    }
  }

  private static func ask(_ identifier: String) throws -> [(since: Int64, offset: Int64)] {
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("clock_changes.py")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", script.path, identifier]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let lines = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "Python 3 does not say how the clock of \(identifier) goes")
    return try lines.split(separator: "\n").map { line in
      let words = line.split(separator: " ")
      return (try #require(Int64(words[0])), try #require(Int64(words[1])))
    }
  }
}
