import TestSupport
import Testing

@testable import Scheduling

@Suite struct ForecastTests {
  /// The one pass over columns, against the rule as it is written.
  @Test(arguments: NastyZone.all)
  func agreesWithTheReference(_ zone: NastyZone) throws {
    let clock = try WallClock(zone.identifier)
    var random = SeededRandom(seed: 1)
    var disagreements = 0
    for moment in zone.instants {
      for _ in 0..<200 * caseFactor {
        let phone = random.forecastCase(near: moment)
        let timeline = try #require(ZoneTimeline(identifier: zone.identifier, around: phone.now))
        let expected = phone.reference(clock).entries(phone.messages)
        let forecast = Forecast(
          queue: SendQueue(phone.messages.shuffled(using: &random)), rules: phone.rules(timeline))
        let found = forecast.entries(0..<forecast.count)
        guard found.map(forecast.stated) != expected else {
          checkTotals(forecast, expected)
          continue
        }
        disagreements += 1
        guard disagreements <= 3 else { continue }
        let index = zip(found.map(forecast.stated), expected).enumerated().first { $1.0 != $1.1 }
        Issue.record("\(phone): position \(index?.offset ?? -1): \(String(describing: index?.element))")
      }
    }
  }

  private func checkTotals(_ forecast: Forecast, _ entries: [ReferenceEntry]) {
    let times = entries.compactMap(\.sendAt)
    #expect(forecast.count == entries.count)
    #expect(forecast.firstSendAt == times.min())
    #expect(forecast.lastSendAt == times.max())
    #expect(forecast.sends == times.count)
    #expect(forecast.expires == entries.filter { $0.cause == .expires }.count)
    #expect(forecast.never == entries.count - times.count - forecast.expires)
  }

  @Test func anEmptyQueueHasNoTimes() {
    let forecast = Forecast(
      queue: SendQueue(),
      rules: ForecastRules(now: 0, previous: nil, rate: Rate(messagesPerMinute: 1), hours: .always))
    #expect(forecast.count == 0)
    #expect(forecast.firstSendAt == nil)
    #expect(forecast.lastSendAt == nil)
    #expect(forecast.entries(0..<10).isEmpty)
    #expect(forecast.entry(at: 0) == nil)
    #expect(forecast.entry(of: .ordinary(0)) == nil)
    #expect(forecast.position(atOrAfter: 0) == 0)
    #expect(forecast.counts(between: [0, 10, 20]) == [0, 0])
  }

  @Test func theHorizonItselfIsWithin() {
    let rules = ForecastRules(now: 1000, previous: nil, rate: Rate(messagesPerMinute: 0), hours: .always)
    let horizon: Instant = 1000 + 157_852_800_000
    let forecast = Forecast(
      queue: SendQueue(
        keys: [1, 2, 3], ready: [horizon - 1, horizon, horizon + 1], exactKeys: [4, 5],
        exactReady: [horizon, horizon + 1]),
      rules: rules)
    let entries = forecast.entries(0..<5)
    #expect(entries.map(\.sendAt) == [horizon - 1, horizon, horizon, nil, nil])
    #expect(entries.map(\.cause) == [.ready, .exact, .ready, .never, .never])
    #expect(entries.map(\.message) == [.ordinary(0), .exact(0), .ordinary(1), .exact(1), .ordinary(2)])
    #expect(forecast.never == 2)
    #expect(forecast.lastSendAt == horizon)
  }

  @Test func anExactMessageTakesTheGapOfTheNextOrdinaryOne() {
    let forecast = Forecast(
      queue: SendQueue(keys: [1, 2], ready: [0, 0], exactKeys: [3, 4], exactReady: [-5, 30_000]),
      rules: ForecastRules(now: 0, previous: nil, rate: Rate(messagesPerMinute: 1), hours: .always))
    let entries = forecast.entries(0..<4)
    #expect(entries.map(\.message) == [.exact(0), .exact(1), .ordinary(0), .ordinary(1)])
    #expect(entries.map(\.sendAt) == [0, 30_000, 90_000, 150_000])
    #expect(entries.map(\.cause) == [.exact, .exact, .rate, .rate])
  }

  /// The clock goes back from 00:01 to 23:01, so that the day before goes on after the day has begun.
  @Test func aDateThatComesBackIsStillFull() throws {
    let at = { (text: String) throws -> Instant in try #require(Timestamp.parse(text)) }
    let now = try at("2010-11-07T02:00:00Z")
    let timeline = try #require(ZoneTimeline(identifier: "America/St_Johns", around: now))
    let ready = try [at("2010-11-07T02:20:00Z"), at("2010-11-07T02:31:30Z"), at("2010-11-07T02:31:31Z")]
    let saturday = CivilDate(local: now - 150 * .minute)
    let forecast = Forecast(
      queue: SendQueue(
        keys: [1, 2, 3], ready: ready, exactKeys: [4], exactReady: [try at("2010-11-07T02:30:30Z")]),
      rules: ForecastRules(
        now: now, previous: nil, rate: Rate(messagesPerMinute: 0), hours: OpenHours(alwaysOn: timeline),
        messagesPerDay: 2, sentOn: [saturday.days: 1]))
    let entries = forecast.entries(0..<4)
    #expect(entries.map(\.message) == [.ordinary(0), .exact(0), .ordinary(1), .ordinary(2)])
    #expect(entries.map(\.cause) == [.ready, .exact, .day, .day])
    #expect(
      entries.map(\.sendAt) == [
        ready[0], try at("2010-11-07T02:30:30Z"), try at("2010-11-07T03:30:00Z"),
        try at("2010-11-08T03:30:00Z"),
      ])
  }

  @Test(arguments: [
    (0, 0), (1, 60_000), (2, 30_000), (7, 8_572), (11, 5_455), (59, 1_017), (60, 1_000), (61, 984),
    (59_999, 2), (60_000, 1), (60_001, 1), (100_000, 1), (Int(Int32.max), 1),
  ])
  func theGapNeverExceedsTheRate(_ rate: Int, _ gap: Int) {
    #expect(Rate(messagesPerMinute: rate).gap == Duration(gap))
  }
}
