/// Where a pass over a queue stands: everything that decides what comes next.
struct ForecastState: Sendable {
  /// The next message of each kind.
  var ordinary = 0
  var exact = 0
  /// The earliest instant that the rate leaves to the next ordinary message; `.min` if any.
  var earliest: Instant
  /// The latest send of this pass; `.min` if none. Rises with the position.
  var previous = Instant.min
  /// The open stretch that the last ordinary message went out in.
  var open: Range<Instant> = .min ..< .min
  /// Nothing ordinary goes out any more.
  var isOver = false

  var position: Int { ordinary + exact }
}

/// What a pass tells of each message, in the order of going out.
///
/// `base` is the later of now and ready; `waited` is the later of that and what the rate asks.
protocol ForecastVisitor {
  mutating func ordinary(_ index: Int, base: Instant, waited: Instant, sendAt: Instant)
  mutating func exact(_ index: Int, sendAt: Instant)
  mutating func never(_ index: Int)
}

/// The rule, as one pass over a queue's columns without an allocation.
struct ForecastPass {
  let rules: ForecastRules
  let gap: Duration
  let horizon: Instant

  init(_ rules: ForecastRules) {
    self.rules = rules
    gap = rules.rate.gap
    horizon = rules.horizon
  }

  var start: ForecastState {
    ForecastState(earliest: rules.previous.map { $0 + gap } ?? .min)
  }

  /// Goes on from `state` until `limit` messages have gone out, or all.
  @inline(__always)
  func run<Visitor: ForecastVisitor>(
    _ queue: SendQueue, from state: inout ForecastState, until limit: Int, _ visitor: inout Visitor
  ) {
    queue.ready.withUnsafeBufferPointer { ready in
      queue.exactReady.withUnsafeBufferPointer { exactReady in
        while state.position < limit, state.position < ready.count + exactReady.count {
          let nextExact =
            state.exact < exactReady.count ? max(rules.now, exactReady[state.exact]) : Instant.max
          let room = limit - state.exact
          let isExactDue = runOrdinary(
            ready, from: &state, until: min(ready.count, room), before: nextExact, &visitor)
          guard isExactDue || state.ordinary == ready.count, state.exact < exactReady.count,
            state.position < limit
          else { continue }
          visitor.exact(state.exact, sendAt: nextExact)
          state.exact += 1
          state.previous = nextExact
          state.earliest = max(state.earliest, nextExact + gap)
        }
      }
    }
  }

  /// Sends ordinary messages as long as they go before the next exact one; says if that one is due.
  @inline(__always)
  private func runOrdinary<Visitor: ForecastVisitor>(
    _ ready: UnsafeBufferPointer<Instant>, from state: inout ForecastState, until end: Int,
    before nextExact: Instant, _ visitor: inout Visitor
  ) -> Bool {
    let now = rules.now
    let gap = gap
    let limit = min(horizon, nextExact &- 1)
    var index = state.ordinary
    var earliest = state.earliest
    var previous = state.previous
    var openStart = state.open.lowerBound
    var openEnd = state.open.upperBound
    defer {
      state.ordinary = index
      state.earliest = earliest
      state.previous = previous
      state.open = openStart..<openEnd
    }
    while index < end, !state.isOver {
      let base = max(now, ready[index])
      let waited = max(base, earliest)
      if waited >= openEnd {
        guard let stretch = rules.hours.stretch(endingAfter: waited, limit: horizon) else {
          state.isOver = true
          break
        }
        openStart = stretch.lowerBound
        openEnd = stretch.upperBound
      }
      let sendAt = max(waited, openStart)
      if sendAt > limit {
        if sendAt >= nextExact { return true }
        state.isOver = true
        break
      }
      visitor.ordinary(index, base: base, waited: waited, sendAt: sendAt)
      previous = sendAt
      earliest = sendAt + gap
      index += 1
    }
    guard state.isOver, index < end else { return false }
    if nextExact != .max { return true }
    while index < end {
      visitor.never(index)
      index += 1
    }
    return false
  }
}
