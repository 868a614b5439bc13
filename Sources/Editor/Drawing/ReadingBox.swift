import Canvas

/// Lines in a box that are there to be read: wrapped where they are long, and scrolled where they are many.
struct ReadingBox: Sendable {
  /// A line, and what stands before it as the key that does it.
  struct Line: Equatable, Sendable {
    var key = ""
    var text: String
    var role = Role.plain
    /// How far what is wrapped of it is indented.
    var indent = 2
  }

  let title: String
  var lines: [Line]
  private var scroll = 0

  init(title: String, lines: [Line]) { (self.title, self.lines) = (title, lines) }

  /// Takes a key that scrolls; false for any other.
  mutating func press(_ key: Key, _ size: Size) -> Bool {
    let page = max(1, Self.rows(size) - 1)
    switch key {
    case .up, .character("k"): scroll -= 1
    case .down, .character("j"): scroll += 1
    case .pageUp, .control("b"): scroll -= page
    case .pageDown, .control("f"), .character(" "): scroll += page
    case .home, .character("g"): scroll = 0
    case .end, .character("G"): scroll = .max / 2
    default: return false
    }
    scroll = min(max(0, scroll), lastScroll(size))
    return true
  }

  /// Rows for lines: the box leaves a row of the screen above and below.
  private static func rows(_ size: Size) -> Int { max(1, size.height - 2 - Box.linesAround) }

  /// The footer may take a row or two from the lines.
  private func lastScroll(_ size: Size) -> Int { max(0, pieces(size).count - max(1, Self.rows(size) - 2)) }

  /// The lines in pieces that fit; the key stands before the first piece of its line.
  private func pieces(_ size: Size) -> [Line] {
    lines.flatMap { line in
      let room = size.width - 2 - Box.columnsAround - (line.key.isEmpty ? 0 : columns(of: line.key) + 1)
      return wrapped(line.text, columns: room, indent: line.indent).enumerated().map { index, text in
        let key = index == 0 ? line.key : String(repeating: " ", count: columns(of: line.key))
        return Line(key: key, text: text, role: line.role)
      }
    }
  }

  /// The title; where it is too long, what it names between quotation marks gives way.
  private func titleFitted(to room: Int, ellipsis: String) -> String {
    let excess = columns(of: title) - room
    guard excess > 0, let open = title.firstIndex(of: "“"), let close = title.lastIndex(of: "”"), open < close
    else { return title }
    let name = String(title[title.index(after: open)..<close])
    let short = clipped(name, columns: max(4, columns(of: name) - excess), ellipsis: ellipsis)
    return "\(title[...open])\(short)\(title[close...])"
  }

  func draw(footer: [Hint], on canvas: inout Canvas, _ context: Context) {
    let pieces = pieces(canvas.size)
    let widestFooter = canvas.size.width - 2 - Box.columnsAround
    let isCut = pieces.count > Self.rows(canvas.size) - canvas.rows(of: footer, columns: widestFooter) + 1
    var footer = (isCut ? [Hint("PgDn", "more")] : []) + footer
    let footerRows = canvas.rows(of: footer, columns: widestFooter)
    let rows = min(pieces.count, max(1, Self.rows(canvas.size) - footerRows + 1))
    let widest =
      pieces.map { columns(of: $0.text) + ($0.key.isEmpty ? 0 : columns(of: $0.key) + 1) }.max() ?? 0
    let title = titleFitted(to: canvas.size.width - 8, ellipsis: context.glyphs.ellipsis)
    let inside = canvas.openBox(
      title: title,
      width: max(
        40, widest + Box.columnsAround, canvas.footerWidth(footer) + Box.columnsAround, columns(of: title) + 8
      ),
      height: rows + Box.linesAround + footerRows - 1, context.glyphs)
    let top = min(scroll, max(0, pieces.count - rows))
    // As wide as the other, so that nothing moves.
    if isCut, top + rows >= pieces.count { footer[0] = Hint("PgUp", "back") }
    canvas.cursor = Point(row: inside.row, column: inside.column)
    for (index, line) in pieces.dropFirst(top).prefix(rows).enumerated() {
      let row = inside.row + index
      let used =
        line.key.isEmpty ? 0 : canvas.write(line.key, row: row, column: inside.column, style: Style(.key)) + 1
      canvas.write(
        clipped(line.text, columns: inside.width - used, ellipsis: context.glyphs.ellipsis), row: row,
        column: inside.column + used, style: Style(line.role))
    }
    if isCut { drawPlace(top, of: pieces.count, rows: rows, in: inside, on: &canvas, context) }
    canvas.drawFooter(footer, in: inside)
  }

  /// On the frame: that there is more above, below.
  private func drawPlace(
    _ top: Int, of count: Int, rows: Int, in inside: Rect, on canvas: inout Canvas, _ context: Context
  ) {
    let column = inside.column + inside.width + 1
    if top > 0 { canvas.write(context.glyphs.arrowUp, row: inside.row, column: column, style: Style(.key)) }
    if top + rows < count {
      canvas.write(context.glyphs.arrowDown, row: inside.row + rows - 1, column: column, style: Style(.key))
    }
  }
}
