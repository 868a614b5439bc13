import Canvas
import Scheduling

/// Moving and painting in the grid.
extension WeekScreen {
  mutating func performInGrid(_ action: Action, _ context: inout Context) {
    switch action {
    case .left: move(&context) { $0.minute -= $1 }
    case .right: move(&context) { $0.minute += $1 }
    case .up: move(&context) { cursor, _ in cursor.row -= 1 }
    case .down: move(&context) { cursor, _ in cursor.row += 1 }
    case .hourLeft: move(&context) { cursor, _ in cursor.minute -= 60 }
    case .hourRight: move(&context) { cursor, _ in cursor.minute += 60 }
    case .dayStart: move(&context) { cursor, _ in cursor.minute = 0 }
    case .dayEnd: move(&context) { cursor, _ in cursor.minute = 1439 }
    case .nextEdge: moveToEdge(&context, forward: true)
    case .previousEdge: moveToEdge(&context, forward: false)
    case .toggle: paint(!targetIsAllowed(context), &context)
    case .allow: paint(true, &context)
    case .deny: paint(false, &context)
    case .penAllow: putPenDown(true, &context)
    case .penDeny: putPenDown(false, &context)
    case .selectBlock: select(wholeDays: false)
    case .selectDays: select(wholeDays: true)
    case .escape: drop(&context)
    case .invert: invert(&context)
    case .copyDay: copyDay(&context)
    case .pasteDay: pasteOnSelection(&context)
    case .pasteMany: askWhereToPaste(&context)
    case .editDay: promptForDay(&context)
    default: break
    }
  }

  // MARK: Moving

  private mutating func move(_ context: inout Context, _ step: (inout GridCursor, Int) -> Void) {
    let from = grid.cursor
    var cursor = from
    step(&cursor, grid.slotMinutes)
    grid.move(to: cursor)
    if let pen = grid.pen, grid.cursor != from { stroke(pen, from: from, &context) }
  }

  private mutating func moveToEdge(_ context: inout Context, forward: Bool) {
    let (dates, week) = (dates(context), draft.week)
    let isOpen = { (place: Int) in week[dates.weekday(ofRow: place / 1440) * 1440 + place % 1440] }
    let here = grid.cursor.row * 1440 + grid.cursor.minute
    let edges = (1..<WeekMinutes.count).filter { isOpen($0) != isOpen($0 - 1) }
    let slots = edges.map { $0 / grid.slotMinutes * grid.slotMinutes }
    guard let target = forward ? slots.first(where: { $0 > here }) : slots.last(where: { $0 < here }) else {
      return context.say(
        .info, forward ? "No window starts or ends after this" : "No window starts or ends before this")
    }
    move(&context) { cursor, _ in cursor = GridCursor(row: target / 1440, minute: target % 1440) }
  }

  private mutating func select(wholeDays: Bool) {
    grid.pen = nil
    grid.selection =
      grid.selection?.isWholeDays == wholeDays
      ? nil : Selection(anchor: grid.selection?.anchor ?? grid.cursor, isWholeDays: wholeDays)
  }

  private mutating func drop(_ context: inout Context) {
    if grid.selection == nil, grid.pen == nil, grid.compared == nil { context.say(.info, "q goes back") }
    (grid.selection, grid.pen, grid.compared) = (nil, nil, nil)
  }

  // MARK: Painting

  /// The rows and the minutes of a day under the selection, or under the cursor's slot.
  private var target: (rows: ClosedRange<Int>, minutes: Range<Int>) {
    guard let selection = grid.selection else { return (grid.cursor.row...grid.cursor.row, grid.slot) }
    return (
      selection.rows(to: grid.cursor), selection.minutes(to: grid.cursor, slotMinutes: grid.slotMinutes)
    )
  }

  private func targetIsAllowed(_ context: Context) -> Bool {
    let (rows, minutes) = target
    let dates = dates(context)
    return rows.allSatisfy { draft.week.count(in: dates.minutesOfWeek(row: $0, minutes)) == minutes.count }
  }

  private mutating func paint(_ allowed: Bool, _ context: inout Context) {
    let (rows, minutes) = target
    paint(allowed, rows, minutes, &context)
    grid.selection = nil
  }

  @discardableResult
  private mutating func paint(
    _ allowed: Bool, _ rows: ClosedRange<Int>, _ minutes: Range<Int>, _ context: inout Context,
    recording: Bool = true
  ) -> Edited {
    let dates = dates(context)
    return editHours(&context, allowing: allowed, recording: recording) { draft in
      for row in rows {
        let minutes = dates.minutesOfWeek(row: row, minutes)
        if allowed { draft.week.insert(minutes) } else { draft.week.remove(minutes) }
      }
    }
  }

