import Canvas
import Scheduling

/// Whole days: copied, pasted, as text, and given back to the week.
extension WeekScreen {
  // MARK: Copying

  mutating func copyDay(_ context: inout Context) {
    let date = dates(context).civilDate(ofRow: grid.cursor.row)
    let isException = draft.exception(on: date) != nil
    let copied = CopiedDay(
      minutes: draft.minutes(on: date),
      name: isException ? datesInWords([grid.cursor.row], context) : Words.longDays[date.weekday])
    context.copiedDay = copied
    grid.selection = nil
    context.say(
      .good,
      "Copied \(copied.name), \(Words.hours(minutes: copied.minutes.total)); p pastes it, P on many days")
  }

  mutating func pasteOnSelection(_ context: inout Context) { paste(on: Array(target.rows), &context) }

  private mutating func paste(on rows: [Int], _ context: inout Context) {
    guard let copied = context.copiedDay else {
      return context.say(.info, "No day is copied yet: y copies the day of the cursor")
    }
    let (dates, scope) = (dates(context), grid.scope)
    let edited = editHours(&context) { draft in
      for row in rows { draft.change(scope, dates.civilDate(ofRow: row)) { $0 = copied.minutes } }
    }
    grid.selection = nil
    sayPainted(
      rows, edited, "pasted \(copied.name)", unchanged: "as \(copied.name) already", &context)
  }

  mutating func askWhereToPaste(_ context: inout Context) {
    guard let copied = context.copiedDay else { return paste(on: [], &context) }
    let dates = dates(context)
    let option = { (key: Character, words: String, days: [Int]) in
      let rows = days.map { dates.row(ofWeekday: $0) }.sorted()
      return Question.Option.inWeek(key, words) { week, context in week.paste(on: rows, &context) }
    }
    let lines =
      grid.scope == .everyWeek
      ? ["On which days, every week?"] : ["On which days of this week alone?"]
    context.present(
      Question(
        "Paste \(copied.name)", lines: lines, option("w", "weekdays", [1, 2, 3, 4, 5]),
        option("e", "weekend", [6, 0]), option("a", "all days", [1, 2, 3, 4, 5, 6, 0]),
        .inWeek("d", "days by name") { week, context in context.present(week.daysPrompt(copied)) }))
  }

  private func daysPrompt(_ copied: CopiedDay) -> Prompt {
    Prompt.inWeek(
      "Paste \(copied.name) on: ", hints: [Hint("tue, fri", "days"), Hint("mon-thu", "from, through")]
    ) {
      text, week, context throws(Problem) in
      do {
        let days = try WindowNotation.parseDays("\(text) closed").days
        let dates = week.dates(context)
        week.paste(on: days.map { dates.row(ofWeekday: $0) }.sorted(), &context)
      } catch {
        throw Problem("expected days, such as tue, fri or mon-thu")
      }
    }
  }

  // MARK: As text

  mutating func promptForDay(_ context: inout Context) {
    guard !context.refusesToEdit() else { return }
    let date = dates(context).civilDate(ofRow: grid.cursor.row)
    switch grid.scope {
    case .everyWeek: promptForWeekday(date.weekday, &context)
    case .datesAlone: promptForDate(date, &context)
    }
  }

  private func promptForWeekday(_ day: Int, _ context: inout Context) {
    let windows = draft.content(keeping: schedule?.content.windows ?? [])?.windows ?? []
    var prompt = Prompt.inWeek(
      "Every \(Words.longDays[day]): ", text: WindowNotation.times(windows.filter { $0.day == day }),
      hints: [Hint("09:07-12:00, 13-17", "allowed times"), Hint("", "empty: closed")]
    ) { text, week, context throws(Problem) in
      week.apply(try WeekChange.day(day, text), &context)
    }
    prompt.follows = .preview { text, _ throws(Problem) in try WeekChange.day(day, text) }
    context.present(prompt)
  }

  private func promptForDate(_ date: CivilDate, _ context: inout Context) {
    let year = CivilTime(local: context.now + clock(context).offset(at: context.now)).year
    let exception = draft.exception(on: date)
    let times = Words.times(draft.minutes(on: date).dayWindows)
    let note = exception.map { $0.note.isEmpty ? "" : " \($0.note)" } ?? ""
    var prompt = Prompt.inWeek(
      "Only \(Words.date(date, year: year)): ", text: times + note,
      hints: [Hint("closed", "or 9-12, 13-17"), Hint("", "then a note")]
    ) { text, week, context throws(Problem) in
      week.apply(try WeekChange.date(date, text), &context)
    }
    prompt.follows = .preview { text, _ throws(Problem) in try WeekChange.date(date, text) }
    context.present(prompt)
  }

  // MARK: Giving back

  /// Gives dates back to the week: their exceptions go.
  mutating func giveBack(_ context: inout Context) {
    guard !context.refusesToEdit() else { return }
    let dates = dates(context)
    let rows = draft.exceptionalRows(target.rows, of: dates)
    grid.selection = nil
    guard !rows.isEmpty else {
      return context.say(
        .info, "\(datesInWords(Array(target.rows), context)): the hours are the week's already")
    }
    let dated = rows.filter { draft.exceptions[.day(dates.civilDate(ofRow: $0))] != nil }
    guard !dated.isEmpty else { return askAboutYearly(rows, dates, &context) }
    let words = datesInWords(dated, context)
    edit(&context) { draft in
      for row in dated { draft.exceptions[.day(dates.civilDate(ofRow: row))] = nil }
    }
    let yearly = draft.exceptionalRows(rows[0]...rows[rows.count - 1], of: dates)
    context.say(
      .good,
      yearly.isEmpty
        ? "\(words): the week's hours again"
        : "\(words): given back; \(datesInWords(yearly, context)) has an exception of every year, X asks about it"
    )
  }

  /// An exception of every year goes for all years, or makes room in this one.
  private func askAboutYearly(_ rows: [Int], _ dates: WeekDates, _ context: inout Context) {
    let days = rows.map { dates.civilDate(ofRow: $0) }
    let lines = days.compactMap { draft.exception(on: $0) }.map {
      "\(Words.date($0.date)): \(Words.hours(of: $0))"
    }
    context.present(
      Question(
        "An exception of every year", lines: lines.map(\.capitalisedFirst),
        .inWeek("y", "remove it for every year") { week, context in
          week.edit(&context) { draft in
            for day in days { draft.exceptions[.yearly(month: day.month, day: day.day)] = nil }
          }
          context.say(.good, "\(week.datesInWords(rows, context)): the week's hours again, every year")
        },
        .inWeek("t", "the week's hours this year only") { week, context in
          week.edit(&context) { draft in
            for day in days {
              draft.setHours(of: day, windows: draft.windows(ofWeekday: day.weekday), note: "")
            }
          }
          context.say(.good, "\(week.datesInWords(rows, context)): the week's hours, this year only")
        }))
  }
}

extension Draft {
  /// The hours of a weekday, as a date has them.
  fileprivate func windows(ofWeekday day: Int) -> [DayWindow] {
    week.windows.filter { $0.day == day }.map {
      DayWindow(startMinute: $0.startMinute, endMinute: $0.endMinute)
    }
  }
}
