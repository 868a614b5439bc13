import Scheduling
import Testing

@testable import Storage

/// What a few seeks say of a queue, against a look at each of its messages.
@Suite struct QueueSeeksTests {
  private let phone = "+18005550199"

  private func expectSame(_ store: Store, now: Instant, isSummary: Bool) throws {
    let (state, queue) = try store.outline(of: phone, now: now)
    let forecast = try store.forecast(of: phone, now: now).forecast
    let totals = queue.totals(try store.rules(for: state, now: now))
    #expect(totals.count == forecast.count)
    #expect(totals.sends == forecast.sends)
    #expect(totals.never == forecast.never && totals.expires == forecast.expires)
    #expect(totals.firstSendAt == forecast.firstSendAt)
    #expect(totals.lastSendAt == forecast.lastSendAt)
    if case .summary = queue { #expect(isSummary) } else { #expect(!isSummary) }
    for first in [0, 1, 7, 1_000] {
      let beginning = try store.beginningOfQueue(of: phone, first: first, now: now)
      #expect((beginning != nil) == isSummary)
      if let beginning { try expectBeginning(beginning, of: forecast, first: first) }
    }
    for limit in [0, 1, 3, 20] {
      var rows: [ForecastEntry] = []
      try store.forEachForecast(of: phone, now: now, limit: limit) { rows.append($1.entry) }
      #expect(rows == forecast.entries(0..<limit))
    }
  }

  /// The forecast of what a few seeks found says the same as that of the whole queue, and of which messages.
  private func expectBeginning(_ queue: SendQueue, of whole: Forecast, first: Int) throws {
    let part = Forecast(queue: queue, rules: whole.rules)
    let entries = part.entries(0..<part.count)
    let expected = whole.entries(0..<whole.count)
    #expect(entries.map(\.message) == expected.map(\.message))
    #expect(entries.map(\.sendAt) == expected.map(\.sendAt) && entries.map(\.cause) == expected.map(\.cause))
    let keys = expected.map { whole.queue.key(of: $0.message) }
    let known = zip(entries, keys).filter { queue.key(of: $0.0.message) != nil }
    #expect(known.allSatisfy { queue.key(of: $0.0.message) == $0.1 })
    #expect(known.count == queue.count - queue.unread.count)
    #expect(queue.unread.count == max(0, whole.queue.ready.count { $0 <= whole.rules.now } - first))
  }

  private func store(_ messages: [NewMessage], rate: Int = 6) throws -> Store {
    let store = try Store.sample(rate: rate)
    try store.addMessages(messages, to: phone, at: .fixed(monday))
    return store
  }

  private func message(
    _ number: Int, sendAt: Instant? = nil, isExact: Bool = false, expiresAt: Instant? = nil
  ) -> NewMessage {
    NewMessage(
      id: "m\(number)", contact: "12345", content: "x", sendAt: sendAt, isExact: isExact, expiresAt: expiresAt
    )
  }

  @Test func readyLaterAndExactOnes() throws {
    let messages = (0..<300).map { (n: Int) -> NewMessage in
      let later: Instant = monday + Int64(n) * .minute
      return message(n, sendAt: n % 3 == 0 ? later : nil, isExact: n % 7 == 0)
    }
    let store = try store(messages)
    try expectSame(store, now: monday, isSummary: true)
    try expectSame(store, now: monday + 3 * .hour, isSummary: true)
    _ = try store.claimOne(at: monday + 1, lease: .minute)
    try expectSame(store, now: monday + 2, isSummary: true)
    // Its lease ran out.
    try expectSame(store, now: monday + .hour, isSummary: false)
  }

  @Test func exactOnesThatExpire() throws {
    let messages = (0..<60).map { (n: Int) -> NewMessage in
      let later: Instant = monday + Int64(n) * .hour
      return message(
        n, sendAt: n % 2 == 0 ? later : nil, isExact: n % 2 == 0, expiresAt: n % 4 == 0 ? later : nil)
    }
    let store = try store(messages)
    try expectSame(store, now: monday, isSummary: true)
    try expectSame(store, now: monday + 5 * .hour, isSummary: true)
  }

  @Test func ordinaryOnesThatExpire() throws {
    let messages = (0..<200).map { (n: Int) -> NewMessage in
      let end: Instant = monday + Int64(n + 1) * .second
      return message(n, expiresAt: n % 2 == 0 ? end : nil)
    }
    try expectSame(try store(messages), now: monday, isSummary: false)
    try expectSame(try store(messages), now: monday + .minute, isSummary: false)
  }

  @Test func anEmptyQueue() throws {
    try expectSame(try store([]), now: monday, isSummary: true)
  }
}
