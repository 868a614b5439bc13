/// Where a pass over a queue stands: everything that decides what comes next.
struct ForecastState: Sendable {
  /// The next message of each kind.
  var ordinary = 0
  var exact = 0
  /// The earliest instant that the rate leaves to the next ordinary message; `.min` if any.
  var earliest: Instant
  /// The latest send of this pass; `.min` if none. Rises with the position.
  var previous = Instant.min
  /// The end of the open stretch that the last ordinary message went out in; `.min` to look it up.
  var openEnd = Instant.min
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
    if !state.isOver {
      let isStopped = runOpen(ready, from: &state, until: end, before: min(horizon + 1, nextExact), &visitor)
      guard isStopped else { return false }
      if nextExact <= horizon { return true }
      state.isOver = true
    }
    guard state.ordinary < end else { return false }
    if nextExact != .max { return true }
    while state.ordinary < end {
      visitor.never(state.ordinary)
      state.ordinary += 1
    }
    return false
  }

  /// Sends ordinary messages until one would go at or after `bound`; says if there was such a one.
  ///
  /// Most messages cost what is in the loop besides `open`: what decides is in registers, and only the later
  /// of two instants and one addition wait for the message before. No sum here can overflow: `bound` is at
  /// most a millisecond after the horizon, and a gap at most a minute.
  @inline(__always)
  private func runOpen<Visitor: ForecastVisitor>(
    _ ready: UnsafeBufferPointer<Instant>, from state: inout ForecastState, until end: Int,
    before bound: Instant, _ visitor: inout Visitor
  ) -> Bool {
    let now = rules.now
    let gap = gap
    var index = state.ordinary
    var earliest = state.earliest
    var previous = state.previous
    var openEnd = state.openEnd
    defer {
      state.ordinary = index
      state.earliest = earliest
      state.previous = previous
      state.openEnd = openEnd
    }
    var clearUntil = min(openEnd, bound)
    while index < end {
      let base = max(now, ready[index])
      let waited = max(base, earliest)
      var sendAt = waited
      if waited >= clearUntil {
        guard waited < bound, let open = rules.hours.stretch(endingAfter: waited, limit: horizon),
          open.lowerBound < bound
        else { return true }
        openEnd = open.upperBound
        clearUntil = min(openEnd, bound)
        sendAt = max(waited, open.lowerBound)
      }
      visitor.ordinary(index, base: base, waited: waited, sendAt: sendAt)
      previous = sendAt
      earliest = sendAt &+ gap
      index += 1
    }
    return false
  }
}
