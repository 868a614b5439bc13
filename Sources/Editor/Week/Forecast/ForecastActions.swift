import Canvas
import Scheduling

/// The forecast pane: moving in it, searching it.
extension WeekScreen {
  mutating func performInForecast(_ action: Action, _ context: inout Context) {
    switch action {
    case .left: turnGroup(-1, &context)
    case .right: turnGroup(1, &context)
    case .escape:
      (forecast.found, forecast.search, forecast.others) = ([], "", nil)
      pane = .grid
    default:
      if forecast.others == nil {
        performInQueue(action, &context)
      } else {
        performInOthers(action, &context)
      }
    }
  }

  private mutating func performInQueue(_ action: Action, _ context: inout Context) {
    let page = max(1, layout(context).listRows - 1)
    switch action {
    case .up: forecast.move(-1)
    case .down: forecast.move(1)
    case .pageUp: forecast.move(-page)
    case .pageDown: forecast.move(page)
    case .first: forecast.move(-(forecast.draft?.count ?? 0))
    case .last: forecast.move(forecast.draft?.count ?? 0)
    case .openMessage: openMessage(&context)
    case .retryAll:
      context.say(.info, "\(context.glyphs.arrowRight) lists the failed messages; a retries them there")
    case .find:
      context.present(findPrompt(forecast.search, among: nil))
    case .findNext: goToFound(1, &context)
    case .findPrevious: goToFound(-1, &context)
    default: break
    }
  }

  // MARK: Finding

  /// Whether a search found something in the list on the screen.
  var hasFound: Bool { !(forecast.others?.found ?? forecast.found).isEmpty }

  /// Finds in the list on the screen: what waits, or another group.
  func findPrompt(_ text: String, among group: MessageGroup?) -> Prompt {
    Prompt.inWeek(
      "Find: ", text: text,
      hints: [Hint("", "an id, a number or words of a \(group?.rawValue ?? "waiting") message")]
    ) {
      text, week, context in week.findMessages(text.trimmingBlanks, &context)
    }
  }

  private mutating func findMessages(_ text: String, _ context: inout Context) {
    if let others = forecast.others {
      if text.isEmpty || text == others.search { return goToFoundInOthers(1, &context) }
      forecast.others?.search = text
    } else {
      if text.isEmpty || text == forecast.search { return goToFound(1, &context) }
      forecast.search = text
    }
    context.perform(.findMessages(phoneID: phone.id, forecast.others?.group, text: text))
  }

  /// What was found in the list on the screen.
  mutating func showFound(_ keys: [Int64], _ context: inout Context) {
    if let others = forecast.others {
      forecast.others?.found = Set(keys)
      if keys.isEmpty {
        context.say(.info, "No \(others.group.rawValue) message has “\(harmless(others.search))” in it")
      } else {
        goToFoundInOthers(1, &context)
      }
      return
    }
    forecast.found = Set(keys)
    if keys.isEmpty {
      context.say(.info, "No waiting message has “\(harmless(forecast.search))” in it")
    } else {
      goToFound(1, &context)
    }
  }

  /// Goes to the next message that was found, or the one before; after the last comes the first.
  private mutating func goToFound(_ step: Int, _ context: inout Context) {
    guard let draft = forecast.draft, !forecast.found.isEmpty else {
      return context.say(.info, "Nothing was searched yet: / finds")
    }
    guard draft.queue.isWhole else { return context.say(.info, "The queue is still loading") }
    guard let next = position(ofFound: step, in: draft) else {
      return context.say(.info, "What was found does not wait any more")
    }
    forecast.selected = next
    let count = Words.count(forecast.found.count, "message")
    context.say(.info, "\(count) with “\(harmless(forecast.search))”; n N go on")
  }

  private func position(ofFound step: Int, in draft: Forecast) -> Int? {
    let (count, here) = (draft.count, forecast.selected)
    let ranges = step > 0 ? [here + 1..<count, 0..<min(here + 1, count)] : [0..<here, here..<count]
    for range in ranges where !range.isEmpty {
      let chunks = stride(from: range.lowerBound, to: range.upperBound, by: Forecast.interval).map {
        $0..<min($0 + Forecast.interval, range.upperBound)
      }
      for chunk in step > 0 ? chunks : chunks.reversed() {
        let entries = draft.entries(chunk)
        let isFound = { (entry: ForecastEntry) in
          draft.queue.key(of: entry.message).map(forecast.found.contains) ?? false
        }
        if let entry = step > 0 ? entries.first(where: isFound) : entries.last(where: isFound) {
          return entry.position
        }
      }
    }
    return nil
  }
}
