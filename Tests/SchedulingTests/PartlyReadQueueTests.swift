import TestSupport
import Testing

@testable import Scheduling

/// A queue of which only the ends were read, against the whole one.
@Suite struct PartlyReadQueueTests {
  /// The same queue with some of the messages that are ready at `now` not read.
  private func beginning(_ queue: SendQueue, now: Instant, _ random: inout SeededRandom) -> SendQueue {
    let ready = queue.ready.prefix { $0 <= now }.count
    let head = Int.random(in: 0...ready, using: &random)
    let read = Array(0..<head) + Array(ready..<queue.ready.count)
    return SendQueue(
      keys: read.map { queue.keys[$0] }, ready: read.map { queue.ready[$0] }, thenUnread: ready - head,
      at: head,
      readyBy: now, exactKeys: queue.exactKeys, exactReady: queue.exactReady,
      exactExpires: queue.exactExpires)
  }

  private func compare(_ part: Forecast, _ whole: Forecast, _ comment: Comment) {
    #expect(part.count == whole.count, comment)
    #expect(part.sends == whole.sends && part.never == whole.never && part.expires == whole.expires, comment)
    #expect(part.firstSendAt == whole.firstSendAt && part.lastSendAt == whole.lastSendAt, comment)
    let entries = part.entries(0..<part.count)
    let expected = whole.entries(0..<whole.count)
    #expect(entries.map(\.message) == expected.map(\.message), comment)
    #expect(entries.map(\.sendAt) == expected.map(\.sendAt), comment)
    #expect(entries.map(\.cause) == expected.map(\.cause), comment)
    for (entry, other) in zip(entries, expected) {
      guard let key = part.queue.key(of: entry.message) else { continue }
      #expect(key == whole.queue.key(of: other.message) && entry.readyAt == other.readyAt, comment)
      #expect(part.queue.index(of: key) == entry.message, comment)
    }
    #expect(part.entries(of: expected.map(\.message)).map { $0?.sendAt } == expected.map(\.sendAt), comment)
    let start = whole.firstSendAt ?? whole.rules.now
    for step in -2...20 {
      let instant = start + Int64(step) * 7 * .hour
      #expect(part.position(atOrAfter: instant) == whole.position(atOrAfter: instant), comment)
    }
    let edges = (-2...200).map { start + Int64($0) * 45 * .minute }
    #expect(part.counts(between: edges) == whole.counts(between: edges), comment)
  }

  @Test(arguments: NastyZone.all)
  func forecastsAreThoseOfTheWhole(_ zone: NastyZone) throws {
    var random = SeededRandom(seed: 43)
    for moment in zone.instants {
      for _ in 0..<60 * caseFactor {
        var phone = random.forecastCase(near: moment)
        for index in phone.messages.indices where !phone.messages[index].isExact {
          phone.messages[index].expiresAt = nil
        }
        let timeline = try #require(ZoneTimeline(identifier: zone.identifier, around: phone.now))
        let queue = SendQueue(phone.messages)
        let rules = phone.rules(timeline)
        compare(
          Forecast(queue: beginning(queue, now: phone.now, &random), rules: rules),
          Forecast(queue: queue, rules: rules), "\(phone)")
      }
    }
  }

  /// Bookmarks fall among those that were not read.
  @Test func thousandsThatWereNotRead() throws {
    var random = SeededRandom(seed: 44)
    let now: Instant = 1_774_700_000_000
    let timeline = try #require(ZoneTimeline(identifier: "Europe/Berlin", around: now))
    for _ in 0..<8 * caseFactor {
      let ready = random.pick([1_000, 1_024, 4_000, 6_000])
      let later = (0..<random.pick([0, 10, 2_000])).map { _ in
        now + Int64.random(in: 1...random.pick([.day, 60 * .day]), using: &random)
      }.sorted()
      let exact = (0..<random.pick([0, 3, 200])).map { _ in
        now + Int64.random(in: -(.day)...60 * .day, using: &random)
      }.sorted()
      let rules = ForecastRules(
        now: now, previous: random.pick([nil, now]),
        rate: Rate(messagesPerMinute: random.pick([0, 1, 7, 60])),
        hours: OpenHours(WeekMinutes(random.windows()), timeline: timeline),
        messagesPerDay: random.pick([0, 0, 50, 2_000]))
      let queue = SendQueue(
        keys: Array(0..<Int64(ready + later.count)),
        ready: (0..<ready).map { now - 90 * .day + Int64($0) * .minute } + later,
        exactKeys: (0..<Int64(exact.count)).map { 1_000_000 + $0 }, exactReady: exact)
      compare(
        Forecast(queue: beginning(queue, now: now, &random), rules: rules),
        Forecast(queue: queue, rules: rules), "\(ready) \(later.count)")
    }
  }
}
