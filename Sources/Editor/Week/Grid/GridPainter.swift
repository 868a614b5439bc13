import Canvas
import Scheduling

/// Decides what each place of the grid looks like.
struct GridPainter {
  let week: WeekScreen
  let grid: GridGeometry
  let dates: WeekDates
  let glyphs: Glyphs
  let changes: [ClockChange]
  /// Now on the wall clock, in local milliseconds since 1970.
  let nowLocal: Int64
  /// The painted minutes of this week's dates, and those in which it may send.
  private let painted: WeekMinutes
  private let open: WeekMinutes
  /// Whether the painted hours are what limits the phone.
  private let keepsToHours: Bool
  /// What the change overlay shows; nil without it.
  private let difference: (added: WeekMinutes, removed: WeekMinutes)?

  init(
    week: WeekScreen, grid: GridGeometry, dates: WeekDates, glyphs: Glyphs, nowLocal: Int64,
    changes: [ClockChange], before: WeekMinutes?
  ) {
    self.week = week
    self.grid = grid
    self.dates = dates
    self.glyphs = glyphs
    self.changes = changes
    self.nowLocal = nowLocal
    let shown = week.shown
    painted = shown.minutes(of: dates)
    keepsToHours = shown.hasSchedule && shown.isActive
    open = keepsToHours ? painted : .all
    guard week.grid.overlay == .change, let before else {
      difference = nil
      return
    }
    difference = (open.subtracting(before), before.subtracting(open))
  }

  /// The row of today, if it is in this week.
  var nowRow: Int? {
    let day = floorDivide(nowLocal, by: .day).quotient - dates.firstDay
    return (0..<7).contains(day) ? Int(day) : nil
  }

  func clockChange(row: Int) -> ClockChange? {
    let day = dates.local(row: row, minute: 0)..<dates.local(row: row, minute: 1440)
    return changes.first { day.overlaps($0.localRange) }
  }

  /// What stands at a column of a day; `line` counts the screen lines of the day from its top.
  func cell(row: Int, column: Int, line: Int) -> Cell {
    let minutes = grid.minutes(ofColumn: column)
    let inWeek = dates.minutesOfWeek(row: row, minutes)
    let allowed = painted.count(in: inWeek)
    var cell = slotCell(row: row, minutes, allowed: allowed)
    if let change = clockCell(row: row, minutes, allowed: allowed) { cell = change }
    if let special = overlayCell(row: row, column: column, line: line, inWeek, allowed: allowed) {
      cell = special
    }
    if isNow(row: row, minutes), isPlain(cell) {
      cell = Cell(text: glyphs.vertical, style: Style(.warning, on: allowed > 0 ? .open : nil))
    }
    return marked(cell, row: row, minutes, allowed: allowed)
  }

  private func slotCell(row: Int, _ minutes: Range<Int>, allowed: Int) -> Cell {
    if !keepsToHours {
      let isPainted = week.shown.hasSchedule && allowed > 0
      return Cell(text: isPainted ? glyphs.ignored : glyphs.unlimited, style: Style(.openPast))
    }
    if allowed == 0 { return Cell(text: glyphs.denied, style: Style(.denied)) }
    let isPast = dates.local(row: row, minute: minutes.upperBound) <= nowLocal
    let style = Style(isPast ? .openPast : .open)
    if allowed == minutes.count { return Cell(text: glyphs.open, style: style) }
    return Cell(text: partial(dates.minutesOfWeek(row: row, minutes)), style: style)
  }

  private func partial(_ minutes: Range<Int>) -> String {
    let runs = painted.runs(in: minutes)
    guard runs.count == 1, let run = runs.first else { return glyphs.partialInside }
    if run.upperBound == minutes.upperBound { return glyphs.partialStart }
    return run.lowerBound == minutes.lowerBound ? glyphs.partialEnd : glyphs.partialInside
  }

