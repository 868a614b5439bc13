import Canvas
import Scheduling

/// The forecast pane: moving in it, searching it, explaining it.
extension Editor {
  mutating func performInForecast(_ action: Action) -> [Effect] {
    let page = max(1, weekLayout().listRows - 1)
    switch action {
    case .up: return moveInList(-1)
    case .down: return moveInList(1)
    case .pageUp: return moveInList(-page)
    case .pageDown: return moveInList(page)
    case .first: return moveInList(-(week?.forecast?.count ?? 0))
    case .last: return moveInList(week?.forecast?.count ?? 0)
    case .find:
      modal = .prompt(Prompt(.findMessage, label: "/", text: ""))
      return []
    case .escape:
      week?.list.found = []
      week?.list.search = ""
      week?.pane = .grid
      return settle()
    default: return performInWeek(action)
    }
  }

  private mutating func moveInList(_ step: Int) -> [Effect] {
    guard let count = week?.forecast?.count, let selected = week?.list.selected else { return [] }
    week?.list.selected = min(max(0, selected + step), max(0, count - 1))
    return settle()
  }

  // MARK: Finding

  mutating func findMessages(_ text: String) -> [Effect] {
    guard let week else { return [] }
    let text = text.trimmingBlanks
    if text.isEmpty || text == week.list.search {
      goToNextFound()
      return settle()
    }
    self.week?.list.search = text
    return [.findMessages(phoneID: week.phone.id, text: text)]
  }

  mutating func showFound(_ keys: [Int64]) {
    week?.list.found = keys
    if keys.isEmpty {
      say(.info, "No waiting message contains “\(week.map { harmless($0.list.search) } ?? "")”")
    } else {
      goToNextFound()
    }
  }

  /// The found message after the selected one, or the first.
  private mutating func goToNextFound() {
    guard let week, let forecast = week.forecast, !week.list.found.isEmpty else {
      say(.info, "Nothing was searched yet")
      return
    }
    let wanted = Set(week.list.found)
    var positions: [Int] = []
    for (index, key) in forecast.queue.keys.enumerated() where wanted.contains(key) {
      if let position = forecast.entry(of: .ordinary(index))?.position { positions.append(position) }
    }
    for (index, key) in forecast.queue.exactKeys.enumerated() where wanted.contains(key) {
      if let position = forecast.entry(of: .exact(index))?.position { positions.append(position) }
    }
    positions.sort()
    guard let first = positions.first else { return }
    let next = positions.first { $0 > week.list.selected } ?? first
    self.week?.list.selected = next
    let place = (positions.firstIndex(of: next) ?? 0) + 1
    say(
      .info,
      "“\(harmless(week.list.search))”: \(place) of \(Words.count(positions.count)); / Enter for the next")
  }

  // MARK: Explaining

  /// In the forecast the selected message; in the grid the first that goes out in the slot, or after it.
  mutating func explain() -> [Effect] {
    guard let week, let forecast = week.forecast else {
      say(.info, "The queue is still loading")
      return []
    }
    var position = week.list.selected
    if pane == .grid {
      let local = dates().local(row: week.cursor.row, minute: week.cursor.minute)
      position = forecast.position(atOrAfter: timeline().instant(local: local))
    }
    guard let entry = forecast.entry(at: position) else {
      say(.info, forecast.count == 0 ? "No message waits" : "No message goes out here or later")
      return []
    }
    modal = .explanation(explanation(of: entry, in: forecast))
    return []
  }

  private mutating func explanation(of entry: ForecastEntry, in forecast: Forecast) -> [String] {
    let clock = timeline()
    let text = week?.list.texts[forecast.queue.key(of: entry.message)]
    let rules = forecast.rules
    let moment = { (instant: Instant) in Timestamp.local(instant, offset: clock.offset(at: instant)) }
    var lines: [String] = []
    if let text { lines += ["To \(text.contact): \(text.content)", ""] }
    lines.append("Goes out        \(entry.sendAt.map(moment) ?? "never")")
    if let saved = week?.savedForecast?.entry(of: entry.message)?.sendAt, let sendAt = entry.sendAt,
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
    let before = entry.position > 0 ? forecast.entry(at: entry.position - 1)?.sendAt : nil
    let previous = [before, rules.previous].compactMap { $0 }.max()
    let base = max(rules.now, entry.readyAt)
    if entry.cause != .exact, let previous, rules.rate.gap > 0 {
      lines.append("Send before it  \(moment(previous))")
      lines.append(
        "Rate            \(Self.rate(rules.rate.messagesPerMinute)): not before \(moment(previous + rules.rate.gap))"
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
    case .never: lines.append("Never           no window opens for it within five years")
    }
    return lines
  }
}
