/// Where a pass over a queue stands: everything that decides what comes next.
struct ForecastState: Sendable {
  /// The next message of each kind.
  var ordinary = 0
  var exact = 0
  /// How many before those do not go out.
  var ordinaryUnsent = 0
  var exactUnsent = 0
  /// The earliest instant that the rate leaves to the next ordinary message; `.min` if any.
  var earliest: Instant
  /// The latest send of this pass; `.min` if none. Never falls.
  var previous = Instant.min
  /// Where ordinary messages go out now: one that has waited until before its end goes in it, at its start at
  /// the earliest. It lies on one local date where a day's limit counts; `.min` at both ends to look it up.
  var openStart = Instant.min
  var openEnd = Instant.min
  /// That local date, and the sends of this pass by date; only with a day's limit.
  var openDay: Int64 = 0
  var days = DayCounts()
  /// Nothing ordinary goes out any more.
  var isOver = false

  /// How many messages it has passed.
  var passed: Int { ordinary + exact }
  /// How many of them go out.
  var sends: Int { ordinary + exact - ordinaryUnsent - exactUnsent }
}

/// What a pass tells of each message: those that go out in the order of going out, each kind in its order.
protocol ForecastVisitor {
  /// `waited` is the later of ready, now, the hold's end and what the rate asks.
  mutating func ordinary(_ index: Int, waited: Instant, sendAt: Instant)
  /// Ordinary ones that wait for the rate alone: one every `gap` from `sendAt` on.
  mutating func rateBound(_ indices: Range<Int>, from sendAt: Instant, every gap: Duration)
  mutating func exact(_ index: Int, sendAt: Instant)
  mutating func unsentOrdinary(_ indices: Range<Int>, _ cause: Cause)
  mutating func unsentExact(_ index: Int, _ cause: Cause)
}

/// Instants of messages, for a loop that is compiled for each kind.
protocol InstantColumn {
  var count: Int { get }
  subscript(index: Int) -> Instant { get }
}

extension UnsafeBufferPointer: InstantColumn where Element == Instant {}

/// When ordinary messages expire.
protocol ExpiryColumn {
  static var exist: Bool { get }
  subscript(index: Int) -> Instant { get }
}

struct NoExpiries: ExpiryColumn {
  static var exist: Bool { false }
  @inline(__always)
  subscript(index: Int) -> Instant { .max }
}

private struct SomeExpiries: ExpiryColumn {
  static var exist: Bool { true }
  let column: UnsafeBufferPointer<Instant>
  @inline(__always)
  subscript(index: Int) -> Instant { column[index] }
}

/// The exact messages of a queue; the expiries are none, or one each.
struct ExactColumns {
  var ready: [Instant] = []
  var expires: [Instant] = []
}

/// The rule, as one pass over a queue's columns without an allocation.
struct ForecastPass {
  let rules: ForecastRules
  let gap: Duration
  let horizon: Instant
  /// The later of now and the hold's end: nothing goes out before.
  let floor: Instant
  private let limit: DayLimit

  init(_ rules: ForecastRules) {
    self.rules = rules
    gap = rules.rate.gap
    horizon = rules.horizon
    floor = max(rules.now, rules.heldUntil ?? .min)
    limit = DayLimit(rules)
  }

  var start: ForecastState {
    ForecastState(earliest: rules.previous.map { $0 + gap } ?? .min)
  }

  /// Goes on from `state` until `limit` messages are passed, or all.
  @inline(__always)
  func run<Visitor: ForecastVisitor>(
    _ queue: SendQueue, from state: inout ForecastState, until limit: Int, _ visitor: inout Visitor
  ) {
    let exact = ExactColumns(ready: queue.exactReady, expires: queue.exactExpires)
    guard queue.isWhole else {
      return queue.withPartlyRead { ready in
        run(ready, NoExpiries(), exact, from: &state, until: limit, &visitor)
      }
    }
    queue.ready.withUnsafeBufferPointer { ready in
      if queue.expires.isEmpty {
        run(ready, NoExpiries(), exact, from: &state, until: limit, &visitor)
      } else {
        queue.expires.withUnsafeBufferPointer { expires in
          run(ready, SomeExpiries(column: expires), exact, from: &state, until: limit, &visitor)
        }
      }
    }
  }

