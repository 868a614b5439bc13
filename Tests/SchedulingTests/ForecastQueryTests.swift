import TestSupport
import Testing

@testable import Scheduling

/// Looking into a forecast of thousands, so that bookmarks matter, against the list of all its entries.
@Suite struct ForecastQueryTests {
  private static let now: Instant = 1_774_700_000_000

  private func longQueue(_ random: inout SeededRandom) -> SendQueue {
    let now = Self.now
    let spread = random.pick([1, .minute, .day, 30 * .day, 3 * .horizon])
    let count = random.pick([1, 1023, 1024, 1025, 2048, 3000, 5000])
    let exactness = random.pick([2, 10, 500, 1_000_000])
    let mostlyExactNow = random.chance(3)
    let expiry = random.pick([2, 10, 1_000_000])
    let patience = random.pick([.hour, .day, 3 * .horizon])
    let messages = (0..<count).map { id in
      let isExact = random.chance(exactness)
      let ready =
        isExact && mostlyExactNow ? now - 5 : now + Int64.random(in: -spread / 4...spread, using: &random)
      let expiresAt = random.chance(expiry) ? ready + Int64.random(in: 0...patience, using: &random) : nil
      return ReferenceMessage(id: Int64(id), queuedAt: ready, expiresAt: expiresAt, isExact: isExact)
    }
    return SendQueue(messages)
  }

  private func longForecast(_ random: inout SeededRandom) throws -> Forecast {
    let now = Self.now
    let timeline = try #require(ZoneTimeline(identifier: "Europe/Berlin", around: now))
    let exceptions = random.chance(2) ? [] : random.exceptions(near: now)
    let hours: OpenHours =
      random.chance(3)
      ? .always : OpenHours(WeekMinutes(random.windows()), exceptions: exceptions, timeline: timeline)
    let previous: Instant? = random.pick([nil, now - 1, now + .day, now + 2 * .horizon])
    let rate = random.pick([0, 1, 1, 7, 60, 60_000])
    return Forecast(
      queue: longQueue(&random),
      rules: ForecastRules(
        now: now, previous: previous, rate: Rate(messagesPerMinute: rate), hours: hours,
        heldUntil: random.chance(4) ? now + random.pick([.hour, .week, 2 * .horizon]) : nil,
        messagesPerDay: random.chance(2) ? 0 : random.pick([1, 50, 1_000])),
      spacing: random.pick([1, 100, 1024, 1024, 1700]))
  }

  @Test func longWaitsAreThoseOfEachMessage() throws {
    var random = SeededRandom(seed: 8)
    for _ in 0..<40 * caseFactor {
      let forecast = try longForecast(&random)
      let waits = forecast.entries(0..<forecast.count).compactMap { entry in
        entry.sendAt.map { $0 - entry.readyAt }
      }
      for length: Scheduling.Duration in [0, .minute, .day, random.pick(waits + [.hour])] {
        let found = forecast.longWaits(over: length)
        #expect(found.count == waits.count { $0 > length })
        #expect(found.longest == max(0, waits.max() ?? 0))
      }
    }
  }

  @Test func movedAreThoseWhoseTimesDiffer() throws {
    var random = SeededRandom(seed: 9)
    var found = 0
    for _ in 0..<40 * caseFactor {
      let forecast = try longForecast(&random)
      var rules = try longForecast(&random).rules
      if random.chance(2) { (rules.rate, rules.hours) = (forecast.rules.rate, forecast.rules.hours) }
      let other = Forecast(queue: forecast.queue, rules: rules)
      let times = { (forecast: Forecast) in
        Dictionary(
          uniqueKeysWithValues: forecast.entries(0..<forecast.count).map { ($0.message, $0.sendAt) })
      }
      let (mine, others) = (times(forecast), times(other))
      let expected = mine.count { others[$0.key] != $0.value }
      #expect(forecast.moved(in: other) == expected)
      #expect(forecast.moved(in: forecast) == 0)
      found += expected
    }
    #expect(found > 0)
  }

  @Test func anyStretchIsThatOfTheWhole() throws {
    var random = SeededRandom(seed: 7)
    for _ in 0..<40 * caseFactor {
      let forecast = try longForecast(&random)
      let all = forecast.entries(0..<forecast.count)
      #expect(all.count == forecast.count)
      for _ in 0..<6 {
        let a = Int.random(in: 0...forecast.count + 10, using: &random)
        let b = random.chance(2) ? a + Int.random(in: 0...50, using: &random) : forecast.count * 2
        let range = min(a, b)..<max(a, b)
        #expect(forecast.entries(range) == Array(all[range.clamped(to: 0..<all.count)]))
      }
      for _ in 0..<6 {
        let entry = random.pick(all)
        #expect(forecast.entry(at: entry.position) == entry)
        #expect(forecast.entry(of: entry.message) == entry)
      }
      let some = (0..<random.pick([0, 1, 20])).map { _ in random.pick(all) } + all.suffix(12)
      #expect(forecast.entries(of: some.map(\.message)) == some)
      for edge in stride(from: 0, to: all.count, by: max(100, forecast.spacing)) {
        for entry in all[max(0, edge - 1)...edge] { #expect(forecast.entry(of: entry.message) == entry) }
      }
      #expect(forecast.entry(of: .ordinary(forecast.queue.ready.count)) == nil)
      #expect(forecast.entry(of: .exact(forecast.queue.exactReady.count)) == nil)
      #expect(forecast.entry(at: forecast.count) == nil)
      #expect(forecast.entry(at: -1) == nil)
    }
  }

  @Test func positionsAndCountsAreThoseOfTheEntries() throws {
    var random = SeededRandom(seed: 8)
    for _ in 0..<40 * caseFactor {
      let forecast = try longForecast(&random)
      let all = forecast.entries(0..<forecast.count)
      let times = all.compactMap(\.sendAt)
      for _ in 0..<6 {
        let instant = self.instant(times, &random)
        let expected = all.firstIndex { ($0.sendAt ?? .max) >= instant } ?? all.count
        #expect(forecast.position(atOrAfter: instant) == expected)
      }
      for _ in 0..<4 {
        let edges = edges(times, &random)
        let expected = zip(edges, edges.dropFirst()).map { a, b in times.filter { a <= $0 && $0 < b }.count }
        #expect(forecast.counts(between: edges) == expected, "\(edges) of \(forecast.rules.previous ?? 0)")
      }
    }
  }

  /// An instant of interest: that of a send, around one, or anywhere.
  private func instant(_ times: [Instant], _ random: inout SeededRandom) -> Instant {
    guard !times.isEmpty, !random.chance(5) else {
      return random.pick([0, Self.now, Self.now + .horizon + 1, Self.now + 4 * .horizon])
    }
    return random.pick(times) + random.pick([-1, 0, 0, 1, .hour])
  }

  private func edges(_ times: [Instant], _ random: inout SeededRandom) -> [Instant] {
    if random.chance(2) {
      return (0..<random.pick([2, 5, 30])).map { _ in instant(times, &random) }.sorted()
    }
    // A week in slots.
    let start = instant(times, &random)
    return (0...336).map { start + Int64($0) * 30 * .minute }
  }

  @Test func countsNeedTwoEdges() throws {
    var random = SeededRandom(seed: 9)
    let forecast = try longForecast(&random)
    #expect(forecast.counts(between: []) == [])
    #expect(forecast.counts(between: [5]) == [])
  }
}
