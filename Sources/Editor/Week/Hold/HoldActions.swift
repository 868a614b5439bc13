import Canvas
import Scheduling

/// The emergency stop of the phone that is open; it acts at once, and is no part of the draft.
extension WeekScreen {
  /// `!`: asks until when; of a held phone, whether to release it.
  func promptForHold(_ context: inout Context) {
    guard !context.refusesToEdit() else { return }
    guard let hold = phone.hold, hold.isActive(at: context.now) else {
      return context.present(holdPrompt())
    }
    context.present(
      Question(
        "\(phone.number) is held", lines: [holdInWords(hold, context).capitalisedFirst],
        .inWeek("r", "release it now") { week, context in week.release(&context) },
        .inWeek("c", "hold it until another moment") { week, context in
          context.present(week.holdPrompt())
        }))
  }

  private func holdPrompt() -> Prompt {
    var prompt = Prompt.inWeek(
      "Hold until (empty: until released): ",
      hints: [
        Hint("thu 10:00", ""), Hint("tomorrow 8", ""), Hint("in 2 h", ""), Hint(", REASON", "why"),
      ]
    ) { text, week, context throws(Problem) in try week.hold(text, &context) }
    prompt.follows.change = { text, editor in editor.week?.preview(hold: text, editor.context) }
    prompt.follows.end = { editor in editor.week?.preview(hold: nil, editor.context) }
    return prompt
  }

  /// Holds the phone at once: `until thu 10:00, modem repair`, `thu 10:00`, or nothing for until released.
  mutating func hold(_ text: String, _ context: inout Context) throws(Problem) {
    guard !context.refusesToEdit() else { return }
    let hold = try hold(text, context)
    guard hold.until > context.now else { throw Problem("that moment is over") }
    context.perform(.hold(phoneIDs: [phone.id], until: hold.until, reason: hold.reason))
  }

  mutating func release(_ context: inout Context) {
    guard !context.refusesToEdit() else { return }
    guard phone.hold?.isActive(at: context.now) ?? false else {
      return context.say(.info, "This phone is not held")
    }
    context.perform(.release(phoneIDs: [phone.id]))
  }

  /// What a text means: a moment, and behind a comma why.
  private func hold(_ text: String, _ context: Context) throws(Problem) -> Hold {
    var moment = text.trimmingBlanks
    if moment.hasPrefix("until ") { moment = String(moment.dropFirst(6)) }
    let parts = moment.split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false)
    let reason = parts.count > 1 ? String(parts[1]).trimmingBlanks : ""
    moment = String(parts.first ?? "").trimmingBlanks
    if moment.isEmpty || moment == "released" || moment == "until released" {
      return Hold(until: .untilReleased, reason: reason)
    }
    let clock = clock(context)
    let until = try Problem.from { () throws(NotationError) in
      try MomentNotation.parse(moment, now: context.now, timeline: clock)
    }
    return Hold(until: until, reason: reason)
  }

  /// Shows in the forecast what a hold would do, while it is typed.
  private mutating func preview(hold text: String?, _ context: Context) {
    previewedHold = text.flatMap { try? hold($0, context) }
    refreshDraftForecast(context)
  }

  /// `held until Thu 10:00 (modem repair)`.
  func holdInWords(_ hold: Hold, _ context: Context) -> String {
    let until =
      hold.until == .untilReleased
      ? "until released" : "until \(Words.brief(hold.until, now: context.now, on: clock(context)))"
    return "held \(until)\(hold.reason.isEmpty ? "" : " (\(hold.reason))")"
  }
}