  private func overlayCell(row: Int, column: Int, line: Int, _ minutes: Range<Int>, allowed: Int) -> Cell? {
    if let difference {
      let added = difference.added.count(in: minutes)
      let removed = difference.removed.count(in: minutes)
      if added == 0, removed == 0 { return nil }
      return added >= removed
        ? Cell(text: "+", style: Style(.added)) : Cell(text: "-", style: Style(.removed))
    }
    guard week.grid.overlay == .load, let counts = week.grid.counts else { return nil }
    let count = counts.rows[row][
      (grid.firstMinute + column / grid.slotWidth * grid.slotMinutes) / grid.slotMinutes]
    if count == 0 {
      // Allowed and idle is shaded, so that the highest bar stands out without colour too.
      return allowed == minutes.count ? Cell(text: glyphs.idle, style: Style(.open)) : nil
    }
    return heatCell(count, of: counts.peak, line: line, on: allowed > 0 ? .open : nil)
  }

  /// A bar over all lines of the day, as high as the slot is busy.
  private func heatCell(_ count: Int, of peak: Int, line: Int, on ground: Role?) -> Cell {
    let steps = glyphs.heat.count * (glyphs.isASCII ? 1 : grid.rowHeight)
    let height = 1 + min(steps - 1, (count * steps - 1) / max(1, peak))
    let below = glyphs.isASCII ? 0 : (grid.rowHeight - 1 - line) * glyphs.heat.count
    let part = min(glyphs.heat.count, height - below)
    return Cell(text: part > 0 ? glyphs.heat[part - 1] : " ", style: Style(.load, on: ground))
  }

  private func clockCell(row: Int, _ minutes: Range<Int>, allowed: Int) -> Cell? {
    guard !changes.isEmpty else { return nil }
    let local =
      dates.local(row: row, minute: minutes.lowerBound)..<dates.local(row: row, minute: minutes.upperBound)
    guard let change = changes.first(where: { $0.localRange.overlaps(local) }) else { return nil }
    if change.isSkip { return Cell(text: glyphs.skipped, style: Style(.clockChange)) }
    // Allowed and denied differ in the sign too, for terminals without colour.
    return allowed > 0
      ? Cell(text: glyphs.openRepeated, style: Style(.clockChange, on: .open))
      : Cell(text: glyphs.deniedRepeated, style: Style(.clockChange))
  }

  private func isNow(row: Int, _ minutes: Range<Int>) -> Bool {
    guard nowRow == row else { return false }
    let minute = Int(floorDivide(nowLocal, by: .day).remainder / .minute)
    return minutes.contains(minute)
  }

  private func isPlain(_ cell: Cell) -> Bool {
    cell.text == glyphs.open || cell.text == glyphs.denied || cell.text == glyphs.unlimited
      || cell.text == glyphs.ignored
  }

  /// The cursor and the selection change the glyph too, for terminals without colour.
  private func marked(_ cell: Cell, row: Int, _ minutes: Range<Int>, allowed: Int) -> Cell {
    let state = week.grid
    let isPlain = isPlain(cell) || cell.text == glyphs.vertical
    if week.pane == .grid, row == state.cursor.row, state.slot.overlaps(minutes) {
      let style = Style(state.pen == nil ? .cursor : .pen)
      let sign = allowed > 0 ? glyphs.openCursor : glyphs.deniedCursor
      return Cell(text: isPlain && keepsToHours ? sign : cell.text, style: style)
    }
    guard let selection = state.selection, selection.rows(to: state.cursor).contains(row),
      selection.minutes(to: state.cursor, slotMinutes: state.slotMinutes).overlaps(minutes)
    else { return cell }
    let sign = allowed > 0 ? glyphs.openSelected : glyphs.deniedSelected
    return Cell(text: isPlain ? sign : cell.text, style: Style(.selected))
  }
}

extension WeekMinutes {
  /// Every minute of the week.
  static let all: WeekMinutes = {
    var minutes = WeekMinutes()
    minutes.insert(0..<count)
    return minutes
  }()
}
