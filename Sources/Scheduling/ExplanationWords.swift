extension Explanation {
  /// The explanation in plain words, a line each; `moment` writes an instant as the surroundings do.
  package func lines(moment: (Instant) -> String) -> [String] {
    steps.map { Self.line($0, moment) } + [result(moment)]
  }

  private func result(_ moment: (Instant) -> String) -> String {
    if let sendAt = entry.sendAt { return "It goes out \(moment(sendAt))." }
    if case .noClock = steps.last { return "It does not go out." }
    return entry.cause == .expires
      ? "It expires before it could go out." : "It does not go out within five years."
  }

  private static func line(_ step: Step, _ moment: (Instant) -> String) -> String {
    switch step {
    case .ready(let instant): "Ready \(moment(instant))."
    case .exact: "Exact: hours, rate and the day's limit do not count for it."
    case .held(let until):
      until >= .untilReleased
        ? "The phone is held until released." : "The phone is held until \(moment(until))."
    case .behind(let count, let from, let last):
      count == 1
        ? "From \(moment(from)) on 1 other message goes out before it, \(moment(last))."
        : "From \(moment(from)) on \(count.grouped) other messages go out before it, the last one \(moment(last))."
    case .closed(let from, let until, let exceptions):
      "Closed from \(moment(from)) until \(until.map(moment) ?? "beyond five years")\(words(exceptions))."
    case .closedOften(let count, let until):
      "Closed \(count.counted("more time")), until \(moment(until))."
    case .full(let date, let most):
      "\(ExceptionDate.words(from: .day(date), through: .day(date))) is full: \(most) a day at most."
    case .skipped(let change):
      "The clock skips \(DurationNotation.text(change.after - change.before)) \(moment(change.at)), in open hours."
    case .rate(let gap, let previous):
      "The rate leaves \(DurationNotation.text(gap)) after the send before it, \(moment(previous))."
    case .noClock(let problem): "\(TimeZoneError.consequence(of: "\(problem)").capitalizedFirst)."
    case .expires(let expiry, let earliest):
      "It expires \(moment(expiry))\(earliest.map { ", and could go out \(moment($0)) at the earliest" } ?? "")."
    case .never: "Nothing is sent later than five years from now."
    }
  }

  /// ` (24-26 Dec 2026 closed: Christmas)`.
  private static func words(_ exceptions: [ScheduleException]) -> String {
    let words = exceptions.map { exception in
      let date = ExceptionDate.words(from: exception.date, through: exception.date)
      let hours = exception.windows.isEmpty ? "closed" : WindowNotation.times(exception.windows)
      return "\(date) \(hours)" + (exception.note.isEmpty ? "" : ": \(exception.note)")
    }
    return words.isEmpty ? "" : " (\(words.joined(separator: "; ")))"
  }
}