  /// The same of columns in whatever form; the ready times rise.
  @inline(__always)
  func run<Visitor: ForecastVisitor, Ready: InstantColumn, Expiry: ExpiryColumn>(
    _ ready: Ready, _ expires: Expiry, _ exact: ExactColumns, from state: inout ForecastState,
    until limit: Int, _ visitor: inout Visitor
  ) {
    while state.passed < limit, state.passed < ready.count + exact.ready.count {
      var nextExact = Instant.max
      if state.exact < exact.ready.count {
        let sendAt = max(floor, exact.ready[state.exact])
        if let cause = unsentCause(of: exact, state.exact, sendAt: sendAt) {
          visitor.unsentExact(state.exact, cause)
          state.exact += 1
          state.exactUnsent += 1
          continue
        }
        nextExact = sendAt
      }
      let end = min(ready.count, limit - state.exact)
      let isExactDue = runOrdinary(ready, expires, from: &state, until: end, before: nextExact, &visitor)
      guard isExactDue || state.ordinary == ready.count, nextExact != .max, state.passed < limit
      else { continue }
      visitor.exact(state.exact, sendAt: nextExact)
      state.exact += 1
      state.previous = nextExact
      state.earliest = max(state.earliest, nextExact + gap)
      if !self.limit.isNone { state.days.add(1, on: self.limit.timeline.day(at: nextExact)) }
    }
  }

  /// Why an exact message that would go out at `sendAt` does not; nil if it does.
  @inline(__always)
  private func unsentCause(of exact: ExactColumns, _ index: Int, sendAt: Instant) -> Cause? {
    if !exact.expires.isEmpty, sendAt > exact.expires[index] { return .expires }
    return sendAt > horizon ? beyondHorizon : nil
  }

  /// Why a message that does not expire is not sent within the horizon.
  private var beyondHorizon: Cause { (rules.heldUntil ?? .min) > horizon ? .hold : .never }

  /// Sends ordinary messages as long as they go before the next exact one; says if that one is due.
  @inline(__always)
  private func runOrdinary<Visitor: ForecastVisitor, Ready: InstantColumn, Expiry: ExpiryColumn>(
    _ ready: Ready, _ expires: Expiry, from state: inout ForecastState,
    until end: Int, before nextExact: Instant, _ visitor: inout Visitor
  ) -> Bool {
    if !state.isOver {
      let isStopped = runOpen(
        ready, expires, from: &state, until: end, before: min(horizon + 1, nextExact), &visitor)
      guard isStopped else { return false }
      if nextExact != .max { return true }
      state.isOver = true
    }
    // An exact message that goes out does so within the horizon, so none is left.
    while state.ordinary < end {
      let next = Expiry.exist ? state.ordinary + 1 : end
      visitor.unsentOrdinary(state.ordinary..<next, cause(ofUnsent: state, ready, expires))
      state.ordinaryUnsent += next - state.ordinary
      state.ordinary = next
    }
    return false
  }

  /// Why an ordinary message does not go out within the horizon.
  @inline(__always)
  private func cause<Ready: InstantColumn, Expiry: ExpiryColumn>(
    ofUnsent state: ForecastState, _ ready: Ready, _ expires: Expiry
  ) -> Cause {
    let waited = max(floor, ready[state.ordinary], state.earliest)
    return Expiry.exist && expires[state.ordinary] < max(waited, horizon + 1) ? .expires : beyondHorizon
  }

