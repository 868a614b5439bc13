/// Why a message goes out when it does: everything that it waits for, from being ready on.
package struct Explanation: Equatable, Sendable {
  package enum Step: Equatable, Sendable {
    /// It is ready at an instant, which may be past.
    case ready(Instant)
    /// Windows, rate and the day's limit do not count for it.
    case exact
    /// The phone is held until then.
    case held(until: Instant)
    /// So many others go out before it from an instant on, at which it could go on, the last of them at another.
    case behind(count: Int, from: Instant, last: Instant)
    /// Nothing is open in a stretch that it waits through; nil for an end beyond the horizon. The exceptions
    /// are those of the dates in it, at most a few.
    case closed(from: Instant, until: Instant?, exceptions: [ScheduleException])
    /// So many further closed stretches, the last of which ends at an instant.
    case closedOften(count: Int, until: Instant)
    /// A date that it waits through has all the messages that the day's limit allows.
    case full(CivilDate, most: Int)
    /// The clock skips a time that would have been open.
    case skipped(ClockChange)
    /// The rate asks for a gap after the send before it.
    case rate(gap: Duration, previous: Instant)
    /// Nothing goes out: the clock of the hours is not known.
    case noClock(TimeZoneError)
    /// Its expiry comes before the time at which it could go out at the earliest.
    case expires(Instant, earliest: Instant?)
    /// It would go out later than a forecast looks ahead.
    case never
  }

  package var entry: ForecastEntry
  package var steps: [Step]
}

extension Forecast {
  /// Why a message goes out when it does, or not at all; nil if the queue has no such message.
  package func explanation(of message: QueueIndex) -> Explanation? {
    guard let entry = entry(of: message) else { return nil }
    var steps: [Explanation.Step] = [.ready(entry.readyAt)]
    if let problem = rules.hours.problem {
      return Explanation(entry: entry, steps: steps + [.noClock(problem)])
    }
    if message.isExact { steps.append(.exact) }
    let base = max(rules.now, entry.readyAt)
    let held = max(base, rules.heldUntil ?? base)
    if held > base { steps.append(.held(until: held)) }
    if !message.isExact {
      steps += waits(of: entry, from: held)
    } else if entry.cause == .expires, let expiry = expiry(of: message) {
      steps.append(.expires(expiry, earliest: held))
    }
    if entry.cause == .never || entry.cause == .hold && entry.sendAt == nil { steps.append(.never) }
    return Explanation(entry: entry, steps: steps)
  }

  /// What an ordinary message waits for from the time on from which it is not held.
  private func waits(of entry: ForecastEntry, from held: Instant) -> [Explanation.Step] {
    var steps: [Explanation.Step] = []
    let before = sendBefore(entry.message)
    let previous = [before, rules.previous].compactMap(\.self).max()
    let waited = max(held, previous.map { $0 + rules.rate.gap } ?? held)
    let end = entry.sendAt ?? rules.hours.nextOpen(waited, limit: rules.horizon)
    if let before, before >= held {
      let first = position(atOrAfter: held)
      let last = position(atOrAfter: before + 1)
      let count = (entry.sendAt == nil ? last : entry.position) - first
      steps.append(.behind(count: count, from: held, last: before))
    }
    steps += closedStretches(from: held, to: end)
    steps += fullDates(from: held, to: entry.sendAt ?? held)
    steps += skippedOpenings(from: held, to: end ?? held)
    if let previous, waited > held { steps.append(.rate(gap: rules.rate.gap, previous: previous)) }
    if entry.cause == .expires, let expiry = expiry(of: entry.message) {
      steps.append(.expires(expiry, earliest: end))
    }
    return steps
  }

  /// When an ordinary or exact message expires; nil if it does not.
  package func expiry(of message: QueueIndex) -> Instant? {
    let (column, index) =
      switch message {
      case .ordinary(let index): (queue.expires, index)
      case .exact(let index): (queue.exactExpires, index)
      }
    return column.indices.contains(index) && column[index] != .max ? column[index] : nil
  }

