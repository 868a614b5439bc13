import Canvas
import Scheduling

/// Why messages go out when they do, and what would change that.
extension WeekScreen {
  /// What is shown, with the queue, to try changes on; nil while the queue loads.
  var plan: Plan? {
    forecast.draft.map { Plan(queue: $0.queue, rules: $0.rules, schedule: shown.content(keeping: [])) }
  }

  // MARK: One message

  /// In the forecast the selected message; in the grid the first that goes out in the slot, or after it.
  func explain(_ context: inout Context) {
    if pane == .forecast, forecast.others != nil {
      return context.say(.info, "This message does not wait: Enter shows what happened to it")
    }
    guard let draft = forecast.draft, let plan else {
      return context.say(.info, "The queue is still loading")
    }
    var position = forecast.selected
    if pane == .grid {
      let local = dates(context).local(row: grid.cursor.row, minute: grid.cursor.minute)
      position = draft.position(atOrAfter: clock(context).instant(local: local))
    }
    guard let entry = draft.entry(at: position), let explanation = draft.explanation(of: entry.message) else {
      return context.say(
        .info, draft.count == 0 ? "No message waits" : "No message goes out here or later")
    }
    guard draft.queue.key(of: entry.message) != nil else {
      return context.say(.info, "The queue is still loading")
    }
    let moment = sentenceMoment(context)
    let lines =
      messageLines(of: entry, context)
      + explanation.lines(moment: moment).map { ReadingBox.Line(text: $0) }
      + comparison(of: entry, moment)
    context.present(
      Advice(
        title: "Why \(entry.sendAt.map(moment) ?? "it does not go out")", lines: lines,
        heading: "What would make it sooner:", proposals: plan.proposals(sooner: entry.message),
        message: entry.message, moment: proposalMoment(context)))
  }

  private func messageLines(of entry: ForecastEntry, _ context: Context) -> [ReadingBox.Line] {
    guard let text = forecast.text(of: entry.message) else { return [] }
    let line = "To \(harmless(text.contact)): \(harmless(text.content))"
    let room = context.size.width - 2 - Box.columnsAround
    return [
      ReadingBox.Line(text: clipped(line, columns: room, ellipsis: context.glyphs.ellipsis), role: .dim),
      ReadingBox.Line(text: ""),
    ]
  }

  /// When it would go out as saved, if that differs.
  private func comparison(of entry: ForecastEntry, _ moment: (Instant) -> String) -> [ReadingBox.Line] {
    guard !isShownAsSaved, let saved = forecast.saved?.entry(of: entry.message), saved.sendAt != entry.sendAt
    else { return [] }
    let words =
      switch (saved.sendAt, entry.sendAt) {
      case (let old?, let new?): "As saved: \(moment(old)), so it is now \(Words.shift(from: old, to: new))."
      case (let old?, nil): "As saved: \(moment(old))."
      default: "As saved it does not go out."
      }
    return [ReadingBox.Line(text: words)]
  }

  /// An instant as the list writes it, for a sentence: `Thu 26 Mar 09:20:30`, `Thu 26 Mar 09:20`.
  func sentenceMoment(_ context: Context) -> (Instant) -> String {
    let clock = clock(context)
    let local = { (instant: Instant) in CivilTime(local: instant + clock.offset(at: instant)) }
    let now = local(context.now)
    return { instant in
      let time = local(instant)
      let words = "\(Words.date(time, year: now.year)) \(Words.clock(time))"
      return time.second == 0 ? words : "\(words):\(Timestamp.padded(time.second, 2))"
    }
  }

  /// The shortest that is clear: `now`, `today 18:40`, `Thu 09:06`.
  private func proposalMoment(_ context: Context) -> (Instant) -> String {
    let (clock, now) = (clock(context), context.now)
    let today = clock.day(at: now)
    return { instant in
      if instant <= now { return "now" }
      // Close by, seconds make the difference.
      let local = CivilTime(local: instant + clock.offset(at: instant))
      let seconds = instant - now < .hour && local.second > 0 ? ":\(Timestamp.padded(local.second, 2))" : ""
      let words = Words.brief(instant, now: now, on: clock) + seconds
      return clock.day(at: instant) == today ? "today \(words)" : words
    }
  }

  // MARK: The whole queue

