import Foundation
import Scheduling
import TimeZones

/// How long a forecast takes for queues of different sizes, beside ``MessageByMessage`` in the same run.
enum ForecastBenchmark {
  /// A Friday, so that queues run over a weekend and, when long, over clock changes.
  private static let now: Instant = 1_774_602_000_000  // 2026-03-27T09:00:00Z
  private static let zone = "Europe/Berlin"
  /// Monday to Friday, 9 to 17 with an hour's break.
  private static let officeHours = (1...5).flatMap {
    [Window(day: $0, startMinute: 540, endMinute: 720), Window(day: $0, startMinute: 780, endMinute: 1020)]
  }

  private struct Kind {
    var name: String
    var windows: [Window]
    var ready: (Int) -> [Instant]
  }

  static func run(_ arguments: [String]) throws {
    let kinds = [
      Kind(name: "always open, all ready", windows: [], ready: allReady),
      Kind(name: "always open, ready over 90 days", windows: [], ready: overMonths),
      Kind(name: "office hours, all ready", windows: officeHours, ready: allReady),
      Kind(name: "office hours, ready over 90 days", windows: officeHours, ready: overMonths),
    ]
    let sizes = arguments.compactMap { Int($0) }
    for kind in kinds {
      let baseline = baselineTime(kind, count: 10_000)
      print("\(kind.name); message by message \(nanoseconds(baseline)) a message (10,000 messages)")
      for size in sizes.isEmpty ? [1_000, 10_000, 100_000, 1_000_000, 10_000_000] : sizes {
        let time = forecastTime(kind, count: size)
        print("  \(grouped(size, width: 11)) \(nanoseconds(time)) a message   \(ratio(baseline / time))")
      }
    }
    measureExact()
    measureDates()
    measureWeek()
    measureTimeline()
  }

  /// Nanoseconds a message of a forecast from nothing: the fastest of some runs.
  private static func forecastTime(_ kind: Kind, count: Int) -> Double {
    let queue = SendQueue(keys: Array(0..<Int64(count)), ready: kind.ready(count))
    let rules = rules(kind.windows)
    return fastest(of: max(5, min(2_000, 5_000_000 / count))) {
      sink(Forecast(queue: queue, rules: rules).lastSendAt)
    }
      / Double(count)
  }

  /// The same with the algorithm of the field.
  private static func baselineTime(_ kind: Kind, count: Int) -> Double {
    let ready = kind.ready(count)
    let algorithm = MessageByMessage(windows: kind.windows, zone: zone, messagesPerMinute: 60)
    return fastest(of: 3) { sink(algorithm.lastSend(ready: ready, now: now)) } / Double(count)
  }

  private static func rules(_ windows: [Window]) -> ForecastRules {
    let timeline = windows.isEmpty ? nil : TimeZoneDatabase.system.timeline(zone, now: now)
    let hours = timeline.map { OpenHours(WeekMinutes(windows), timeline: $0) } ?? .always
    return ForecastRules(now: now, previous: nil, rate: Rate(messagesPerMinute: 60), hours: hours)
  }

  private static func allReady(_ count: Int) -> [Instant] { Array(repeating: now - .hour, count: count) }

