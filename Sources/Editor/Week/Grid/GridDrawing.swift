import Canvas
import Scheduling

/// All that the grid shows besides the cursor and the selection.
struct GridPicture: Equatable, Sendable {
  var shown: Draft
  var dates: WeekDates
  var weekOffset: Int
  var layout: WeekLayout
  /// The minute of now on the wall clock, and which clocks are known.
  var minute: Int64
  var zones: Int
  var overlay: Overlay
  var counts: SlotCounts?
  /// What the change overlay compares with.
  var before: WeekMinutes?
  var compared: Int?
}

/// The weekly grid.
extension WeekScreen {
  func drawGrid(_ layout: WeekLayout, on canvas: inout Canvas, _ context: Context) {
    let dates = dates(context)
    let clock = clock(context)
    let painter = GridPainter(
      week: self, grid: layout.grid, dates: dates, glyphs: context.glyphs,
      nowLocal: context.now + clock.offset(at: context.now), changes: dates.clockChanges(in: clock),
      before: openBefore(dates, context))
    let minutes = (0..<layout.grid.width).map(layout.grid.minutes(ofColumn:))
    let picture = GridPicture(
      shown: shown, dates: dates, weekOffset: grid.weekOffset, layout: layout,
      minute: floorDivide(painter.nowLocal, by: .minute).quotient, zones: context.settings.zones.generation,
      overlay: grid.overlay, counts: grid.overlay == .load ? grid.counts : nil,
      before: openBefore(dates, context), compared: grid.compared?.number)
    drawnGrid.draw(picture, rows: layout.ruler..<layout.headline, on: &canvas) { canvas in
      drawRuler(layout, now: painter.columnOfHiddenNow(minutes), on: &canvas, context)
      drawLegend(layout, on: &canvas, context)
      for row in 0..<7 {
        drawLabel(row, layout, painter, on: &canvas)
        drawSlots(row, layout.grid, painter, minutes, on: &canvas)
        drawTotal(row, layout, painter, on: &canvas)
      }
    }
    markSlots(layout, painter, minutes, on: &canvas)
  }

  /// The cursor and the selection.
  private func markSlots(
    _ layout: WeekLayout, _ painter: GridPainter, _ minutes: [Range<Int>], on canvas: inout Canvas
  ) {
    for row in 0..<7 {
      let day = painter.day(row)
      guard day.cursor != nil || day.selected != nil else { continue }
      if day.cursor != nil { drawLabel(row, layout, painter, isHere: true, on: &canvas) }
      let top = layout.grid.top + row * layout.grid.rowHeight
      for column in minutes.indices where day.isMarked(minutes[column]) {
        for line in 0..<layout.grid.rowHeight {
          let (row, place) = (top + line, layout.grid.left + column)
          canvas.rows[row][place] = painter.marked(canvas.rows[row][place], day, minutes[column])
        }
      }
    }
    if pane == .grid, let column = layout.grid.column(ofMinute: grid.cursor.minute) {
      canvas.cursor = Point(row: layout.grid.top + grid.cursor.row * layout.grid.rowHeight, column: column)
    }
  }

  private func drawSlots(
    _ row: Int, _ grid: GridGeometry, _ painter: GridPainter, _ minutes: [Range<Int>],
    on canvas: inout Canvas
  ) {
    let day = painter.day(row)
    let top = grid.top + row * grid.rowHeight
    for column in minutes.indices {
      var cell = painter.cell(day, minutes[column], column: column, line: 0)
      for line in 0..<grid.rowHeight {
        if line > 0, painter.linesDiffer {
          cell = painter.cell(day, minutes[column], column: column, line: line)
        }
        canvas.rows[top + line][grid.left + column] = cell
      }
    }
  }