  /// `:empty by fri 17:00`: what would empty the queue by a moment, as a draft to look at.
  mutating func proposeEmpty(by text: String, _ context: inout Context) throws(Problem) {
    guard !context.refusesToEdit() else { return }
    let clock = clock(context)
    let moment = text.hasPrefix("by ") ? String(text.dropFirst(3)) : text
    let now = context.now
    let until = try Problem.from(after: text.count - moment.count) { () throws(NotationError) in
      try MomentNotation.parse(moment, now: now, timeline: clock)
    }
    guard until > context.now else { throw Problem("that moment is over") }
    guard let current = forecast.draft, let plan else { throw Problem("the queue is still loading") }
    let words = proposalMoment(context)
    if current.count == 0 { return context.say(.good, "The queue is empty") }
    let emptying = plan.emptying(by: until)
    if emptying.late == 0, emptying.unready == 0 {
      return context.say(
        .good,
        "It is empty by then already: the last one goes out \(current.lastSendAt.map(words) ?? "before")")
    }
    let lines = emptyingLines(emptying, current, context).map { ReadingBox.Line(text: $0) }
    let what =
      emptying.unready == 0
      ? "empty it by then" : "send \(emptying.late == 1 ? "the other one" : "the others") by then"
    context.present(
      Advice(
        title: "Queue empty by \(words(until))", lines: lines, heading: "What would \(what):",
        proposals: emptying.proposals, message: nil, moment: words))
  }

  /// What stands between the queue and being empty: how it is, what waits for no hours, the hold, and, where nothing
  /// that could be proposed helps, why the last message goes out when it does.
  private func emptyingLines(_ emptying: Emptying, _ current: Forecast, _ context: Context) -> [String] {
    let (words, moment) = (proposalMoment(context), sentenceMoment(context))
    var lines = [
      current.never > 0
        ? "As it is, \(Words.count(current.never, "message")) would never be sent."
        : "As it is, the queue is empty by \(current.lastSendAt.map(words) ?? "now")."
    ]
    if emptying.unready > 0, let ready = emptying.lastReady {
      let count = Words.count(emptying.unready, "message")
      lines.append(
        emptying.unready == 1
          ? "\(count) is not ready by then, whatever the hours and the rate: it is not to go out before \(words(ready))."
          : "\(count) are not ready by then, whatever the hours and the rate: the last is not to go out before \(words(ready))."
      )
      if emptying.late == 0 { lines.append("All others go out by then.") }
    }
    if let until = emptying.heldUntil {
      lines.append(
        until >= .untilReleased
          ? "The phone is held until it is released: nothing goes out before."
          : "The phone is held until \(words(until)): nothing goes out before.")
    }
    guard emptying.late > 0, emptying.proposals.isEmpty else { return lines }
    lines.append(
      emptying.heldUntil == nil
        ? "No longer hours and no higher rate \(emptying.unready > 0 ? "send the others" : "empty it") by then."
        : "Even released now, \(emptying.late == 1 ? "it does" : "they do") not all go out by then.")
    guard let last = emptying.last, let explanation = current.explanation(of: last) else { return lines }
    let contact = forecast.text(of: last).map { ", to \(harmless($0.contact))" } ?? ""
    return lines + ["", "The last of them\(contact):"] + explanation.lines(moment: moment)
  }

  // MARK: Trying a proposal

  /// Puts a proposal into the draft; what is no part of a draft is asked about.
  mutating func take(_ proposal: Proposal, for message: QueueIndex?, _ context: inout Context) {
    guard !context.refusesToEdit() else { return }
    switch proposal.change {
    case .release: return promptForHold(&context)
    case .exact:
      guard let message, let text = forecast.text(of: message) else { return }
      let change = MessageChange(id: text.id, contact: text.contact, action: .mark(exact: true))
      return context.present(
        Question(
          "Mark it exact?",
          lines: [
            "To \(harmless(text.contact)). Hours, rate and the day's limit do not count for it:",
            "it goes out \(proposalMoment(context)(proposal.at)). This is no draft; it acts at once.",
          ],
          Question.Option("y", "mark it exact") { $0.context.perform(.changeMessage(change, .make)) }))
    case .hours, .rate, .messagesPerDay, .several: break
    }
    let old = draft
    edit(&context) { proposal.change.apply(to: &$0) }
    let changes = DraftDifference.words(from: old, to: draft).joined(separator: ", ")
    context.say(.good, "In the draft: \(changes); s saves, u undoes")
  }
}

extension Proposal.Change {
  /// Makes the change in a draft; what acts at once is none of it.
  fileprivate func apply(to draft: inout Draft) {
    switch self {
    case .hours(let content): draft.load(content)
    case .rate(let rate): draft.messagesPerMinute = rate
    case .messagesPerDay(let most): draft.messagesPerDay = most
    case .several(let changes): for change in changes { change.apply(to: &draft) }
    case .release, .exact: break
    }
  }
}