  private static func overMonths(_ count: Int) -> [Instant] {
    var state: UInt64 = 1
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return now + Int64(state >> 33) * (90 * .day) >> 31
    }.sorted()
  }

  /// Exact messages in between, which the pass has to stop at.
  private static func measureExact() {
    let ready = overMonths(1_000_000)
    let exact = stride(from: 0, to: ready.count, by: 10).map { ready[$0] }
    let queue = SendQueue(
      keys: Array(0..<1_000_000), ready: ready, exactKeys: Array(0..<Int64(exact.count)), exactReady: exact)
    let rules = rules(officeHours)
    let time = fastest(of: 5) { sink(Forecast(queue: queue, rules: rules).lastSendAt) } / Double(queue.count)
    print("office hours, ready over 90 days, 100,000 exact among 1,000,000: \(nanoseconds(time)) a message")
  }

  /// Exceptions, a day's limit and expiries, alone and together.
  private static func measureDates() {
    let count = 1_000_000
    let timeline = TimeZoneDatabase.system.timeline(zone, now: now) ?? .utc
    for (name, ready) in [("all ready", allReady(count)), ("ready over 90 days", overMonths(count))] {
      let plain = SendQueue(keys: Array(0..<Int64(count)), ready: ready)
      var expiring = plain
      // Every tenth message, which would wait too long where the queue is behind.
      expiring.expires = ready.indices.map { $0 % 10 == 0 ? ready[$0] + 2 * .hour : .max }
      let hours = OpenHours(WeekMinutes(officeHours), timeline: timeline)
      let dates = OpenHours(WeekMinutes(officeHours), exceptions: thousandExceptions(), timeline: timeline)
      print("office hours, \(name), 1,000,000 messages")
      let kinds: [(String, SendQueue, OpenHours, Int)] = [
        ("1,000 exceptions", plain, dates, 0), ("20,000 a day", plain, hours, 20_000),
        ("a tenth expires", expiring, hours, 0), ("all three", expiring, dates, 20_000),
      ]
      for (kind, queue, hours, perDay) in kinds {
        let time = time(queue, hours, perDay: perDay)
        print("  \(kind): \(nanoseconds(time)) a message")
      }
    }
  }

  private static func time(_ queue: SendQueue, _ hours: OpenHours, perDay: Int) -> Double {
    let rules = ForecastRules(
      now: now, previous: nil, rate: Rate(messagesPerMinute: 60), hours: hours, messagesPerDay: perDay)
    return fastest(of: 15) { sink(Forecast(queue: queue, rules: rules).lastSendAt) } / Double(queue.count)
  }

  /// Every other day of five years and a half: closed, or open for two hours.
  private static func thousandExceptions() -> [ScheduleException] {
    (0..<1_000).map { index in
      let date = CivilDate(local: now + Int64(2 * index) * .day)
      let windows = index % 2 == 0 ? [] : [DayWindow(startMinute: 600, endMinute: 720)]
      return ScheduleException(date: .day(date), windows: windows)
    }
  }

  /// The heat map of one week in a forecast of a million messages.
  private static func measureWeek() {
    let queue = SendQueue(keys: Array(0..<1_000_000), ready: allReady(1_000_000))
    let forecast = Forecast(queue: queue, rules: rules(officeHours))
    let edges = (0...336).map { now + 4 * .week + Int64($0) * 30 * .minute }
    var sum = 0
    let time = fastest(of: 200) { sum = forecast.counts(between: edges).reduce(0, +) }
    print(
      "a week's counts in 336 slots, of a million: \(Int(time / 1000)) µs (\(grouped(sum, width: 0)) sends)")
  }

  private static func measureTimeline() {
    for name in ["Europe/Berlin", "Africa/Casablanca", "Asia/Kathmandu", "UTC"] {
      let first = fastest(of: 1) { sink(TimeZoneDatabase.system.offset(of: name, at: now)) }
      let again = fastest(of: 50) { sink(TimeZoneDatabase.system.offset(of: name, at: now)) }
      print("clock of \(name): \(Int(first / 1000)) µs the first time, then \(Int(again / 1000)) µs")
    }
  }

  /// Nanoseconds of the fastest of some runs.
  private static func fastest(of runs: Int, _ body: () -> Void) -> Double {
    let clock = ContinuousClock()
    let best = (0..<runs).map { _ in clock.measure(body) }.min() ?? .zero
    return Double(best.components.attoseconds) / 1e9 + Double(best.components.seconds) * 1e9
  }

  /// Keeps the optimizer from leaving out what was computed.
  @inline(never)
  private static func sink(_ value: Instant?) { if value == .min { print("") } }

  private static func nanoseconds(_ value: Double) -> String { String(format: "%9.2f ns", value) }
  private static func ratio(_ value: Double) -> String { grouped(Int(value), width: 9) + " times as fast" }

  /// A number with its thousands apart, on the right of `width` columns.
  private static func grouped(_ value: Int, width: Int) -> String {
    var text = ""
    for (index, digit) in String(value).reversed().enumerated() {
      if index > 0, index % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return String(repeating: " ", count: max(0, width - text.count)) + String(text.reversed())
  }
}
