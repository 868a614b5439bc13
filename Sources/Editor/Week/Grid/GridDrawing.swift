import Canvas
import Scheduling

/// The weekly grid.
extension WeekScreen {
  func drawGrid(_ layout: WeekLayout, on canvas: inout Canvas, _ context: Context) {
    let dates = dates(context)
    let clock = clock(context)
    drawRuler(layout, on: &canvas, context.glyphs)
    let painter = GridPainter(
      week: self, grid: layout.grid, dates: dates, glyphs: context.glyphs,
      nowLocal: context.now + clock.offset(at: context.now), changes: dates.clockChanges(in: clock))
    for row in 0..<7 {
      drawLabel(row, layout, painter, on: &canvas)
      for column in 0..<layout.grid.width {
        for line in 0..<layout.grid.rowHeight {
          let cell = painter.cell(row: row, column: column, line: line)
          canvas[layout.grid.top + row * layout.grid.rowHeight + line, layout.grid.left + column] = cell
        }
      }
      drawTotal(row, layout, painter, on: &canvas)
    }
    if pane == .grid, let column = layout.grid.column(ofMinute: grid.cursor.minute) {
      canvas.cursor = Point(row: layout.grid.top + grid.cursor.row * layout.grid.rowHeight, column: column)
    }
  }

  private func drawRuler(_ layout: WeekLayout, on canvas: inout Canvas, _ glyphs: Glyphs) {
    let weekOffset = grid.weekOffset
    let grid = layout.grid
    if weekOffset != 0 {
      let weeks = "\(weekOffset > 0 ? "+" : "-")\(Words.count(abs(weekOffset), "week"))"
      canvas.write(
        weeks, row: layout.ruler, column: 1, width: GridGeometry.labelWidth - 2, style: Style(.warning))
    }
    let hourWidth = 60 / grid.slotMinutes * grid.slotWidth
    let step = [1, 2, 3, 6].first { $0 * hourWidth >= 5 } ?? 6
    for hour in stride(from: 0, to: 24, by: step) {
      guard let column = grid.column(ofMinute: hour * 60) else { continue }
      let label = hourWidth >= 10 ? WindowNotation.time(hour * 60) : Timestamp.padded(hour, 2)
      canvas.write(label, row: layout.ruler, column: column, style: Style(.dim))
    }
    if grid.showsWholeDay {
      canvas.write("24", row: layout.ruler, column: grid.left + grid.width, style: Style(.dim))
    } else {
      if grid.firstMinute > 0 {
        canvas.write(glyphs.arrowLeft, row: layout.ruler, column: grid.left - 1, style: Style(.warning))
      }
      if grid.minutes.upperBound < 1440 {
        canvas.write(
          glyphs.arrowRight, row: layout.ruler, column: grid.left + grid.width, style: Style(.warning))
      }
    }
  }

  private func drawLabel(
    _ row: Int, _ layout: WeekLayout, _ painter: GridPainter, on canvas: inout Canvas
  ) {
    let date = painter.dates.date(ofRow: row)
    let isToday = painter.nowRow == row
    let day = (date.day < 10 ? " " : "") + String(date.day)
    let text = "\(Words.days[date.weekday]) \(day) \(Words.months[date.month - 1])"
    let screenRow = layout.grid.top + row * layout.grid.rowHeight
    if isToday { canvas.write(painter.glyphs.pointer, row: screenRow, column: 0, style: Style(.good)) }
    let isHere = grid.cursor.row == row && pane == .grid
    canvas.write(text, row: screenRow, column: 1, style: Style(isHere || isToday ? .strong : .dim))
  }

  private func drawTotal(
    _ row: Int, _ layout: WeekLayout, _ painter: GridPainter, on canvas: inout Canvas
  ) {
    guard layout.grid.rightWidth > 0 else { return }
    let column = layout.grid.left + layout.grid.width + 2
    let screenRow = layout.grid.top + row * layout.grid.rowHeight
    var text = ""
    var style = Style(.dim)
    if grid.overlay == .load, let total = grid.counts?.total(row: row), total > 0 {
      text = "\(Words.count(total)) go"
      style = Style(.load)
    } else if !draft.hasSchedule {
      text = "open"
    } else {
      text = Words.hours(minutes: draft.week.count(in: painter.dates.minutesOfWeek(row: row, 0..<1440)))
    }
    let used = canvas.write(
      text, row: screenRow, column: column, width: canvas.size.width - column, style: style)
    guard let change = painter.clockChange(row: row) else { return }
    // The change stands behind the total where there is room, else below it or in its place.
    let note = "\(change.isSkip ? "skips" : "twice") \(DurationNotation.text(change.after - change.before))"
    let room = canvas.size.width - column - used - 1
    if columns(of: note) <= room {
      canvas.write(note, row: screenRow, column: column + used + 1, style: Style(.clockChange))
    } else {
      canvas.fill(Rect(row: screenRow, column: column, height: 1, width: used), style: .plain)
      canvas.write(
        note, row: screenRow, column: column, width: canvas.size.width - column, style: Style(.clockChange))
    }
  }
}
