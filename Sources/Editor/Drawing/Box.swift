import Canvas

/// A key, and what it does here, in a few words.
struct Hint: Equatable, Sendable {
  var keys: String
  var words: String

  init(_ keys: String, _ words: String) { (self.keys, self.words) = (keys, words) }
}

/// Measures of the boxes that lie over the screen.
enum Box {
  /// Lines of a box that hold none of its content: the frame, a blank line and the footer.
  static let linesAround = 4
  /// Columns between the frame's outer edges and the content.
  static let columnsAround = 4
}

extension Canvas {
  /// Makes room in the middle of the screen for some lines, in a frame; returns the part inside.
  mutating func openBox(title: String, width: Int, height: Int, _ glyphs: Glyphs) -> Rect {
    let width = min(width, size.width - 2)
    let height = min(height, size.height - 2)
    let box = Rect(
      row: max(0, (size.height - height) / 2), column: max(0, (size.width - width) / 2), height: height,
      width: width)
    fill(box, style: .plain)
    frame(box, title: title, glyphs: glyphs)
    return box.inset(rows: 1, columns: Box.columnsAround / 2)
  }

  /// A box of some lines, wrapped where they are long, with its keys at the bottom.
  mutating func drawBox(title: String, lines: [String], footer: [Hint], _ glyphs: Glyphs) {
    let lines = lines.flatMap { wrapped($0, columns: size.width - 2 - Box.columnsAround) }
    let widest = lines.map { columns(of: $0) }.max() ?? 0
    let width = max(
      40, widest + Box.columnsAround, footerWidth(footer) + Box.columnsAround, columns(of: title) + 8)
    let inside = openBox(title: title, width: width, height: lines.count + Box.linesAround, glyphs)
    for (index, line) in lines.prefix(max(0, inside.height - 2)).enumerated() {
      let text = clipped(line, columns: inside.width, ellipsis: glyphs.ellipsis)
      write(text, row: inside.row + index, column: inside.column)
    }
    drawFooter(footer, in: inside)
  }

  func footerWidth(_ footer: [Hint]) -> Int {
    footer.reduce(0) { $0 + columns(of: $1.keys) + columns(of: $1.words) + 4 }
  }

  mutating func drawFooter(_ footer: [Hint], in inside: Rect) {
    var column = inside.column
    let end = inside.column + inside.width
    let row = inside.row + inside.height - 1
    let gap = footerWidth(footer) > inside.width ? 2 : 3
    for hint in footer where column < end {
      column += write(hint.keys, row: row, column: column, width: end - column, style: Style(.key)) + 1
      column += write(hint.words, row: row, column: column, width: end - column, style: Style(.hint)) + gap
    }
  }

  /// Marks the selected row of a list in a box.
  mutating func markRow(_ row: Int, in inside: Rect) {
    fill(
      Rect(row: row, column: inside.column - 1, height: 1, width: inside.width + 2), style: Style(.selected))
  }
}
