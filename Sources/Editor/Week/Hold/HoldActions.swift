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
        "\(phone.number) is held",
        lines: [holdInWords(hold, context).capitalisedFirst + holderInWords(context)],
        .inWeek("r", "release it now") { week, context in week.release(&context) },
        .inWeek("c", "hold it until another moment") { week, context in
          context.present(week.holdPrompt())
        }))
  }

  private func holdPrompt() -> Prompt {
    var prompt = Prompt.inWeek(Hold.label, hints: Hold.hints) { text, week, context throws(Problem) in
      try week.hold(text, &context)
    }
    prompt.follows.change = { text, editor in editor.week?.preview(hold: text, editor.context) }
    prompt.follows.end = { editor in editor.week?.preview(hold: nil, editor.context) }
    return prompt
  }

  /// Holds the phone at once: `until thu 10:00, modem repair`, `thu 10:00`, or nothing for until released.
  mutating func hold(_ text: String, _ context: inout Context) throws(Problem) {
    guard !context.refusesToEdit() else { return }
    let hold = try Hold(typed: text, now: context.now, clock: clock(context))
    context.perform(.hold([PhoneHold(phoneID: phone.id, hold: hold)]))
  }

  mutating func release(_ context: inout Context) {
    guard !context.refusesToEdit() else { return }
    guard phone.hold?.isActive(at: context.now) ?? false else {
      return context.say(.info, "This phone is not held")
    }
    context.perform(.release(phoneIDs: [phone.id]))
  }

  /// Shows in the forecast what a hold would do, while it is typed.
  private mutating func preview(hold text: String?, _ context: Context) {
    let clock = clock(context)
    previewedHold = text.flatMap { try? Hold(typed: $0, now: context.now, clock: clock) }
    refreshDraftForecast(context)
  }

  /// ` by mara, Thu 26 Mar 09:12`; for a phone that holds itself its reason says why.
  private func holderInWords(_ context: Context) -> String {
    holder.map { ", by \(harmless($0.author)), \(sentenceMoment(context)($0.at))" } ?? ""
  }

  func holdInWords(_ hold: Hold, _ context: Context) -> String {
    hold.inWords(now: context.now, clock: clock(context))
  }
}
