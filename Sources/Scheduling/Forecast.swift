/// When each waiting message of a phone would go out.
///
/// Made by one pass over the queue's columns. It keeps totals and a bookmark every thousand messages or
/// more, not the times: those of any stretch are computed again from the bookmark before it, so a
/// forecast of a million messages is a few kilobytes.
///
/// The rule is in the README: `t = nextAllowed(max(now, ready, held_until, previous + gap))`, messages in order
/// of ready time, exact ones at `max(now, ready, held_until)` before ordinary ones of the same instant. Those
/// that do not go out are last: exact ones, then ordinary ones.
package struct Forecast: Sendable {
  /// How many messages to ask for at a time where all are wanted.
  package static let interval = 1024
  /// How many messages are passed at a time while some near the start are looked for.
  private static let step = 64

  package let queue: SendQueue
  package let rules: ForecastRules
  /// The first to go out of all, nil if none does.
  package let firstSendAt: Instant?
  /// The last to go out within the horizon.
  package let lastSendAt: Instant?
  /// How many go out: all before this position do, none from it on.
  package let sends: Int
  /// How many do not go out within the horizon, though they do not expire.
  package let never: Int
  /// How many do not go out because their expiry comes first.
  package let expires: Int

  /// At each ``spacing`` messages passed, in whatever order; one at least.
  private let bookmarks: [ForecastState]
  /// How many messages lie between two bookmarks: the more there are, the more, as each costs more than what the pass
  /// leaps over.
  let spacing: Int
  /// How many exact messages do not go out.
  private let exactUnsent: Int

  package init(queue: SendQueue, rules: ForecastRules) {
    self.init(
      queue: queue, rules: rules, spacing: max(Self.interval, 2 * Int(Double(queue.count).squareRoot())))
  }

  init(queue: SendQueue, rules: ForecastRules, spacing: Int) {
    let pass = ForecastPass(rules)
    var totals = TotalsVisitor()
    var state = pass.start
    var bookmarks = [state]
    bookmarks.reserveCapacity(queue.count / spacing + 1)
    while state.passed < queue.count {
      pass.run(queue, from: &state, until: bookmarks.count * spacing, &totals)
      if state.passed < queue.count { bookmarks.append(state) }
    }
    self.queue = queue
    self.rules = rules
    self.bookmarks = bookmarks
    self.spacing = spacing
    firstSendAt = totals.first
    lastSendAt = totals.last
    sends = state.sends
    expires = totals.expires
    never = queue.count - state.sends - totals.expires
    exactUnsent = state.exactUnsent
  }

  /// How many messages wait.
  package var count: Int { queue.count }

  /// The messages at some positions in the order of going out, from 0; positions past the end are left out.
  package func entries(_ positions: Range<Int>) -> [ForecastEntry] {
    let positions = positions.clamped(to: 0..<count)
    guard !positions.isEmpty else { return [] }
    var entries: [ForecastEntry] = []
    entries.reserveCapacity(positions.count)
    for group in ForecastGroup.allCases {
      let places = places(of: group)
      let wanted = positions.clamped(to: places)
      if wanted.isEmpty { continue }
      collect(group, wanted.lowerBound - places.lowerBound..<wanted.upperBound - places.lowerBound, &entries)
    }
    return entries
  }

  /// The message that goes out at a position; nil past the end.
  package func entry(at position: Int) -> ForecastEntry? {
    position < 0 ? nil : entries(position..<position + 1).first
  }

  /// Where a message stands in this forecast.
  package func entry(of message: QueueIndex) -> ForecastEntry? {
    var state = bookmark(of: message)
    var rows = RowsVisitor(self, from: state) { $0.message == message }
    ForecastPass(rules).run(queue, from: &state, until: state.passed + spacing, &rows)
    return rows.entries.first
  }

  /// Where each of some messages stands; nil for one that is not in the queue.
  ///
  /// Messages that stand near each other, as those on a screen do, cost a pass over them and ``spacing`` more.
  package func entries(of messages: [QueueIndex]) -> [ForecastEntry?] {
    let wanted = Set(messages)
    var found: [QueueIndex: ForecastEntry] = [:]
    let pass = ForecastPass(rules)
    for message in messages where found[message] == nil {
      var state = bookmark(of: message)
      let end = state.passed + spacing
      var rows = RowsVisitor(self, from: state) { wanted.contains($0.message) }
      while state.passed < min(end, count), rows.entries.count < wanted.count - found.count {
        pass.run(queue, from: &state, until: min(end, state.passed + Self.step), &rows)
      }
      for entry in rows.entries { found[entry.message] = entry }
    }
    return messages.map { found[$0] }
  }

  /// The last bookmark before a message's turn.
  func bookmark(of message: QueueIndex) -> ForecastState {
    let place = lastBookmark { state in
      switch message {
      case .ordinary(let index): state.ordinary <= index
      case .exact(let index): state.exact <= index
      }
    }
    return bookmarks[place]
  }

  /// The first position that goes out at or after an instant.
  ///
  /// If none does, the first that does not go out; `count` without one.
  package func position(atOrAfter instant: Instant) -> Int {
    let bookmark = lastBookmark { $0.previous < instant }
    let end = bookmark + 1 < bookmarks.count ? bookmarks[bookmark + 1].sends : sends
    let found = entries(bookmarks[bookmark].sends..<end).first { ($0.sendAt ?? .max) >= instant }
    return found?.position ?? end
  }

  /// How many messages go out in each of some consecutive stretches of time.
  ///
  /// `edges` are instants in ascending order; the result has one number less. One pass over the messages
  /// that go out between the first edge and the last.
  package func counts(between edges: [Instant]) -> [Int] {
    guard let first = edges.first, let last = edges.last, edges.count > 1 else { return [] }
    var histogram = HistogramVisitor(edges: edges)
    var state = bookmarks[lastBookmark { $0.previous < first }]
    let pass = ForecastPass(rules)
    while state.sends < sends, state.previous < last {
      pass.run(queue, from: &state, until: state.passed + Self.interval, &histogram)
    }
    return histogram.counts
  }

  // MARK: Positions

  /// Where a group begins and ends.
  func places(of group: ForecastGroup) -> Range<Int> {
    switch group {
    case .sent: 0..<sends
    case .exact: sends..<sends + exactUnsent
    case .ordinary: sends + exactUnsent..<count
    }
  }

  /// Appends the entries of a group from its first ones on, by their places in the group.
  private func collect(_ group: ForecastGroup, _ wanted: Range<Int>, _ entries: inout [ForecastEntry]) {
    let bookmark = lastBookmark { group.count(in: $0) <= wanted.lowerBound }
    let positions =
      places(of: group).lowerBound + wanted.lowerBound..<places(of: group).lowerBound + wanted.upperBound
    var rows = RowsVisitor(self, from: bookmarks[bookmark]) { positions.contains($0.position) }
    rows.entries = entries
    entries = []
    var state = bookmarks[bookmark]
    let pass = ForecastPass(rules)
    while state.passed < count, group.count(in: state) < wanted.upperBound {
      let rest = wanted.upperBound - group.count(in: state)
      pass.run(queue, from: &state, until: state.passed + max(Self.step, rest), &rows)
    }
    entries = rows.entries
  }

  private func lastBookmark(where precedes: (ForecastState) -> Bool) -> Int {
    var low = 0
    var high = bookmarks.count - 1
    while low < high {
      let middle = (low + high + 1) / 2
      if precedes(bookmarks[middle]) { low = middle } else { high = middle - 1 }
    }
    return low
  }
}

