import Canvas
import Scheduling

/// The saved states of a schedule, the newest first: listed, drawn on the grid, restored.
package struct RevisionList: Modal {
  private let rows: [RevisionRow]
  private var selected = 0

  /// There is at least one row.
  init(rows: [RevisionRow]) { self.rows = rows }

  package mutating func press(_ key: Key, _ editor: inout Editor) -> ModalStay {
    switch key {
    case .up, .character("k"): move(-1)
    case .down, .character("j"): move(1)
    case .pageUp, .control("b"): move(-10)
    case .pageDown, .control("f"), .character(" "): move(10)
    case .home, .character("g"): move(-rows.count)
    case .end, .character("G"): move(rows.count)
    case .enter, .character("c"):
      editor.week?.compare(with: rows[selected], &editor.context)
      return .closes
    case .character("r"):
      editor.week?.restore(rows[selected], &editor.context)
      return .closes
    case .tab:
      guard let id = editor.week?.phone.id else { return .stays }
      editor.context.perform(.loadPhoneRevisions(phoneID: id))
      return .closes
    case .escape, .character("q"), .control("c"): return .closes
    default: break
    }
    return .stays
  }

  private mutating func move(_ step: Int) { selected = min(max(0, selected + step), rows.count - 1) }

  /// Lines below the list for the words of the selected one, whole, and a blank one above them.
  private static let summaryLines = 2

  package func draw(on canvas: inout Canvas, _ context: Context) {
    let below = Self.summaryLines + 1
    let width = context.size.width - 4
    let footer =
      [Hint("Enter", "compare on the grid")]
      + (context.settings.isReadOnly ? [] : [Hint("r", "restore")])
      + [Hint("Tab", "of the phone"), Hint("Esc", "close")]
    let footerRows = canvas.rows(of: footer, columns: width - Box.columnsAround)
    let inside = canvas.openBox(
      title: "Revisions of the schedule", width: width,
      height: min(rows.count + below + Box.linesAround + footerRows, context.size.height - 4), context.glyphs)
    let visible = max(1, inside.height - below - 1 - footerRows)
    let words = wrapped(rows[selected].summary, columns: inside.width)
    for (line, text) in words.prefix(Self.summaryLines).enumerated() {
      canvas.write(
        clipped(text, columns: inside.width, ellipsis: context.glyphs.ellipsis),
        row: inside.row + visible + 1 + line, column: inside.column, style: Style(.strong))
    }
    let top = max(0, min(selected - visible / 2, rows.count - visible))
    for (line, item) in rows.dropFirst(top).prefix(visible).enumerated() {
      draw(item, isSelected: top + line == selected, row: inside.row + line, inside, on: &canvas, context)
    }
    canvas.drawFooter(footer, in: inside)
  }

  private func draw(
    _ item: RevisionRow, isSelected: Bool, row: Int, _ inside: Rect, on canvas: inout Canvas,
    _ context: Context
  ) {
    let fixed = [4, 17, 12]
    let rest = max(0, inside.width - fixed.reduce(0) { $0 + $1 + 1 } - 1)
    let table = TextTable(column: inside.column, widths: fixed + [rest], right: [0])
    let on: Role? = isSelected ? .selected : nil
    if isSelected { canvas.markRow(row, in: inside, context.glyphs) }
    let clock = context.clock(item.content.timeZone) ?? .utc
    let local = { (instant: Instant) in CivilTime(local: instant + clock.offset(at: instant)) }
    table.draw(
      [
        (String(item.number), Style(.dim, on: on)),
        (Words.minute(local(item.savedAt), now: local(context.now)), Style(.plain, on: on)),
        (item.author, Style(.strong, on: on)), (item.summary, Style(.plain, on: on)),
      ], row: row, ellipsis: context.glyphs.ellipsis, on: &canvas)
  }
}
