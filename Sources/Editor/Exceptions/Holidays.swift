import Canvas
import Scheduling

/// Dates that a calendar closes.
package struct Holidays: Equatable, Sendable {
  package var phoneID: String
  package var path: String
  package var dates: [ScheduleException]
  /// What is to be said of its other events.
  package var remark: String?

  package init(phoneID: String, path: String, dates: [ScheduleException], remark: String? = nil) {
    (self.phoneID, self.path, self.dates, self.remark) = (phoneID, path, dates, remark)
  }
}

extension WeekScreen {
  /// Asks for the dates of a calendar.
  func readHolidays(_ path: String, _ context: inout Context) throws(Problem) {
    guard !context.refusesToEdit() else { return }
    guard !path.isEmpty else { throw Problem("expected the path of an iCalendar file") }
    guard draft.hasSchedule else { throw Problem("no schedule, so no dates to close: S chooses one") }
    context.perform(.readHolidays(phoneID: phone.id, path: path))
  }

  /// Asks for the path of a calendar.
  static func holidaysPrompt(_ context: Context) -> Prompt {
    let files = context.settings.files
    var prompt = Prompt.inWeek(
      "Holidays of file: ", hints: [Hint("Tab", "completes"), Hint("", "an iCalendar file (.ics)")]
    ) { text, week, context throws(Problem) in try week.readHolidays(text.trimmingBlanks, &context) }
    prompt.follows.complete = { text, _ in files?.completions(of: text) ?? [] }
    return prompt
  }

  /// Closes the dates of a calendar in the draft; one that has hours of its own keeps them, as one that is closed already.
  mutating func receive(_ holidays: Holidays, _ context: inout Context) {
    let new = holidays.dates.filter { draft.exceptions[$0.date] == nil }
    let (kept, file) = (holidays.dates.count - new.count, harmless(holidays.path.fileName))
    guard !new.isEmpty else {
      return context.say(
        .info, "Nothing changed: every date of \(file) has hours of its own, or is closed, already")
    }
    let edited = edit(&context) { draft in
      for exception in new { draft.exceptions[exception.date] = exception }
    }
    guard edited == .changed else { return }
    let today = clock(context).date(at: context.now)
    let over = new.count { $0.date.isOver(on: today) }
    var words = ["\(Words.count(new.count, "date")) of \(file) closed"]
    if kept > 0 { words.append("\(Words.count(kept)) had hours of their own already") }
    if over > 0 {
      words.append(
        over == new.count
          ? "all of that is over" : "\(Words.count(over)) of them \(over == 1 ? "is" : "are") over")
    }
    if let remark = holidays.remark { words.append(remark) }
    context.say(over == new.count ? .warning : .good, (words + ["s saves, u undoes"]).joined(separator: "; "))
  }
}

extension String {
  /// What stands behind the last slash of a path.
  fileprivate var fileName: String { split(separator: "/").last.map(String.init) ?? self }
}
