import Canvas
import Scheduling

/// `:empty by fri 17:00`: what would empty the queue by a moment, as a draft to look at.
extension WeekScreen {
  mutating func proposeEmpty(by text: String, _ context: inout Context) throws(Problem) {
    guard !context.refusesToEdit() else { return }
    let clock = clock(context)
    let moment = text.hasPrefix("by ") ? String(text.dropFirst(3)) : text
    let until = try Problem.from { () throws(NotationError) in
      try MomentNotation.parse(moment, now: context.now, timeline: clock)
    }
    guard until > context.now else { throw Problem("that moment is over") }
    guard let current = forecast.draft else { throw Problem("the queue is still loading") }
    let now = context.now
    let brief = { (instant: Instant) in Words.brief(instant, now: now, on: clock) }
    guard !current.isEmpty(by: until) else {
      return context.say(
        .good,
        current.count == 0
          ? "No message waits" : "It is empty by \(current.lastSendAt.map(brief) ?? "then") already")
    }
    var lines = [
      "As it is, it is empty by \(current.isEmpty(by: .max) ? current.lastSendAt.map(brief) ?? "now" : "no time: some never go out")."
    ]
    var options: [Question.Option] = []
    if let (hours, words, last) = longerHours(until, context) {
      lines.append("With \(words): by \(brief(last)).")
      options.append(proposal("h", "longer hours", hours))
    }
    if let (rate, last) = fasterRate(until, context) {
      lines.append("At \(Words.rate(rate.messagesPerMinute)): by \(brief(last)).")
      options.append(proposal("r", "the higher rate", rate))
    }
    if options.isEmpty { lines.append("Neither longer hours nor a higher rate alone empty it by then.") }
    context.present(Question("Empty by \(brief(until))", lines: lines, options: options))
  }

  private func proposal(_ key: Character, _ words: String, _ proposed: Draft) -> Question.Option {
    .inWeek(key, words) { week, context in
      let old = week.draft
      week.edit(&context) { $0 = proposed }
      let changes = DraftDifference.words(from: old, to: proposed).joined(separator: ", ")
      context.say(.info, "In the draft: \(changes); s saves, u takes it back")
    }
  }

  /// The lowest rate that is enough.
  private func fasterRate(_ until: Instant, _ context: Context) -> (draft: Draft, last: Instant)? {
    guard draft.messagesPerMinute > 0 else { return nil }
    let at = { (rate: Int) -> (Draft, Instant)? in
      var faster = draft
      faster.messagesPerMinute = rate
      return enough(faster, until, context)
    }
    // Above 60,000 a minute the gap is a millisecond all the same.
    guard var best = at(60_000) else { return nil }
    var (low, high) = (draft.messagesPerMinute, 60_000)
    while high - low > 1 {
      let middle = (low + high) / 2
      if let found = at(middle) { (high, best) = (middle, found) } else { low = middle }
    }
    return best
  }

  /// The windows of each day end later, until midnight; then the first also starts earlier.
  private func longerHours(_ until: Instant, _ context: Context) -> (
    draft: Draft, words: String, last: Instant
  )? {
    guard draft.hasSchedule, draft.isActive else { return nil }
    let step = 15
    let at = { (steps: Int) -> (Draft, Instant)? in
      var longer = draft
      for day in 0..<7 { longer.week.lengthen(day: day, by: steps * step) }
      return enough(longer, until, context)
    }
    guard var best = at(2 * 1440 / step) else { return nil }
    var (low, high) = (0, 2 * 1440 / step)
    while high - low > 1 {
      let middle = (low + high) / 2
      if let found = at(middle) { (high, best) = (middle, found) } else { low = middle }
    }
    let words = WindowNotation.text(best.0.week.subtracting(draft.week).windows) + " also open"
    return (best.0, words, best.1)
  }

  /// The draft with the last of its sends, if it empties the queue by a moment.
  private func enough(_ proposed: Draft, _ until: Instant, _ context: Context) -> (Draft, Instant)? {
    guard let forecast = forecast(of: proposed, now: context.now, context), forecast.isEmpty(by: until) else {
      return nil
    }
    return (proposed, forecast.lastSendAt ?? context.now)
  }
}

extension Forecast {
  /// Whether all that waits goes out by a moment, or expires before.
  fileprivate func isEmpty(by moment: Instant) -> Bool { never == 0 && lastSendAt ?? .min <= moment }
}

extension WeekMinutes {
  /// Lets each window of a day end so much later, at midnight at the latest; what the last one has no room for
  /// goes before the first.
  fileprivate mutating func lengthen(day: Int, by minutes: Int) {
    let (start, end) = (day * 1440, (day + 1) * 1440)
    let runs = runs(in: start..<end)
    guard let first = runs.first, let last = runs.last else { return }
    for run in runs { insert(run.upperBound..<min(end, run.upperBound + minutes)) }
    let before = min(max(0, minutes - (end - last.upperBound)), first.lowerBound - start)
    insert(first.lowerBound - before..<first.lowerBound)
  }
}
