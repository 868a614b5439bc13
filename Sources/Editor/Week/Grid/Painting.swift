import Canvas
import Scheduling

/// Painting in the grid: every week, or the dates on the screen alone.
extension WeekScreen {
  /// The rows and the minutes of a day under the selection, or under the cursor's slot.
  var target: (rows: ClosedRange<Int>, minutes: Range<Int>) {
    guard let selection = grid.selection else { return (grid.cursor.row...grid.cursor.row, grid.slot) }
    return (
      selection.rows(to: grid.cursor), selection.minutes(to: grid.cursor, slotMinutes: grid.slotMinutes)
    )
  }

  // MARK: What painting changes

  mutating func turnScope(_ context: inout Context) {
    guard !context.refusesToEdit() else { return }
    grid.scope = grid.scope == .everyWeek ? .datesAlone : .everyWeek
    grid.pen = nil
    let subject = scopeInWords(Array(target.rows), context)
    context.say(
      .info,
      grid.scope == .everyWeek
        ? "Now painting \(subject)" : "Now painting \(subject), as an exception; x turns back")
  }

  /// `every Thursday`, `every Tue-Thu`; `only Thu 24 Dec`, `only Tue 22 Dec - Thu 24 Dec`.
  func scopeInWords(_ rows: [Int], _ context: Context) -> String {
    switch grid.scope {
    case .everyWeek:
      let dates = dates(context)
      let days = rows.map { dates.weekday(ofRow: $0) }
      if days.count == 7 { return "every day" }
      return "every \(days.count == 1 ? Words.longDays[days[0]] : Words.weekdays(days))"
    case .datesAlone: return "only \(datesInWords(rows, context))"
    }
  }

  /// `Thu 24 Dec`, `Tue 22 Dec - Thu 24 Dec`, `Tue 22 Dec, Thu 24 Dec`.
  func datesInWords(_ rows: [Int], _ context: Context) -> String {
    let dates = dates(context)
    let year = CivilTime(local: context.now + clock(context).offset(at: context.now)).year
    let words = rows.map { Words.date(dates.civilDate(ofRow: $0), year: year) }
    guard let first = words.first, let last = words.last, words.count > 1 else { return words.first ?? "" }
    let isStretch = rows.last == rows[0] + rows.count - 1
    return isStretch ? "\(first) - \(last)" : words.joined(separator: ", ")
  }

  // MARK: Painting

  mutating func toggle(_ context: inout Context) {
    let (rows, minutes) = target
    let dates = dates(context)
    let isAllowed = rows.allSatisfy { row in
      let date = dates.civilDate(ofRow: row)
      if grid.scope == .datesAlone { return draft.minutes(on: date).count(in: minutes) == minutes.count }
      return draft.week.count(in: dates.minutesOfWeek(row: row, minutes)) == minutes.count
    }
    paint(!isAllowed, &context)
  }

  mutating func paint(_ allowed: Bool, _ context: inout Context) {
    let (rows, minutes) = target
    paint(allowed, rows, minutes, &context)
    grid.selection = nil
  }

  @discardableResult
  private mutating func paint(
    _ allowed: Bool, _ rows: ClosedRange<Int>, _ minutes: Range<Int>, _ context: inout Context,
    recording: Bool = true
  ) -> Edited {
    let edited = editDays(rows, &context, allowing: allowed, recording: recording) { day in
      if allowed { day.insert(minutes) } else { day.remove(minutes) }
    }
    let times = Self.inWords(minutes)
    sayPainted(
      Array(rows), edited, "\(times) \(allowed ? "allowed" : "denied")",
      unchanged: "\(times) was \(allowed ? "allowed" : "denied") already", &context)
    return edited
  }

  /// Changes the minutes of some days: for every week, or for their dates alone.
  mutating func editDays(
    _ rows: ClosedRange<Int>, _ context: inout Context, allowing: Bool = true, recording: Bool = true,
    _ change: (inout WeekMinutes) -> Void
  ) -> Edited {
    let (dates, scope) = (dates(context), grid.scope)
    return editHours(&context, allowing: allowing, recording: recording) { draft in
      for row in rows { draft.change(scope, dates.civilDate(ofRow: row), change) }
    }
  }

  /// Says what was changed, for which days: `Every Thursday: 09:00-09:30 allowed`.
  func sayPainted(
    _ rows: [Int], _ edited: Edited, _ what: String, unchanged: String, _ context: inout Context
  ) {
    let subject = scopeInWords(rows, context).capitalisedFirst
    switch edited {
    case .refused, .started: break
    case .unchanged: context.say(.info, "\(subject): \(unchanged)")
    case .changed:
      let kept = grid.scope == .everyWeek ? draft.exceptionalRows(rows, of: dates(context)) : []
      let others =
        kept.isEmpty
        ? "" : "; \(datesInWords(kept, context)) \(kept.count == 1 ? "keeps its" : "keep their") own hours"
      context.say(.good, "\(subject): \(what)\(others)")
    }
  }

  /// `09:00-09:30`, `all day`.
  private static func inWords(_ minutes: Range<Int>) -> String {
    minutes.count == 1440
      ? "all day" : "\(WindowNotation.time(minutes.lowerBound))-\(WindowNotation.time(minutes.upperBound))"
  }

  // MARK: The pen

  mutating func putPenDown(_ allowed: Bool, _ context: inout Context) {
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
    grid.strokeIsRecorded = edited != .unchanged
  }

  /// Paints all slots that a movement of the pen passed over.
  mutating func stroke(_ allowed: Bool, from: GridCursor, _ context: inout Context) {
    let passed = Selection(anchor: from, isWholeDays: false)
    let edited = paint(
      allowed, passed.rows(to: grid.cursor),
      passed.minutes(to: grid.cursor, slotMinutes: grid.slotMinutes), &context,
      recording: !grid.strokeIsRecorded)
    if edited == .changed { grid.strokeIsRecorded = true }
  }

  mutating func invert(_ context: inout Context) {
    let (rows, selected) = target
    let minutes = grid.selection == nil ? 0..<1440 : selected
    let edited = editDays(rows, &context) { $0.toggle(minutes) }
    sayPainted(
      Array(rows), edited, "\(Self.inWords(minutes)) inverted", unchanged: "nothing to invert", &context)
    grid.selection = nil
  }
}

extension String {
  /// With a capital at its start.
  var capitalisedFirst: String { prefix(1).uppercased() + dropFirst() }
}
