/// When each waiting message of a phone would go out.
///
/// Made by one pass over the queue's columns. It keeps totals and a bookmark every
/// ``interval`` messages, not the times: those of any stretch are computed again from the bookmark
/// before it, so a forecast of a million messages is a few kilobytes.
///
/// The rule is in the README: `t = nextOpen(max(now, ready, previous + gap))`, messages in order of
/// ready time, exact ones at `max(now, ready)` before ordinary ones of the same instant.
package struct Forecast: Sendable {
  package static let interval = 1024

  package let queue: SendQueue
  package let rules: ForecastRules
  /// The first to go out of all, nil if none does.
  package var firstSendAt: Instant? { entry(at: 0)?.sendAt }
  /// The last to go out within the horizon.
  package let lastSendAt: Instant?
  /// How many do not go out within the horizon.
  package let never: Int

  private let bookmarks: [ForecastState]

  package init(queue: SendQueue, rules: ForecastRules) {
    let pass = ForecastPass(rules)
    var totals = TotalsVisitor(horizon: rules.horizon)
    var state = pass.start
    var bookmarks: [ForecastState] = []
    bookmarks.reserveCapacity(queue.count / Self.interval + 1)
    while state.position < queue.count {
      bookmarks.append(state)
      pass.run(queue, from: &state, until: bookmarks.count * Self.interval, &totals)
    }
    self.queue = queue
    self.rules = rules
    self.bookmarks = bookmarks
    never = totals.never
    lastSendAt = totals.last
  }

  /// How many messages wait.
  package var count: Int { queue.count }

  /// The messages at some positions in the order of going out, from 0; positions past the end are left out.
  package func entries(_ positions: Range<Int>) -> [ForecastEntry] {
    let positions = positions.clamped(to: 0..<count)
    guard !positions.isEmpty else { return [] }
    var rows = RowsVisitor(queue: queue, horizon: rules.horizon, from: positions.lowerBound)
    rows.entries.reserveCapacity(positions.count)
    var state = bookmarks[positions.lowerBound / Self.interval]
    rows.position = state.position
    ForecastPass(rules).run(queue, from: &state, until: positions.upperBound, &rows)
    return rows.entries
  }

  /// The message that goes out at a position; nil past the end.
  package func entry(at position: Int) -> ForecastEntry? { entries(position..<position + 1).first }

  /// Where a message stands in this forecast.
  package func entry(of message: QueueIndex) -> ForecastEntry? {
    let precedes: (ForecastState) -> Bool
    switch message {
    case .ordinary(let index): precedes = { $0.ordinary <= index }
    case .exact(let index): precedes = { $0.exact <= index }
    }
    let bookmark = lastBookmark(where: precedes)
    let from = bookmark * Self.interval
    return entries(from..<from + Self.interval).first { $0.message == message }
  }

  /// The first position that goes out at or after an instant.
  ///
  /// If none does, the first that never goes out; `count` without one. What never goes out is last.
  package func position(atOrAfter instant: Instant) -> Int {
    let from = lastBookmark { $0.previous < instant } * Self.interval
    guard from < sends else { return sends }
    let found = entries(from..<min(from + Self.interval, sends)).first { ($0.sendAt ?? .max) >= instant }
    return found?.position ?? sends
  }

  /// How many messages go out in each of some consecutive stretches of time.
  ///
  /// `edges` are instants in ascending order; the result has one number less. One pass over the messages
  /// that go out between the first edge and the last.
  package func counts(between edges: [Instant]) -> [Int] {
    guard let first = edges.first, let last = edges.last, edges.count > 1 else { return [] }
    var histogram = HistogramVisitor(edges: edges)
    guard sends > 0 else { return histogram.counts }
    var state = bookmarks[lastBookmark { $0.previous < first }]
    let pass = ForecastPass(rules)
    while state.position < sends, state.previous < last {
      pass.run(queue, from: &state, until: min(state.position + Self.interval, sends), &histogram)
    }
    return histogram.counts
  }

  /// How many go out within the horizon: all before this position do, none from it on.
  private var sends: Int { count - never }

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

/// Sums up.
private struct TotalsVisitor: ForecastVisitor {
  let horizon: Instant
  /// The latest send, since sends only rise.
  var last: Instant?
  var never = 0

  @inline(__always)
  mutating func ordinary(_ index: Int, base: Instant, waited: Instant, sendAt: Instant) { last = sendAt }

  @inline(__always)
  mutating func exact(_ index: Int, sendAt: Instant) {
    if sendAt > horizon { never += 1 } else { last = sendAt }
  }

  @inline(__always)
  mutating func never(_ index: Int) { never += 1 }
}

/// Collects the entries from a position on.
private struct RowsVisitor: ForecastVisitor {
  let queue: SendQueue
  let horizon: Instant
  let from: Int
  var position = 0
  var entries: [ForecastEntry] = []

  init(queue: SendQueue, horizon: Instant, from: Int) {
    self.queue = queue
    self.horizon = horizon
    self.from = from
  }

  mutating func ordinary(_ index: Int, base: Instant, waited: Instant, sendAt: Instant) {
    let cause: Cause = sendAt > waited ? .window : waited > base ? .rate : .ready
    add(.ordinary(index), queue.ready[index], sendAt, cause)
  }

  mutating func exact(_ index: Int, sendAt: Instant) {
    add(.exact(index), queue.exactReady[index], sendAt > horizon ? nil : sendAt, .exact)
  }

  mutating func never(_ index: Int) { add(.ordinary(index), queue.ready[index], nil, .never) }

  private mutating func add(_ message: QueueIndex, _ ready: Instant, _ sendAt: Instant?, _ cause: Cause) {
    if position >= from {
      entries.append(
        ForecastEntry(position: position, message: message, readyAt: ready, sendAt: sendAt, cause: cause))
    }
    position += 1
  }
}

/// Counts the sends between edges.
private struct HistogramVisitor: ForecastVisitor {
  private let edges: [Instant]
  private var finished: [Int]
  /// The slot that the last send fell into, its end, and how many did; -1 before the first edge.
  private var slot = -1
  private var slotEnd: Instant
  private var inSlot = 0

  init(edges: [Instant]) {
    self.edges = edges
    finished = Array(repeating: 0, count: edges.count - 1)
    slotEnd = edges[0]
  }

  var counts: [Int] {
    var counts = finished
    if counts.indices.contains(slot) { counts[slot] += inSlot }
    return counts
  }

  @inline(__always)
  mutating func ordinary(_ index: Int, base: Instant, waited: Instant, sendAt: Instant) { add(sendAt) }

  @inline(__always)
  mutating func exact(_ index: Int, sendAt: Instant) { add(sendAt) }

  mutating func never(_ index: Int) {}

  @inline(__always)
  private mutating func add(_ sendAt: Instant) {
    if sendAt >= slotEnd { move(to: sendAt) }
    inSlot += 1
  }

  private mutating func move(to sendAt: Instant) {
    if finished.indices.contains(slot) { finished[slot] += inSlot }
    inSlot = 0
    while sendAt >= slotEnd, slot < finished.count {
      slot += 1
      slotEnd = slot < finished.count ? edges[slot + 1] : .max
    }
  }
}
