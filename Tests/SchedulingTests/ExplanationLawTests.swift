import TestSupport
import Testing

@testable import Scheduling

/// What an explanation says is so, whatever the phone and its queue.
@Suite struct ExplanationLawTests {
  @Test(arguments: NastyZone.all)
  func everyStepIsTrue(_ zone: NastyZone) throws {
    var random = SeededRandom(seed: 61)
    for moment in zone.instants {
      for _ in 0..<10 * caseFactor {
        let phone = random.forecastCase(near: moment)
        let timeline = try #require(ZoneTimeline(identifier: zone.identifier, around: phone.now))
        let forecast = Forecast(queue: SendQueue(phone.messages), rules: phone.rules(timeline))
        let entries = forecast.entries(0..<forecast.count)
        for entry in entries {
          let explanation = try #require(forecast.explanation(of: entry.message))
          #expect(explanation.entry == entry)
          #expect(explanation.steps.first == .ready(entry.readyAt))
          for step in explanation.steps {
            check(step, of: entry, among: entries, forecast, "\(phone): \(entry)")
          }
          checkMovers(explanation, "\(phone): \(entry)")
        }
      }
    }
  }

  private func check(
    _ step: Explanation.Step, of entry: ForecastEntry, among entries: [ForecastEntry], _ forecast: Forecast,
    _ comment: Comment
  ) {
    let rules = forecast.rules
    let held = max(rules.now, entry.readyAt, rules.heldUntil ?? .min)
    switch step {
    case .behind(let count, let from, let last):
      #expect(from == held, comment)
      let before = entries.prefix(entry.position).compactMap(\.sendAt).filter { $0 >= held && $0 <= last }
      #expect(entry.sendAt == nil || before.count == count && before.last == last, comment)
    case .closed(let from, let until, let exceptions):
      #expect(from >= held && !rules.hours.isOpen(from), comment)
      if let until { #expect(rules.hours.isOpen(until) && !rules.hours.isOpen(until - 1), comment) }
      if let until, let sendAt = entry.sendAt { #expect(until <= sendAt, comment) }
      #expect(exceptions.count <= 3, comment)
    case .held(let until): #expect(until == rules.heldUntil && until > entry.readyAt, comment)
    case .rate(let gap, let previous): #expect(gap == rules.rate.gap && previous + gap > held, comment)
    case .expires(let expiry, _):
      #expect(entry.cause == .expires && forecast.expiry(of: entry.message) == expiry, comment)
    case .never: #expect(entry.sendAt == nil && entry.cause != .expires, comment)
    case .exact: #expect(entry.message.isExact, comment)
    case .full(_, let most): #expect(most == rules.messagesPerDay, comment)
    case .skipped(let change): #expect(change.isSkip, comment)
    case .ready, .closedOften, .noClock: break
    }
  }

  /// The cause of a time is among the steps.
  private func checkMovers(_ explanation: Explanation, _ comment: Comment) {
    let isNamed = explanation.steps.contains { step in
      switch (explanation.entry.cause, step) {
      case (.hold, .held), (.hold, .never), (.window, .closed), (.rate, .rate), (.expires, .expires),
        (.never, .never), (.exact, .exact), (.ready, .ready):
        true
      // A date may have been filled before now, and the clock may show it again.
      case (.day, _): true
      default: false
      }
    }
    #expect(isNamed, comment)
  }
}
