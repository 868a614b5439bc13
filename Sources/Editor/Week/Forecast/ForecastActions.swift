import Canvas
import Scheduling

/// The forecast pane: moving in it, searching it, explaining it.
extension WeekScreen {
  mutating func performInForecast(_ action: Action, _ context: inout Context) {
    let page = max(1, layout(context).listRows - 1)
    switch action {
    case .up: forecast.move(-1)
    case .down: forecast.move(1)
    case .pageUp: forecast.move(-page)
    case .pageDown: forecast.move(page)
    case .first: forecast.move(-(forecast.draft?.count ?? 0))
    case .last: forecast.move(forecast.draft?.count ?? 0)
    case .find:
      context.present(
        Prompt.inWeek("/", hints: [Hint("", "words of contact or text; Enter alone goes on")]) {
          text, week, context in week.findMessages(text, &context)
        })
    case .escape:
      (forecast.found, forecast.search) = ([], "")
      pane = .grid
    default: break
    }
  }

  // MARK: Finding

  private mutating func findMessages(_ text: String, _ context: inout Context) {
    let text = text.trimmingBlanks
    if text.isEmpty || text == forecast.search { return goToNextFound(&context) }
    forecast.search = text
    context.perform(.findMessages(phoneID: phone.id, text: text))
  }

  mutating func showFound(_ keys: [Int64], _ context: inout Context) {
    forecast.found = keys
    if keys.isEmpty {
      context.say(.info, "No waiting message contains “\(harmless(forecast.search))”")
    } else {
      goToNextFound(&context)
    }
  }

  /// The found message after the selected one, or the first.
  private mutating func goToNextFound(_ context: inout Context) {
    guard let draft = forecast.draft, !forecast.found.isEmpty else {
      return context.say(.info, "Nothing was searched yet")
    }
    let positions = positions(of: Set(forecast.found), in: draft)
    guard let first = positions.first else { return }
    let next = positions.first { $0 > forecast.selected } ?? first
    forecast.selected = next
    let place = (positions.firstIndex(of: next) ?? 0) + 1
    context.say(
      .info,
      "“\(harmless(forecast.search))”: \(place) of \(Words.count(positions.count)); / Enter for the next")
  }

  private func positions(of keys: Set<Int64>, in forecast: Forecast) -> [Int] {
    let ordinary = forecast.queue.keys.enumerated().filter { keys.contains($1) }.map {
      QueueIndex.ordinary($0.0)
    }
    let exact = forecast.queue.exactKeys.enumerated().filter { keys.contains($1) }.map {
      QueueIndex.exact($0.0)
    }
    return (ordinary + exact).compactMap { forecast.entry(of: $0)?.position }.sorted()
  }

  // MARK: Explaining

  /// In the forecast the selected message; in the grid the first that goes out in the slot, or after it.
  func explain(_ context: inout Context) {
    guard let draft = forecast.draft else { return context.say(.info, "The queue is still loading") }
    var position = forecast.selected
    if pane == .grid {
      let local = dates(context).local(row: grid.cursor.row, minute: grid.cursor.minute)
      position = draft.position(atOrAfter: clock(context).instant(local: local))
    }
    guard let entry = draft.entry(at: position) else {
      return context.say(
        .info, draft.count == 0 ? "No message waits" : "No message goes out here or later")
    }
    context.present(Explanation(title: "Why then", lines: explanation(of: entry, in: draft, context)))
  }

  private func explanation(of entry: ForecastEntry, in draft: Forecast, _ context: Context) -> [String] {
    let clock = clock(context)
    let text = forecast.text(of: entry.message)
    let rules = draft.rules
    let moment = { (instant: Instant) in Timestamp.local(instant, offset: clock.offset(at: instant)) }
    var lines: [String] = []
    if let text { lines += ["To \(text.contact): \(text.content)", ""] }
    lines.append("Goes out        \(entry.sendAt.map(moment) ?? "never")")
    if let saved = forecast.saved?.entry(of: entry.message)?.sendAt, let sendAt = entry.sendAt,
      saved != sendAt
    {
      lines.append("As saved        \(moment(saved)), now \(Words.shift(from: saved, to: sendAt))")
    }
    lines.append("")
    if let text {
      lines.append("Queued          \(moment(text.queuedAt))")
      if let sendAt = text.sendAt { lines.append("Not before      \(moment(sendAt))") }
    }
    lines.append("Ready           \(moment(entry.readyAt))\(entry.readyAt <= rules.now ? ", so now" : "")")
    let before = entry.position > 0 ? draft.entry(at: entry.position - 1)?.sendAt : nil
    let previous = [before, rules.previous].compactMap { $0 }.max()
    let base = max(rules.now, entry.readyAt, rules.heldUntil ?? .min)
    if !entry.message.isExact, let previous, rules.rate.gap > 0 {
      lines.append("Send before it  \(moment(previous))")
      lines.append(
        "Rate            \(Words.rate(rules.rate.messagesPerMinute)): not before \(moment(previous + rules.rate.gap))"
      )
    }
    let waited = max(base, previous.map { $0 + rules.rate.gap } ?? base)
    switch entry.cause {
    case .exact: lines.append("Exact           ignores windows and rate")
    case .window:
      lines.append(
        "Windows         closed at \(moment(waited)), the next opens \(entry.sendAt.map(moment) ?? "never")")
    case .rate: lines.append("Windows         open then; it waits for the rate")
    case .ready: lines.append("Windows         open then; nothing holds it back")
    case .hold: lines.append("Held            until \(rules.heldUntil.map(moment) ?? "released")")
    case .day: lines.append("Day's limit     \(rules.messagesPerDay) a day: the next date with room")
    case .expires: lines.append("Expires         before it could go out")
    case .never: lines.append("Never           no window opens for it within five years")
    }
    return lines
  }
}
