import TestSupport
import Testing

@testable import Scheduling

/// The closed form for what is ready, against the pass over every message.
@Suite struct QueueSummaryTests {
  @Test(arguments: NastyZone.all)
  func totalsAreThoseOfTheForecast(_ zone: NastyZone) throws {
    var random = SeededRandom(seed: 41)
    for moment in zone.instants {
      for _ in 0..<150 * caseFactor {
        var phone = random.forecastCase(near: moment)
        for index in phone.messages.indices where !phone.messages[index].isExact {
          phone.messages[index].expiresAt = nil
        }
        let timeline = try #require(ZoneTimeline(identifier: zone.identifier, around: phone.now))
        let queue = SendQueue(phone.messages)
        let forecast = Forecast(queue: queue, rules: phone.rules(timeline))
        let ready = queue.ready.prefix { $0 <= phone.now }.count
        let summary = QueueSummary(
          ready: ready, later: Array(queue.ready.dropFirst(ready)), exactReady: queue.exactReady,
          exactExpires: queue.exactExpires)
        compare(ForecastTotals(summary, rules: phone.rules(timeline)), forecast, "\(phone)")
      }
    }
  }

  @Test func manyReadyMessages() throws {
    var random = SeededRandom(seed: 42)
    let now: Instant = 1_774_700_000_000
    let timeline = try #require(ZoneTimeline(identifier: "Europe/Berlin", around: now))
    for _ in 0..<60 * caseFactor {
      let ready = random.pick([0, 1, 1_000, 50_000])
      let later = (0..<random.pick([0, 10, 3_000])).map { _ in
        now + Int64.random(in: 1...random.pick([.day, 60 * .day]), using: &random)
      }.sorted()
      let exact = (0..<random.pick([0, 3, 200])).map { _ in
        now + Int64.random(in: -(.day)...60 * .day, using: &random)
      }.sorted()
      let rules = ForecastRules(
        now: now, previous: random.pick([nil, now]),
        rate: Rate(messagesPerMinute: random.pick([0, 1, 7, 60])),
        hours: OpenHours(
          WeekMinutes(random.windows()), exceptions: random.chance(2) ? [] : random.exceptions(near: now),
          timeline: timeline),
        heldUntil: random.pick([nil, now + .day]), messagesPerDay: random.pick([0, 0, 5, 2_000]))
      let queue = SendQueue(
        keys: Array(0..<Int64(ready + later.count)), ready: Array(repeating: now - 5, count: ready) + later,
        exactKeys: Array(0..<Int64(exact.count)), exactReady: exact)
      let summary = QueueSummary(ready: ready, later: later, exactReady: exact)
      compare(
        ForecastTotals(summary, rules: rules), Forecast(queue: queue, rules: rules), "\(ready) \(later.count)"
      )
    }
  }

  private func compare(_ totals: ForecastTotals, _ forecast: Forecast, _ comment: Comment) {
    #expect(totals.count == forecast.count, comment)
    #expect(totals.sends == forecast.sends, comment)
    #expect(totals.never == forecast.never && totals.expires == forecast.expires, comment)
    #expect(totals.firstSendAt == forecast.firstSendAt, comment)
    #expect(totals.lastSendAt == forecast.lastSendAt, comment)
    let start = forecast.firstSendAt ?? forecast.rules.now
    let edges = (-2...200).map { start + Int64($0) * 45 * .minute }
    #expect(totals.counts(between: edges) == forecast.counts(between: edges), comment)
  }
}
