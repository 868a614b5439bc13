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
  private let signs: GridSigns
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
    signs = GridSigns(glyphs)
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

  /// How many minutes of a date are open: those that its clock skips never come, those that it repeats come twice.
  func total(_ row: Int) -> Int {
    let start = dates.local(row: row, minute: 0)
    let open = { (minutes: Range<Int>) in painted.count(in: dates.minutesOfWeek(row: row, minutes)) }
    return changes.reduce(open(0..<1440)) { total, change in
      let range = change.localRange.clamped(to: start..<start + .day)
      guard !range.isEmpty else { return total }
      let minutes = Int((range.lowerBound - start) / .minute)..<Int((range.upperBound - start) / .minute)
      return total + (change.isSkip ? -open(minutes) : open(minutes))
    }
  }

  /// What does not change along a day.
  struct Day {
    let row: Int
    /// The minutes of the week before those of the day.
    let weekMinute: Int
    /// Local milliseconds since 1970 of its midnight.
    let midnight: Int64
    /// The minute of now; nil on other days.
    let nowMinute: Int?
    let change: ClockChange?
    /// The selected minutes; nil if none is.
    let selected: Range<Int>?
    /// The slot under the cursor; nil on other days.
    let cursor: Range<Int>?

    func isMarked(_ minutes: Range<Int>) -> Bool {
      (cursor?.overlaps(minutes) ?? false) || (selected?.overlaps(minutes) ?? false)
    }
  }

  func day(_ row: Int) -> Day {
    let state = week.grid
    var selected: Range<Int>?
    if let selection = state.selection, selection.rows(to: state.cursor).contains(row) {
      selected = selection.minutes(to: state.cursor, slotMinutes: state.slotMinutes)
    }
    return Day(
      row: row, weekMinute: dates.weekday(ofRow: row) * 1440, midnight: dates.local(row: row, minute: 0),
      nowMinute: nowRow == row ? Int(floorDivide(nowLocal, by: .day).remainder / .minute) : nil,
      change: changes.isEmpty ? nil : clockChange(row: row), selected: selected,
      cursor: week.pane == .grid && row == state.cursor.row ? state.slot : nil)
  }

  /// Whether the lines of a day differ from each other.
  var linesDiffer: Bool { grid.rowHeight > 1 && difference == nil && week.grid.overlay == .load }

  /// What stands at a column of a day, for some of its minutes; `line` counts the screen lines of the day from its top.
  func cell(_ day: Day, _ minutes: Range<Int>, column: Int, line: Int) -> Cell {
    let inWeek = day.weekMinute + minutes.lowerBound..<day.weekMinute + minutes.upperBound
    let allowed = painted.count(in: inWeek)
    let change = clockCell(day, minutes, allowed: allowed)
    var cell = change ?? slotCell(day, minutes, inWeek, allowed: allowed)
    if let overlaid = overlayCell(day, column: column, line: line, inWeek, allowed: allowed) {
      // That nothing goes out in a slot says less than what the clock does in it.
      if change == nil || overlaid.content != signs.idle { cell = overlaid }
      // What the overlay counts is not covered by now, which stands above the days instead.
      if overlaid.content != signs.idle, overlaid.content != signs.blank { return cell }
    }
    if let now = day.nowMinute, minutes.contains(now), line == 0 || isPlain(cell) {
      cell = Cell(signs.vertical, style: Style(.warning, on: allowed > 0 ? .open : nil))
    }
    return cell
  }

  /// The column of now where its slot shows something else; nil where now is seen in its day, or is not on the screen.
  func columnOfHiddenNow(_ minutes: [Range<Int>]) -> Int? {
    guard let row = nowRow else { return nil }
    let day = day(row)
    guard let now = day.nowMinute, let column = minutes.firstIndex(where: { $0.contains(now) }) else {
      return nil
    }
    return cell(day, minutes[column], column: column, line: 0).content == signs.vertical ? nil : column
  }

  private func slotCell(_ day: Day, _ minutes: Range<Int>, _ inWeek: Range<Int>, allowed: Int) -> Cell {
    if !keepsToHours {
      let isPainted = week.shown.hasSchedule && allowed > 0
      return Cell(isPainted ? signs.ignored : signs.unlimited, style: Style(.openPast))
    }
    if allowed == 0 { return Cell(signs.denied, style: Style(.denied)) }
    let isPast = day.midnight + Int64(minutes.upperBound) * .minute <= nowLocal
    let style = Style(isPast ? .openPast : .open)
    return Cell(allowed == minutes.count ? signs.open : partial(inWeek), style: style)
  }

  private func partial(_ minutes: Range<Int>) -> CellText {
    let runs = painted.runs(in: minutes)
    guard runs.count == 1, let run = runs.first else { return signs.partialInside }
    if run.upperBound == minutes.upperBound { return signs.partialStart }
    return run.lowerBound == minutes.lowerBound ? signs.partialEnd : signs.partialInside
  }

  private func overlayCell(_ day: Day, column: Int, line: Int, _ minutes: Range<Int>, allowed: Int) -> Cell? {
    if let difference {
      let added = difference.added.count(in: minutes)
      let removed = difference.removed.count(in: minutes)
      if added == 0, removed == 0 { return nil }
      return added >= removed
        ? Cell(text: "+", style: Style(.added)) : Cell(text: "-", style: Style(.removed))
    }
    guard week.grid.overlay == .load, let counts = week.grid.counts else { return nil }
    let count = counts.rows[day.row][
      (grid.firstMinute + column / grid.slotWidth * grid.slotMinutes) / grid.slotMinutes]
    if count == 0 {
      // Allowed and idle is shaded, so that the highest bar stands out without colour too.
      return allowed == minutes.count || !keepsToHours ? Cell(signs.idle, style: Style(.open)) : nil
    }
    return heatCell(count, of: counts.peak, line: line, on: allowed > 0 || !keepsToHours ? .open : nil)
  }

  /// A bar over all lines of the day, as high as the slot is busy.
  private func heatCell(_ count: Int, of peak: Int, line: Int, on ground: Role?) -> Cell {
    let steps = glyphs.heat.count * (glyphs.isASCII ? 1 : grid.rowHeight)
    let height = 1 + min(steps - 1, (count * steps - 1) / max(1, peak))
    let below = glyphs.isASCII ? 0 : (grid.rowHeight - 1 - line) * glyphs.heat.count
    let part = min(glyphs.heat.count, height - below)
    return Cell(text: part > 0 ? glyphs.heat[part - 1] : " ", style: Style(.load, on: ground))
  }

  private func clockCell(_ day: Day, _ minutes: Range<Int>, allowed: Int) -> Cell? {
    guard day.change != nil else { return nil }
    let local =
      day.midnight + Int64(minutes.lowerBound) * .minute..<day.midnight + Int64(minutes.upperBound) * .minute
    guard let change = changes.first(where: { $0.localRange.overlaps(local) }) else { return nil }
    if change.isSkip { return Cell(text: glyphs.skipped, style: Style(.clockChange)) }
    // Allowed and denied differ in the sign too, for terminals without colour.
    return allowed > 0
      ? Cell(text: glyphs.openRepeated, style: Style(.clockChange, on: .open))
      : Cell(text: glyphs.deniedRepeated, style: Style(.clockChange))
  }

  private func isPlain(_ cell: Cell) -> Bool {
    cell.content == signs.open || cell.content == signs.denied || cell.content == signs.unlimited
      || cell.content == signs.ignored
  }

  /// The cursor and the selection change the glyph too, for terminals without colour.
  func marked(_ cell: Cell, _ day: Day, _ minutes: Range<Int>) -> Cell {
    let isUnderCursor = day.cursor?.overlaps(minutes) ?? false
    let allowed = painted.count(in: day.weekMinute + minutes.lowerBound..<day.weekMinute + minutes.upperBound)
    let isPlain = isPlain(cell) || cell.content == signs.vertical
    if isUnderCursor {
      let style = Style(week.grid.pen == nil ? .cursor : .pen)
      let sign = allowed > 0 ? signs.openCursor : signs.deniedCursor
      return Cell(isPlain && keepsToHours ? sign : cell.content, style: style)
    }
    let sign = allowed > 0 ? signs.openSelected : signs.deniedSelected
    return Cell(isPlain ? sign : cell.content, style: Style(.selectedSlot))
  }
}

/// The signs of the grid as cells hold them.
struct GridSigns {
  let open: CellText, denied: CellText
  let partialStart: CellText, partialEnd: CellText, partialInside: CellText
  let openSelected: CellText, deniedSelected: CellText, openCursor: CellText, deniedCursor: CellText
  let unlimited: CellText, ignored: CellText, idle: CellText, vertical: CellText, blank: CellText

  init(_ glyphs: Glyphs) {
    open = CellText(glyphs.open)
    denied = CellText(glyphs.denied)
    partialStart = CellText(glyphs.partialStart)
    partialEnd = CellText(glyphs.partialEnd)
    partialInside = CellText(glyphs.partialInside)
    openSelected = CellText(glyphs.openSelected)
    deniedSelected = CellText(glyphs.deniedSelected)
    openCursor = CellText(glyphs.openCursor)
    deniedCursor = CellText(glyphs.deniedCursor)
    unlimited = CellText(glyphs.unlimited)
    ignored = CellText(glyphs.ignored)
    idle = CellText(glyphs.idle)
    vertical = CellText(glyphs.vertical)
    blank = CellText(" ")
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