  /// The hours above the days, and now where its slot shows something else; on the left how far the week is away.
  private func drawRuler(_ layout: WeekLayout, now: Int?, on canvas: inout Canvas, _ context: Context) {
    let glyphs = context.glyphs
    let left: StyledText =
      grid.weekOffset == 0 ? peakInWords(layout, glyphs) : (weekInWords(context), Style(.warning))
    canvas.write(
      left.text, row: layout.ruler, column: 1, width: GridGeometry.labelWidth - 2, style: left.style)
    let grid = layout.grid
    let nowColumn = now.map { grid.left + $0 }
    let hourWidth = 60 / grid.slotMinutes * grid.slotWidth
    let step = [1, 2, 3, 6].first { $0 * hourWidth >= 5 } ?? 6
    for hour in stride(from: 0, to: 24, by: step) {
      guard let column = grid.column(ofMinute: hour * 60) else { continue }
      let label = hourWidth >= 10 ? WindowNotation.time(hour * 60) : Timestamp.padded(hour, 2)
      if let nowColumn, (column - 1...column + columns(of: label)).contains(nowColumn) { continue }
      canvas.write(label, row: layout.ruler, column: column, style: Style(.dim))
    }
    if let nowColumn {
      canvas.write(glyphs.vertical, row: layout.ruler, column: nowColumn, style: Style(.warning))
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

  /// `+3 weeks`; `+260w 2031` where its year is not this one, `+5w 26/27` where it is partly another.
  private func weekInWords(_ context: Context) -> String {
    let dates = dates(context)
    let year = CivilTime(local: context.now + clock(context).offset(at: context.now)).year
    let (first, last) = (dates.date(ofRow: 0).year, dates.date(ofRow: 6).year)
    let sign = grid.weekOffset > 0 ? "+" : "-"
    if (first, last) == (year, year) { return sign + Words.count(abs(grid.weekOffset), "week") }
    let years =
      first == last
      ? String(first) : [first, last].map { Timestamp.padded($0 % 100, 2) }.joined(separator: "/")
    return "\(sign)\(abs(grid.weekOffset))w \(years)"
  }

  private func drawLabel(
    _ row: Int, _ layout: WeekLayout, _ painter: GridPainter, isHere: Bool = false, on canvas: inout Canvas
  ) {
    let date = painter.dates.date(ofRow: row)
    let isToday = painter.nowRow == row
    let day = (date.day < 10 ? " " : "") + String(date.day)
    let text = "\(Words.days[date.weekday]) \(day) \(Words.months[date.month - 1])"
    let screenRow = layout.grid.top + row * layout.grid.rowHeight
    // The sign of now, as it stands in the day.
    if isToday { canvas.write(painter.glyphs.vertical, row: screenRow, column: 0, style: Style(.warning)) }
    canvas.write(text, row: screenRow, column: 1, style: Style(isHere || isToday ? .strong : .dim))
    if exception(ofRow: row, painter) != nil {
      canvas.write(
        painter.glyphs.exception, row: screenRow, column: GridGeometry.labelWidth - 1, style: Style(.warning))
    }
  }

  private func exception(ofRow row: Int, _ painter: GridPainter) -> ScheduleException? {
    shown.hasSchedule ? shown.exception(on: painter.dates.civilDate(ofRow: row)) : nil
  }

  /// Right of the slots: how long the day is allowed, or how much goes out; why a date is an exception; what the
  /// clock does on it.
  private func drawTotal(
    _ row: Int, _ layout: WeekLayout, _ painter: GridPainter, on canvas: inout Canvas
  ) {
    guard layout.grid.rightWidth > 0 else { return }
    let column = layout.grid.left + layout.grid.width + 2
    let screenRow = layout.grid.top + row * layout.grid.rowHeight
    let width = canvas.size.width - column
    let exception = exception(ofRow: row, painter)
    let (total, style) = totalInWords(row, painter)
    let note = exception.map(\.note) ?? ""
    let isBelow = layout.grid.rowHeight > 1
    let text = note.isEmpty || isBelow ? total : "\(total): \(note)"
    let used = canvas.write(
      clipped(text, columns: width, ellipsis: painter.glyphs.ellipsis), row: screenRow, column: column,
      style: exception == nil ? style : Style(.warning))
    if isBelow, !note.isEmpty {
      canvas.write(
        clipped(note, columns: width, ellipsis: painter.glyphs.ellipsis), row: screenRow + 1,
        column: column, style: Style(.dim))
    }
    guard let change = painter.clockChange(row: row) else { return }
    // Behind the total where there is room for it; the hours themselves are marked in any case.
    if let words = Self.words(for: change, columns: width - used - 1, painter.glyphs) {
      canvas.write(words, row: screenRow, column: column + used + 1, style: Style(.clockChange))
    }
  }

  /// `02-03 skipped`, `02-03 occurs twice`, with the sign in place of the words where there is less room; nil without.
  private static func words(for change: ClockChange, columns limit: Int, _ glyphs: Glyphs) -> String? {
    let time = { (local: Int64) in
      let minute = Int(floorDivide(local, by: .day).remainder / .minute)
      return minute % 60 == 0 ? Timestamp.padded(minute / 60, 2) : WindowNotation.time(minute)
    }
    let range = "\(time(change.localRange.lowerBound))-\(time(change.localRange.upperBound))"
    let forms =
      change.isSkip
      ? ["\(range) skipped", "\(glyphs.skipped) \(range)"]
      : ["\(range) occurs twice", "\(range) twice", "\(glyphs.openRepeated) \(range)"]
    return forms.first { columns(of: $0) <= limit }
  }

  private func totalInWords(_ row: Int, _ painter: GridPainter) -> (text: String, style: Style) {
    if grid.overlay == .load, let (gone, going) = grid.counts?.totals(row: row), gone + going > 0 {
      let parts = [(gone, "went"), (going, "go")].filter { $0.0 > 0 }
      let isFull = shown.messagesPerDay > 0 && gone + going >= shown.messagesPerDay
      let words = parts.map { "\(Words.count($0.0)) \($0.1)" }.joined(separator: ", ")
      return (isFull ? "\(gone > 0 && going > 0 ? "\(gone)+\(going)" : words), full" : words, Style(.load))
    }
    guard shown.hasSchedule, shown.isActive else { return ("open", Style(.dim)) }
    return (Words.hours(minutes: painter.total(row)), Style(.dim))
  }
}
