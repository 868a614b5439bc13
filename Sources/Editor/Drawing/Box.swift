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

  func footerWidth(_ footer: [Hint]) -> Int {
    footer.reduce(0) { $0 + columns(of: $1.keys) + columns(of: $1.words) + 4 }
  }

  /// The keys of a box, in as many rows as they need, the last row at its bottom.
  mutating func drawFooter(_ footer: [Hint], in inside: Rect) {
    let lines = lines(of: footer, columns: inside.width)
    for (index, line) in lines.enumerated() {
      var column = inside.column
      let row = inside.row + inside.height - lines.count + index
      for hint in line {
        let end = inside.column + inside.width
        column += write(hint.keys, row: row, column: column, width: end - column, style: Style(.key)) + 1
        column += write(hint.words, row: row, column: column, width: end - column, style: Style(.hint)) + 3
      }
    }
  }

  /// How many rows the keys of a box take.
  func rows(of footer: [Hint], columns limit: Int) -> Int { lines(of: footer, columns: limit).count }

  private func lines(of footer: [Hint], columns limit: Int) -> [[Hint]] {
    var lines: [[Hint]] = [[]]
    var used = 0
    for hint in footer {
      let width = columns(of: hint.keys) + columns(of: hint.words) + 1
      if used + width > limit, used > 0 {
        lines.append([])
        used = 0
      }
      lines[lines.count - 1].append(hint)
      used += width + 3
    }
    return lines
  }

  /// Marks the selected row of a list in a box, with a sign too, and puts the terminal's cursor there.
  mutating func markRow(_ row: Int, in inside: Rect, _ glyphs: Glyphs) {
    fill(
      Rect(row: row, column: inside.column - 1, height: 1, width: inside.width + 2), style: Style(.selected))
    write(glyphs.pointer, row: row, column: inside.column - 1, style: Style(.selected))
    cursor = Point(row: row, column: inside.column - 1)
  }
}
