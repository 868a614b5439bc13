import Canvas
import Scheduling

/// What lies over the screen.
extension Editor {
  func draw(_ modal: Modal, on canvas: inout Canvas) {
    switch modal {
    case .prompt(let prompt): draw(prompt, on: &canvas)
    case .picker(let picker): draw(picker, on: &canvas)
    case .question(let question): draw(question, on: &canvas)
    case .help(let scroll): drawHelp(scroll: scroll, on: &canvas)
    case .explanation(let lines):
      drawBox(
        title: "Why then", lines: lines.map { ($0, .plain) }, footer: [("any key", "closes")], on: &canvas)
    case .revisions(let list): draw(list, on: &canvas)
    }
  }

  /// Makes room in the middle of the screen for some lines, in a frame.
  private func openBox(title: String, width: Int, height: Int, on canvas: inout Canvas) -> Rect {
    let width = min(width, size.width - 2)
    let height = min(height, size.height - 2)
    let box = Rect(
      row: max(0, (size.height - height) / 2), column: max(0, (size.width - width) / 2), height: height,
      width: width)
    canvas.fill(box, style: .plain)
    canvas.frame(box, title: clipped(title, columns: width - 6, ellipsis: glyphs.ellipsis), glyphs: glyphs)
    return box.inset(rows: 1, columns: 2)
  }

  private func drawBox(
    title: String, lines: [(text: String, role: Role)], footer: [(keys: String, words: String)],
    on canvas: inout Canvas
  ) {
    let footerWidth = footerWidth(footer)
    let lines = lines.flatMap { line in
      wrapped(line.text, columns: size.width - 6).map { (text: $0, role: line.role) }
    }
    let widest = lines.map { columns(of: $0.text) }.max() ?? 0
    let width = max(40, widest + 4, footerWidth + 4, columns(of: title) + 8)
    let inside = openBox(title: title, width: width, height: lines.count + 4, on: &canvas)
    let room = max(0, inside.height - 2)
    for (index, line) in lines.prefix(room).enumerated() {
      let text = clipped(line.text, columns: inside.width, ellipsis: glyphs.ellipsis)
      canvas.write(text, row: inside.row + index, column: inside.column, style: Style(line.role))
    }
    drawFooter(footer, in: inside, on: &canvas)
  }

  private func footerWidth(_ footer: [(keys: String, words: String)]) -> Int {
    footer.reduce(0) { $0 + columns(of: $1.keys) + columns(of: $1.words) + 4 }
  }

  private func drawFooter(_ footer: [(keys: String, words: String)], in inside: Rect, on canvas: inout Canvas)
  {
    var column = inside.column
    let end = inside.column + inside.width
    let gap = footerWidth(footer) > inside.width ? 2 : 3
    for (keys, words) in footer where column < end {
      let row = inside.row + inside.height - 1
      column += canvas.write(keys, row: row, column: column, width: end - column, style: Style(.key)) + 1
      column += canvas.write(words, row: row, column: column, width: end - column, style: Style(.hint)) + gap
    }
  }

  private func draw(_ question: Question, on canvas: inout Canvas) {
    drawBox(
      title: question.title, lines: question.lines.map { ($0, .plain) },
      footer: question.options.map { (String($0.key), $0.label) } + [("Esc", "cancel")], on: &canvas)
  }

  /// Typed on the status line, so that what it is about stays in sight; a problem stands above it.
  private func draw(_ prompt: Prompt, on canvas: inout Canvas) {
    let row = size.height - 2
    canvas.fill(Rect(row: row, column: 0, height: 2, width: size.width), style: .plain)
    let label = canvas.write(prompt.label, row: row, column: 1, width: size.width / 2, style: Style(.key))
    let left = 1 + label
    let room = size.width - left - 2
    // The text scrolls so that the cursor is in sight.
    var start = 0
    while columns(of: harmless(String(prompt.text[start..<prompt.cursor]))) >= room { start += 1 }
    canvas.write(harmless(String(prompt.text[start...])), row: row, column: left, width: room)
    let before = columns(of: harmless(String(prompt.text[start..<prompt.cursor])))
    canvas.cursor = Point(row: row, column: left + before)
    if let problem = prompt.problem {
      let text = clipped(problem, columns: size.width - 2, ellipsis: glyphs.ellipsis)
      canvas.write(text, row: row + 1, column: 1, style: Style(.error))
    } else {
      drawHints(hints(prompt) + [("Enter", "take"), ("Esc", "cancel")], row: row + 1, on: &canvas)
    }
  }

  private func hints(_ prompt: Prompt) -> [(keys: String, words: String)] {
    switch prompt.purpose {
    case .dayText: [("09:07-12:00, 13-17", "allowed times"), ("", "empty: closed")]
    case .command:
      [("mon-fri 9-17", "the week"), ("w q", ""), ("rate N", ""), ("zone Z", ""), ("allow deny", "windows")]
    case .filterPhones: [("", "words of number, label or schedule")]
    case .findMessage: [("", "words of contact or text; Enter alone goes on")]
    default: []
    }
  }

