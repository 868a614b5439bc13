import Glibc

/// A screen as a value: cells with what stands there and what it is for.
///
/// Drawing outside the canvas does nothing. A wide character is always whole: what would cut one leaves
/// a blank.
package struct Canvas: Equatable, Sendable {
  package let size: Size
  /// The cells of each row. `write` and `fill` keep wide characters whole; who changes cells directly has to as well.
  ///
  /// Rows that nobody writes to are shared with the canvas they came from: to keep one and to compare it costs nothing.
  package var rows: [[Cell]]
  /// Where the terminal's own cursor stands, or nil to hide it.
  package var cursor: Point?

  package init(size: Size) {
    self.size = size
    rows = Array(repeating: Array(repeating: .blank, count: size.width), count: size.height)
  }

  /// One cell; a blank outside the canvas, where setting one does nothing.
  package subscript(row: Int, column: Int) -> Cell {
    get { isInside(row, column) ? rows[row][column] : .blank }
    set {
      if isInside(row, column) { rows[row][column] = newValue }
    }
  }

  /// The columns from the first to the last cell of a row that differ from those of another canvas of this size; nil if
  /// none does.
  package func changedColumns(inRow row: Int, from other: Canvas) -> Range<Int>? {
    precondition(size == other.size && (0..<size.height).contains(row))
    return rows[row].withUnsafeBufferPointer { cells in
      other.rows[row].withUnsafeBufferPointer { others in
        guard let a = cells.baseAddress, let b = others.baseAddress, a != b,
          memcmp(a, b, size.width * MemoryLayout<Cell>.stride) != 0
        else { return nil }
        var (first, last) = (0, size.width - 1)
        while cells[first] == others[first] { first += 1 }
        while cells[last] == others[last] { last -= 1 }
        return first..<last + 1
      }
    }
  }

  /// Some whole rows, to be put back by ``put(_:atRow:)``.
  package func cells(ofRows part: Range<Int>) -> ArraySlice<[Cell]> {
    rows[part.clamped(to: 0..<size.height)]
  }

  /// Puts whole rows of a canvas of this width down.
  package mutating func put(_ part: ArraySlice<[Cell]>, atRow row: Int) {
    for (offset, cells) in part.enumerated() where (0..<size.height).contains(row + offset) {
      rows[row + offset] = cells
    }
  }

  private func isInside(_ row: Int, _ column: Int) -> Bool {
    row >= 0 && row < size.height && column >= 0 && column < size.width
  }

  /// Writes text, made harmless and clipped to `width` columns or the row's end; returns the columns used.
  @discardableResult
  package mutating func write(
    _ text: String, row: Int, column: Int, width: Int? = nil, style: Style = .plain
  ) -> Int {
    let end = min(size.width, width.map { column + max(0, $0) } ?? size.width)
    guard row >= 0, row < size.height, column < end else { return 0 }
    var at = column
    rows[row].withUnsafeMutableBufferPointer { cells in
      forEachCell(of: text) { cell, columns in
        guard at + columns <= end else { return false }
        if at >= 0 { Self.put(cell, columns, at: at, style, in: cells) }
        at += columns
        return at < end
      }
    }
    return at - column
  }

  /// Puts one cell's text down, and blanks the other half of each wide character it cuts.
  @inline(__always)
  private static func put(
    _ text: CellText, _ columns: Int, at index: Int, _ style: Style,
    in cells: UnsafeMutableBufferPointer<Cell>
  ) {
    blankHalves(around: index..<index + columns, in: cells)
    cells[index] = Cell(text, style: style)
    if columns == 2 { cells[index + 1] = Cell(CellText(), style: style) }
  }

  /// Blanks what is left of wide characters of which a part of a row, soon written over, holds one half.
  @inline(__always)
  private static func blankHalves(around part: Range<Int>, in cells: UnsafeMutableBufferPointer<Cell>) {
    if cells[part.lowerBound].content.isEmpty && part.lowerBound > 0 {
      cells[part.lowerBound - 1].content = .blank
    }
    if part.upperBound < cells.count && cells[part.upperBound].content.isEmpty {
      cells[part.upperBound].content = .blank
    }
  }

  /// Fills a part with a text of one column.
  package mutating func fill(_ rect: Rect, text: String = " ", style: Style) {
    let rect = rect.clipped(to: size)
    guard rect.width > 0 else { return }
    var cell = Cell(.blank, style: style)
    forEachCell(of: text) { first, columns in
      if columns == 1 { cell.content = first }
      return false
    }
    for row in rect.rows {
      rows[row].withUnsafeMutableBufferPointer { cells in
        Self.blankHalves(around: rect.columns, in: cells)
        for column in rect.columns { cells[column] = cell }
      }
    }
  }

  /// Changes how a part is drawn and leaves what stands there.
  package mutating func restyle(_ rect: Rect, style: (Style) -> Style) {
    let rect = rect.clipped(to: size)
    for row in rect.rows {
      for column in rect.columns { rows[row][column].style = style(rows[row][column].style) }
    }
  }

  /// Draws a box along the inside of the edges, with its title in the top one.
  package mutating func frame(
    _ rect: Rect, title: String? = nil, glyphs: Glyphs, style: Style = Style(.rule)
  ) {
    guard rect.width >= 2, rect.height >= 2 else { return }
    let (top, bottom) = (rect.row, rect.row + rect.height - 1)
    let right = rect.column + rect.width - 1
    for (row, left, end) in [
      (top, glyphs.topLeft, glyphs.topRight), (bottom, glyphs.bottomLeft, glyphs.bottomRight),
    ] {
      fill(
        Rect(row: row, column: rect.column, height: 1, width: rect.width), text: glyphs.horizontal,
        style: style)
      write(left, row: row, column: rect.column, style: style)
      write(end, row: row, column: right, style: style)
    }
    for row in top + 1..<bottom {
      write(glyphs.vertical, row: row, column: rect.column, style: style)
      write(glyphs.vertical, row: row, column: right, style: style)
    }
    guard let title, rect.width > 6 else { return }
    let text = Canvas.clippedTitle(title, columns: rect.width - 6, glyphs: glyphs)
    write(" \(text) ", row: top, column: rect.column + 2, style: Style(.strong, on: style.on))
  }

  private static func clippedTitle(_ title: String, columns: Int, glyphs: Glyphs) -> String {
    clipped(title, columns: columns, ellipsis: glyphs.ellipsis)
  }
}