  /// The stretches in which nothing is open, cut at both ends; the first ones, then how many more.
  private func closedStretches(from start: Instant, to end: Instant?) -> [Explanation.Step] {
    let shown = 3
    var steps: [Explanation.Step] = []
    var more = 0
    var lastEnd = start
    var x = start
    while let closed = rules.hours.nextClosed(x, limit: end ?? rules.horizon), closed < end ?? .max {
      let open = rules.hours.nextOpen(closed, limit: end ?? rules.horizon)
      if steps.count < shown {
        steps.append(.closed(from: closed, until: open, exceptions: exceptions(from: closed, to: open)))
      } else {
        more += 1
      }
      guard let open else { break }
      (lastEnd, x) = (open, open)
    }
    if more > 0 { steps.append(.closedOften(count: more, until: lastEnd)) }
    return steps
  }

  private func exceptions(from start: Instant, to end: Instant?) -> [ScheduleException] {
    let timeline = rules.hours.timeline
    let first = timeline.day(at: start)
    let last = end.map { max(first, timeline.day(at: $0)) } ?? first + 31
    return Array((first...min(last, first + 31)).lazy.compactMap(rules.hours.exception).prefix(3))
  }

  /// Dates before that of `end` that have no room left.
  private func fullDates(from start: Instant, to end: Instant) -> [Explanation.Step] {
    guard rules.messagesPerDay > 0 else { return [] }
    let timeline = rules.hours.timeline
    let dates = (timeline.day(at: start)...max(timeline.day(at: start), timeline.day(at: end))).dropLast()
      .prefix(400)
    return dates.compactMap { day in
      let date = CivilDate(days: day)
      let sends = timeline.ranges(of: date).reduce(rules.sentOn[day] ?? 0) {
        $0 + counts(between: [max($1.lowerBound, rules.now), max($1.upperBound, rules.now)]).reduce(0, +)
      }
      return sends >= rules.messagesPerDay ? .full(date, most: rules.messagesPerDay) : nil
    }
  }

  /// Clock changes that skip a time which the hours would have open.
  private func skippedOpenings(from start: Instant, to end: Instant) -> [Explanation.Step] {
    guard start < end else { return [] }
    return rules.hours.timeline.changes(in: start..<end)
      .filter { $0.isSkip && rules.hours.opens(inLocal: $0.localRange) }.map { .skipped($0) }
  }

  /// The latest send of this forecast before a message's turn; nil if it is the first.
  private func sendBefore(_ message: QueueIndex) -> Instant? {
    let bookmark = bookmark(of: message)
    var visitor = SendBeforeVisitor(message: message, latest: bookmark.previous)
    var state = bookmark
    ForecastPass(rules).run(queue, from: &state, until: state.passed + spacing, &visitor)
    return visitor.latest == .min ? nil : visitor.latest
  }
}

/// Remembers the latest send before a message's turn.
private struct SendBeforeVisitor: ForecastVisitor {
  let message: QueueIndex
  var latest: Instant
  private var isOver = false

  init(message: QueueIndex, latest: Instant) {
    self.message = message
    self.latest = latest
  }

  mutating func ordinary(_ index: Int, waited: Instant, sendAt: Instant) { pass(.ordinary(index), sendAt) }

  mutating func rateBound(_ indices: Range<Int>, from sendAt: Instant, every gap: Duration) {
    for index in indices { pass(.ordinary(index), sendAt + Int64(index - indices.lowerBound) * gap) }
  }

  mutating func exact(_ index: Int, sendAt: Instant) { pass(.exact(index), sendAt) }
  mutating func unsentOrdinary(_ indices: Range<Int>, _ cause: Cause) {
    for index in indices { pass(.ordinary(index), latest) }
  }
  mutating func unsentExact(_ index: Int, _ cause: Cause) { pass(.exact(index), latest) }

  private mutating func pass(_ message: QueueIndex, _ sendAt: Instant) {
    if message == self.message { isOver = true }
    if !isOver { latest = sendAt }
  }
}