/// The three stretches of positions in a forecast.
enum ForecastGroup: CaseIterable {
  case sent, exact, ordinary

  /// How many messages of it a pass has passed.
  func count(in state: ForecastState) -> Int {
    switch self {
    case .sent: state.sends
    case .exact: state.exactUnsent
    case .ordinary: state.ordinaryUnsent
    }
  }
}

extension Forecast {
  /// How many messages go out at another time, or not at all, in another forecast of the same queue.
  ///
  /// Two passes over all of it, and 16 bytes a message meanwhile.
  package func moved(in other: Forecast) -> Int {
    let (mine, others) = (times, other.times)
    return zip(mine.ordinary, others.ordinary).count { $0 != $1 }
      + zip(mine.exact, others.exact).count { $0 != $1 }
  }

  private var times: TimesVisitor {
    var times = TimesVisitor(queue)
    var state = bookmarks[0]
    ForecastPass(rules).run(queue, from: &state, until: count, &times)
    return times
  }

  /// How many messages go out more than `length` after they are ready, and the longest that one waits.
  package func longWaits(over length: Duration) -> (count: Int, longest: Duration) {
    var waits = WaitVisitor(queue: queue, length: length)
    var state = bookmarks[0]
    ForecastPass(rules).run(queue, from: &state, until: count, &waits)
    return (waits.count, waits.longest)
  }
}