  private func draw(_ picker: Picker, on canvas: inout Canvas) {
    let visible = picker.visible
    let widest = picker.items.map { columns(of: $0.title) + columns(of: $0.detail) + 6 }.max() ?? 0
    let inside = openBox(
      title: picker.title, width: max(46, footerWidth(hints(picker)) + 4, min(widest + 4, 76)),
      height: min(picker.items.count + 5, size.height - 4),
      on: &canvas)
    let filter = picker.isFiltering || !picker.filter.isEmpty
    let words = filter ? "/\(harmless(picker.filter))" : "\(Words.count(visible.count)) to choose from"
    let used = canvas.write(
      words, row: inside.row, column: inside.column, width: inside.width, style: Style(filter ? .key : .dim))
    canvas.cursor = picker.isFiltering ? Point(row: inside.row, column: inside.column + used) : nil
    let rows = max(1, inside.height - 3)
    let top = max(0, min(picker.selected - rows / 2, visible.count - rows))
    for (line, item) in visible.dropFirst(top).prefix(rows).enumerated() {
      draw(item, isSelected: top + line == picker.selected, row: inside.row + 1 + line, inside, on: &canvas)
    }
    if visible.isEmpty {
      canvas.write("nothing matches", row: inside.row + 1, column: inside.column, style: Style(.warning))
    }
    drawFooter(hints(picker), in: inside, on: &canvas)
  }

  private func draw(_ item: Picker.Item, isSelected: Bool, row: Int, _ inside: Rect, on canvas: inout Canvas)
  {
    let on: Role? = isSelected ? .selected : nil
    if isSelected {
      canvas.fill(
        Rect(row: row, column: inside.column - 1, height: 1, width: inside.width + 2), style: Style(.selected)
      )
      canvas.write(glyphs.pointer, row: row, column: inside.column - 1, style: Style(.selected))
    }
    let detail = clipped(item.detail, columns: inside.width * 2 / 3, ellipsis: glyphs.ellipsis)
    let detailWidth = columns(of: detail)
    let title = clipped(item.title, columns: inside.width - detailWidth - 3, ellipsis: glyphs.ellipsis)
    canvas.write(
      title, row: row, column: inside.column + 1, style: Style(isSelected ? .strong : .plain, on: on))
    canvas.write(
      detail, row: row, column: inside.column + inside.width - detailWidth, style: Style(.dim, on: on))
  }

  private func hints(_ picker: Picker) -> [(keys: String, words: String)] {
    if picker.purpose == .timeZone { return [("type", "to filter"), ("Enter", "choose"), ("Esc", "cancel")] }
    let choose = [("Enter", "choose")]
    let manage =
      week == nil
      ? [("r", "rename"), ("x", "delete")]
      : [("n", "new"), ("y", "duplicate"), ("r", "rename"), ("x", "delete")]
    return choose + (settings.isReadOnly ? [] : manage) + [("/", "find")]
  }

  private func draw(_ list: RevisionList, on canvas: inout Canvas) {
    let inside = openBox(
      title: "Revisions", width: size.width - 4, height: min(list.rows.count + 8, size.height - 4),
      on: &canvas)
    // Below the list stand the words of the selected one, whole.
    let rows = max(1, inside.height - 5)
    let words = wrapped(list.rows[list.selected].summary, columns: inside.width)
    for (line, text) in words.prefix(2).enumerated() {
      canvas.write(
        clipped(text, columns: inside.width, ellipsis: glyphs.ellipsis), row: inside.row + rows + 1 + line,
        column: inside.column, style: Style(.strong))
    }
    let top = max(0, min(list.selected - rows / 2, list.rows.count - rows))
    let table = TextTable(column: inside.column, widths: [4, 16, 12, max(0, inside.width - 36)], right: [0])
    for (line, item) in list.rows.dropFirst(top).prefix(rows).enumerated() {
      let row = inside.row + line
      let isSelected = top + line == list.selected
      let on: Role? = isSelected ? .selected : nil
      if isSelected {
        canvas.fill(
          Rect(row: row, column: inside.column - 1, height: 1, width: inside.width + 2),
          style: Style(.selected))
      }
      let offset = ZoneName.offset(of: item.content.timeZone, at: item.savedAt) ?? 0
      table.draw(
        [
          (String(item.number), Style(.dim, on: on)),
          (String(Timestamp.local(item.savedAt, offset: offset).prefix(16)), Style(.plain, on: on)),
          (item.author, Style(.strong, on: on)), (item.summary, Style(.plain, on: on)),
        ], row: row, ellipsis: glyphs.ellipsis, on: &canvas)
    }
    drawFooter(
      [("Enter", "compare on the grid")] + (settings.isReadOnly ? [] : [("r", "restore")]) + [
        ("Esc", "close")
      ], in: inside, on: &canvas)
  }

  // MARK: Help

  private var helpRows: Int { max(1, size.height - 7) }
  /// How far the help can be scrolled.
  var helpOverflow: Int { max(0, Keymap.groups.count - helpRows) }

  private func drawHelp(scroll: Int, on canvas: inout Canvas) {
    let widest = Keymap.groups.map { columns(of: $0.help) }.max() ?? 0
    let keys = Keymap.groups.map { columns(of: $0.keys) }.max() ?? 0
    let inside = openBox(
      title: "Keys", width: widest + keys + 8, height: min(Keymap.groups.count + 4, size.height - 3),
      on: &canvas)
    let rows = max(1, inside.height - 2)
    for (line, group) in Keymap.groups.dropFirst(min(scroll, helpOverflow)).prefix(rows).enumerated() {
      canvas.write(group.keys, row: inside.row + line, column: inside.column, style: Style(.key))
      let column = inside.column + keys + 2
      let text = clipped(
        group.help, columns: inside.column + inside.width - column, ellipsis: glyphs.ellipsis)
      canvas.write(text, row: inside.row + line, column: column)
    }
    let more = helpOverflow > scroll ? [("\(glyphs.arrowDown) PgDn", "more")] : []
    drawFooter(more + [("any other key", "closes")], in: inside, on: &canvas)
  }
}