  /// Sends ordinary messages until one would go at or after `bound`; says if there was such a one.
  ///
  /// Most messages cost what is in the inner loop: what decides is in registers, and only the later
  /// of two instants and one addition wait for the message before. No sum here can overflow: `bound` is at
  /// most a millisecond after the horizon, and a gap at most a minute.
  @inline(__always)
  private func runOpen<Visitor: ForecastVisitor, Ready: InstantColumn, Expiry: ExpiryColumn>(
    _ ready: Ready, _ expires: Expiry, from state: inout ForecastState,
    until end: Int, before bound: Instant, _ visitor: inout Visitor
  ) -> Bool {
    let floor = floor
    let gap = gap
    while state.ordinary < end {
      // One message, with a look at the hours where the stretch is over or has no room left.
      var index = state.ordinary
      let waited = max(floor, ready[index], state.earliest)
      guard findOpen(waited, in: &state, before: bound) else { return true }
      let openStart = state.openStart
      let sendAt = max(waited, openStart)
      let isSent = !Expiry.exist || sendAt <= expires[index]
      if isSent {
        visitor.ordinary(index, waited: waited, sendAt: sendAt)
        state.previous = sendAt
        state.earliest = sendAt &+ gap
      } else {
        visitor.unsentOrdinary(index..<index + 1, .expires)
      }
      index += 1
      var unsent = isSent ? 0 : 1

      // Those after it that need none.
      let room = limit.room(on: state.openDay, after: state.days) - (isSent ? 1 : 0)
      let stop = min(end - index, room) + index
      let clearUntil = min(state.openEnd, bound)
      var earliest = state.earliest
      var previous = state.previous
      if !Expiry.exist, index < stop, earliest < clearUntil, ready[stop - 1] <= earliest {
        // All of them are ready before their turn, so that only the rate counts.
        let fit = gap == 0 ? stop : min(stop, index + Int((clearUntil - 1 - earliest) / gap + 1))
        visitor.rateBound(index..<fit, from: earliest, every: gap)
        previous = earliest + Int64(fit - index - 1) * gap
        earliest = previous + gap
        index = fit
      }
      while index < stop {
        let waited = max(max(floor, ready[index]), earliest)
        let sendAt = Expiry.exist ? max(waited, openStart) : waited
        if sendAt >= clearUntil { break }
        if Expiry.exist, sendAt > expires[index] {
          visitor.unsentOrdinary(index..<index + 1, .expires)
          unsent += 1
        } else {
          visitor.ordinary(index, waited: waited, sendAt: sendAt)
          previous = sendAt
          earliest = sendAt &+ gap
        }
        index += 1
      }
      if !limit.isNone { state.days.add(index - state.ordinary - unsent, on: state.openDay) }
      state.ordinary = index
      state.ordinaryUnsent += unsent
      state.earliest = earliest
      state.previous = previous
    }
    return false
  }

  /// Looks up where a message that has waited until `waited` goes out; false if that is not before `bound`.
  ///
  /// What was found stays good for later messages, since they have waited at least as long and dates only
  /// fill up.
  @inline(__always)
  private func findOpen(_ waited: Instant, in state: inout ForecastState, before bound: Instant) -> Bool {
    guard waited < bound else { return false }
    if waited >= state.openEnd || limit.room(on: state.openDay, after: state.days) <= 0 {
      lookUp(waited, in: &state)
    }
    return max(waited, state.openStart) < bound
  }

  @inline(never)
  private func lookUp(_ waited: Instant, in state: inout ForecastState) {
    var from = waited
    while let open = rules.hours.stretch(endingAfter: from, limit: horizon) {
      state.openStart = max(from, open.lowerBound)
      state.openEnd = open.upperBound
      if limit.isNone { return }
      let (day, end) = limit.timeline.dayStretch(at: state.openStart)
      state.openDay = day
      state.openEnd = min(open.upperBound, end)
      if limit.room(on: day, after: state.days) > 0 { return }
      from = end
    }
    // Nothing opens within the horizon, for this message or a later one.
    (state.openStart, state.openEnd, state.openDay) = (.max, .max, 1 << 40)
  }
}
