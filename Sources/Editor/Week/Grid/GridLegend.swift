import Canvas
import Scheduling

/// What the signs of the grid mean, where there is a line for it.
extension WeekScreen {
  func drawLegend(_ layout: WeekLayout, on canvas: inout Canvas, _ context: Context) {
    guard let row = layout.legend else { return }
    var column = 1
    for (sign, words) in legend(layout, context) {
      let width = columns(of: sign) + columns(of: words) + 1
      guard column + width < canvas.size.width else { break }
      column += canvas.write(sign, row: row, column: column, style: Style(.strong))
      column += canvas.write(" " + words, row: row, column: column, style: Style(.dim)) + 2
    }
  }

  private func legend(_ layout: WeekLayout, _ context: Context) -> [(sign: String, words: String)] {
    let glyphs = context.glyphs
    var items: [(sign: String, words: String)] = []
    switch grid.overlay {
    case .load: items += loadLegend(context)
    case .change:
      items += [("+", "sends now, did not before"), ("-", "sent before, not now")]
      if let compared = grid.compared { items.append(("", "against revision \(compared.number)")) }
    case .none: break
    }
    if grid.overlay == .load, !shown.hasSchedule || !shown.isActive {
      items.append(("", shown.hasSchedule ? "hours ignored: sends at any time" : "sends at any time"))
    } else if !shown.hasSchedule {
      items.append((glyphs.unlimited, "sends at any time"))
    } else if !shown.isActive {
      items += [(glyphs.unlimited, "sends at any time"), (glyphs.ignored, "painted, and ignored")]
    }
    let dates = dates(context)
    if shown.hasSchedule, !shown.exceptionalRows(0...6, of: dates).isEmpty {
      items.append((glyphs.exception, "a date with hours of its own"))
    }
    return items
  }

  /// The heights of the bars, and what the highest stands for.
  private func loadLegend(_ context: Context) -> [(sign: String, words: String)] {
    let glyphs = context.glyphs
    guard let peak = grid.counts?.peak, peak > 0, let low = glyphs.heat.first, let high = glyphs.heat.last
    else {
      let isOver = dates(context).instants(in: clock(context)).upperBound <= context.now
      return [(glyphs.idle, "allowed, and nothing \(isOver ? "went" : "goes") out this week")]
    }
    return [
      (glyphs.idle, "allowed, nothing"), (low, peak == 1 ? "1" : "1 to"),
      (high, "\(Words.count(peak)) in \(grid.slotMinutes) min"),
    ]
  }

  /// What the highest bar stands for, left of the hours, where there is no line for a legend: `▇ 60 most`.
  func peakInWords(_ layout: WeekLayout, _ glyphs: Glyphs) -> StyledText {
    guard layout.legend == nil, grid.overlay == .load, let peak = grid.counts?.peak, peak > 0,
      let high = glyphs.heat.last
    else { return ("", .plain) }
    let words = "\(high) \(Words.count(peak))"
    let isShort = columns(of: words) + 5 <= GridGeometry.labelWidth - 2
    return (isShort ? "\(words) most" : words, Style(.dim))
  }
}
