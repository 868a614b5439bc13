import Canvas
import Scheduling

/// The exceptions of the draft that are still to come, and those that are over: shown, added, removed.
struct ExceptionList: Modal {
  private var rows: [ExceptionRow]
  private var selected = 0

  init(_ week: WeekScreen, _ context: Context) { rows = Self.rows(week, context) }

  /// The rows: what comes next is first, what is over last.
  private static func rows(_ week: WeekScreen, _ context: Context) -> [ExceptionRow] {
    let today = week.clock(context).date(at: context.now)
    let coming = week.draft.comingExceptions(from: today).map {
      ExceptionRow(exception: $0.exception, next: $0.next)
    }
    let over = week.draft.sortedExceptions.filter { $0.date.next(from: today) == nil }
    return coming + over.reversed().map { ExceptionRow(exception: $0, next: nil) }
  }

  mutating func press(_ key: Key, _ editor: inout Editor) -> ModalStay {
    let last = max(0, rows.count - 1)
    let page = 10
    switch key {
    case .up, .character("k"): selected -= 1
    case .down, .character("j"): selected += 1
    case .pageUp: selected -= page
    case .pageDown: selected += page
    case .home, .character("g"): selected = 0
    case .end, .character("G"): selected = last
    case .character("n"), .character("a"):
      if !editor.context.refusesToEdit() { editor.context.present(Self.addPrompt()) }
      return editor.context.settings.isReadOnly ? .stays : .closes
    case .character("i"):
      if !editor.context.refusesToEdit() { editor.context.present(WeekScreen.holidaysPrompt(editor.context)) }
      return editor.context.settings.isReadOnly ? .stays : .closes
    case .character("x"), .delete: remove(&editor)
    case .enter:
      guard rows.indices.contains(selected) else { return .stays }
      editor.week?.goTo(rows[selected], &editor.context)
      return .closes
    case .escape, .character("q"), .control("c"): return .closes
    default: break
    }
    selected = min(max(0, selected), max(0, rows.count - 1))
    return .stays
  }

  private mutating func remove(_ editor: inout Editor) {
    guard rows.indices.contains(selected), !editor.context.refusesToEdit() else { return }
    let exception = rows[selected].exception
    editor.week?.edit(&editor.context) { $0.exceptions[exception.date] = nil }
    editor.context.say(
      .good, "\(Words.date(exception.date).capitalisedFirst): the week's hours again; u undoes")
    if let week = editor.week { rows = Self.rows(week, editor.context) }
  }

  /// Adds some, and shows the list again.
  private static func addPrompt() -> Prompt {
    var prompt = Prompt.inWeek(
      "Dates and hours: ",
      hints: [
        Hint("24 dec closed", ""), Hint("24-26 dec 9-12", ""), Hint("every 25 dec closed Christmas", ""),
      ]
    ) { text, week, context throws(Problem) in
      let today = week.clock(context).date(at: context.now)
      week.apply(try .exceptions(text, today: today), &context)
      context.present(ExceptionList(week, context))
    }
    prompt.follows = .preview { text, editor throws(Problem) in
      guard let week = editor.week else { return nil }
      return try .exceptions(text, today: week.clock(editor.context).date(at: editor.context.now))
    }
    prompt.follows.cancel = { editor in
      if let week = editor.week { editor.context.present(ExceptionList(week, editor.context)) }
    }
    return prompt
  }

  // MARK: Drawing

  func draw(on canvas: inout Canvas, _ context: Context) {
    let inside = canvas.openBox(
      title: "Dates with hours of their own", width: min(76, context.size.width - 4),
      height: min(max(1, rows.count) + Box.linesAround, context.size.height - 4), context.glyphs)
    let visible = max(1, inside.height - 2)
    let top = max(0, min(selected - visible / 2, rows.count - visible))
    if rows.isEmpty {
      canvas.write(
        "none: every date has the week's hours", row: inside.row, column: inside.column, style: Style(.dim))
    }
    for (line, row) in rows.dropFirst(top).prefix(visible).enumerated() {
      draw(row, isSelected: top + line == selected, line: inside.row + line, inside, on: &canvas, context)
    }
    if rows.isEmpty { canvas.cursor = Point(row: inside.row, column: inside.column) }
    canvas.drawFooter(
      [Hint("Enter", "go there")]
        + (context.settings.isReadOnly
          ? [] : [Hint("n", "add"), Hint("x", "remove"), Hint("i", "holidays (.ics)")]) + [
          Hint("Esc", "close")
        ],
      in: inside)
  }

  private func draw(
    _ row: ExceptionRow, isSelected: Bool, line: Int, _ inside: Rect, on canvas: inout Canvas,
    _ context: Context
  ) {
    let on: Role? = isSelected ? .selected : nil
    if isSelected { canvas.markRow(line, in: inside, context.glyphs) }
    let dates = 13
    let next = 9
    let table = TextTable(
      column: inside.column, widths: [dates, next, max(0, inside.width - dates - next - 2)])
    table.draw(
      [
        (Words.date(row.exception.date), Style(.strong, on: on)), (row.dayInWords, Style(.dim, on: on)),
        (Words.hours(of: row.exception), Style(.plain, on: on)),
      ], row: line, ellipsis: context.glyphs.ellipsis, on: &canvas)
  }
}

/// An exception, and when it counts next.
struct ExceptionRow: Equatable, Sendable {
  let exception: ScheduleException
  /// Nil if it is over.
  let next: CivilDate?

  /// On which day of the week it is, one of every year with the year: `Fri`, `Fri 2026`, `over`.
  fileprivate var dayInWords: String {
    guard let next else { return "over" }
    let day = Words.days[next.weekday]
    if case .day = exception.date { return day }
    return "\(day) \(next.year)"
  }
}

extension WeekScreen {
  /// Shows the week of an exception, with the cursor on its date.
  fileprivate mutating func goTo(_ row: ExceptionRow, _ context: inout Context) {
    var day = row.next
    if day == nil, case .day(let date) = row.exception.date { day = date }
    guard let day else { return }
    grid.weekOffset = 0
    let weeks = floorDivide(day.days - dates(context).firstDay, by: 7).quotient
    guard GridState.weekOffsets.contains(Int(weeks)) else {
      return context.say(.info, "The grid goes five years ahead and one back")
    }
    grid.weekOffset = Int(weeks)
    pane = .grid
    grid.move(to: GridCursor(row: dates(context).row(ofWeekday: day.weekday), minute: grid.cursor.minute))
    context.say(
      .info, "\(Words.date(row.exception.date).capitalisedFirst): \(Words.hours(of: row.exception))")
  }
}
