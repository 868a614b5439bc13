/// What a forecast's totals need of a queue in which no ordinary message expires: a few numbers that a store
/// finds without reading the messages that are ready.
package struct QueueSummary: Sendable, Equatable {
  /// How many ordinary messages are ready at `now` or before.
  package var ready: Int
  /// When the other ordinary ones are ready, in that order.
  package var later: [Instant]
  /// The exact ones, as in ``SendQueue``.
  package var exactReady: [Instant]
  package var exactExpires: [Instant]

  package init(ready: Int, later: [Instant] = [], exactReady: [Instant] = [], exactExpires: [Instant] = []) {
    precondition(exactExpires.isEmpty || exactExpires.count == exactReady.count)
    self.ready = ready
    self.later = later
    self.exactReady = exactReady
    self.exactExpires = exactExpires
  }

  /// How many messages wait.
  package var count: Int { ready + later.count + exactReady.count }
}

/// The ready times of a summary's ordinary messages, as if they were a column.
private struct SummaryColumn: InstantColumn {
  let ready: Int
  let later: UnsafeBufferPointer<Instant>

  var count: Int { ready + later.count }
  @inline(__always)
  subscript(index: Int) -> Instant { index < ready ? .min : later[index - ready] }
}

/// The totals of a forecast, from a summary of the queue: the same as those of ``Forecast``.
///
/// What is ready costs a step for each open stretch and date, however many messages it is.
package struct ForecastTotals: Sendable {
  /// How many wait, go out within the horizon, do not since they expire, or do not for another reason.
  package let count: Int
  package let sends: Int
  package let expires: Int
  package let never: Int
  /// The first and the last to go out; nil if none does.
  package let firstSendAt: Instant?
  package let lastSendAt: Instant?

  /// What the totals are of.
  private enum Source {
    case summary(QueueSummary, ForecastRules)
    case forecast(Forecast)
  }
  private let source: Source

  /// The totals of a forecast that was made message by message.
  package init(_ forecast: Forecast) {
    source = .forecast(forecast)
    count = forecast.count
    sends = forecast.sends
    expires = forecast.expires
    never = forecast.never
    firstSendAt = forecast.firstSendAt
    lastSendAt = forecast.lastSendAt
  }

  package init(_ queue: QueueSummary, rules: ForecastRules) {
    var totals = TotalsVisitor()
    var state = ForecastPass(rules).start
    Self.run(queue, rules, from: &state, &totals)
    source = .summary(queue, rules)
    count = queue.count
    sends = state.sends
    expires = totals.expires
    never = queue.count - state.sends - totals.expires
    firstSendAt = totals.first
    lastSendAt = totals.last
  }

  /// How many messages go out in each of some consecutive stretches of time, as ``Forecast/counts(between:)``.
  package func counts(between edges: [Instant]) -> [Int] {
    guard edges.count > 1 else { return [] }
    switch source {
    case .forecast(let forecast): return forecast.counts(between: edges)
    case .summary(let queue, let rules):
      var histogram = HistogramVisitor(edges: edges)
      var state = ForecastPass(rules).start
      Self.run(queue, rules, from: &state, &histogram)
      return histogram.counts
    }
  }

  private static func run<Visitor: ForecastVisitor>(
    _ queue: QueueSummary, _ rules: ForecastRules, from state: inout ForecastState, _ visitor: inout Visitor
  ) {
    let exact = ExactColumns(ready: queue.exactReady, expires: queue.exactExpires)
    let pass = ForecastPass(rules)
    queue.later.withUnsafeBufferPointer { later in
      let ready = SummaryColumn(ready: queue.ready, later: later)
      // First to the end of those that are ready, so that a stretch of them is seen to be ready as a whole.
      while state.ordinary < queue.ready {
        let limit = state.passed + queue.ready - state.ordinary
        pass.run(ready, NoExpiries(), exact, from: &state, until: limit, &visitor)
      }
      pass.run(ready, NoExpiries(), exact, from: &state, until: .max, &visitor)
    }
  }
}