  private mutating func putPenDown(_ allowed: Bool, _ context: inout Context) {
    guard !context.refusesToEdit() else { return }
    if grid.pen == allowed {
      grid.pen = nil
      return
    }
    grid.selection = nil
    let edited = paint(allowed, grid.cursor.row...grid.cursor.row, grid.slot, &context)
    guard draft.hasSchedule else { return }
    grid.pen = allowed
    // A stroke is one step of undo, also when its first slot changed nothing.
    grid.strokeIsRecorded = edited == .changed
  }

  /// Paints all slots that a movement of the pen passed over.
  private mutating func stroke(_ allowed: Bool, from: GridCursor, _ context: inout Context) {
    let passed = Selection(anchor: from, isWholeDays: false)
    let edited = paint(
      allowed, passed.rows(to: grid.cursor),
      passed.minutes(to: grid.cursor, slotMinutes: grid.slotMinutes), &context,
      recording: !grid.strokeIsRecorded)
    if edited == .changed { grid.strokeIsRecorded = true }
  }

  private mutating func invert(_ context: inout Context) {
    let (rows, selected) = target
    let minutes = grid.selection == nil ? 0..<1440 : selected
    let dates = dates(context)
    editHours(&context) { draft in
      for row in rows { draft.week.toggle(dates.minutesOfWeek(row: row, minutes)) }
    }
    grid.selection = nil
  }

  // MARK: Days

  private mutating func copyDay(_ context: inout Context) {
    let day = dates(context).weekday(ofRow: grid.cursor.row)
    var minutes = WeekMinutes()
    minutes.replace(day: 0, with: draft.week, day: day)
    let copied = CopiedDay(minutes: minutes, name: Words.longDays[day])
    context.copiedDay = copied
    grid.selection = nil
    context.say(
      .good, "Copied \(copied.name), \(Words.hours(minutes: minutes.total)); p pastes it, P on many days")
  }

  private mutating func pasteOnSelection(_ context: inout Context) {
    let dates = dates(context)
    paste(on: target.rows.map { dates.weekday(ofRow: $0) }, &context)
  }

  private mutating func paste(on days: [Int], _ context: inout Context) {
    guard let copied = context.copiedDay else {
      return context.say(.info, "No day is copied yet: y copies the day of the cursor")
    }
    let hadSchedule = draft.hasSchedule
    let edited = editHours(&context) { draft in
      for day in days { draft.week.replace(day: day, with: copied.minutes, day: 0) }
    }
    grid.selection = nil
    if edited != .refused, hadSchedule {
      context.say(.good, "Pasted \(copied.name) on \(days.map { Words.days[$0] }.joined(separator: ", "))")
    }
  }

  private mutating func askWhereToPaste(_ context: inout Context) {
    guard let copied = context.copiedDay else { return paste(on: [], &context) }
    let option = { (key: Character, words: String, days: [Int]) in
      Question.Option.inWeek(key, words) { week, context in week.paste(on: days, &context) }
    }
    context.present(
      Question(
        "Paste \(copied.name)", lines: ["On which days?"], option("w", "weekdays", [1, 2, 3, 4, 5]),
        option("e", "weekend", [6, 0]), option("a", "all days", [1, 2, 3, 4, 5, 6, 0])))
  }

  // MARK: Text

  private mutating func promptForDay(_ context: inout Context) {
    guard !context.refusesToEdit() else { return }
    let day = dates(context).weekday(ofRow: grid.cursor.row)
    let windows = draft.content(keeping: schedule?.content.windows ?? [])?.windows ?? []
    context.present(
      Prompt.inWeek(
        "\(Words.longDays[day]): ", text: WindowNotation.times(windows.filter { $0.day == day }),
        hints: [Hint("09:07-12:00, 13-17", "allowed times"), Hint("", "empty: closed")]
      ) { text, week, context throws(Problem) in try week.set(day: day, text, &context) })
  }

  private mutating func set(day: Int, _ text: String, _ context: inout Context) throws(Problem) {
    let windows: [Window]
    do throws(NotationError) {
      windows = try WindowNotation.parse(text, day: day)
    } catch {
      throw Problem(error.description)
    }
    editHours(&context) { draft in
      draft.week.remove(day * 1440..<(day + 1) * 1440)
      for window in windows { draft.week.insert(window.minutesOfWeek) }
    }
  }
}
