import Glibc

/// A screen as a value: cells with what stands there and what it is for.
///
/// Drawing outside the canvas does nothing. A wide character is always whole: what would cut one leaves
/// a blank.
package struct Canvas: Equatable, Sendable {
  package let size: Size
  /// Row by row. `write` and `fill` keep wide characters whole; who changes cells directly has to as well.
  package var cells: [Cell]
  /// Where the terminal's own cursor stands, or nil to hide it.
  package var cursor: Point?

  package init(size: Size) {
    self.size = size
    cells = Array(repeating: .blank, count: size.width * size.height)
  }

  /// One cell; a blank outside the canvas, where setting one does nothing.
  package subscript(row: Int, column: Int) -> Cell {
    get { index(row, column).map { cells[$0] } ?? .blank }
    set {
      if let index = index(row, column) { cells[index] = newValue }
    }
  }

  /// The columns from the first to the last cell of a row that differ from those of another canvas of this size; nil if
  /// none does.
  package func changedColumns(inRow row: Int, from other: Canvas) -> Range<Int>? {
    precondition(size == other.size && (0..<size.height).contains(row))
    return cells.withUnsafeBufferPointer { cells in
      other.cells.withUnsafeBufferPointer { others in
        let (start, end) = (row * size.width, (row + 1) * size.width)
        let bytes = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: cells[start..<end]))
        let before = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: others[start..<end]))
        guard let a = bytes.baseAddress, let b = before.baseAddress, memcmp(a, b, bytes.count) != 0 else {
          return nil
        }
        var (first, last) = (start, end - 1)
        while cells[first] == others[first] { first += 1 }
        while cells[last] == others[last] { last -= 1 }
        return first - start..<last - start + 1
      }
    }
  }

  /// Some whole rows, to be put back by ``put(_:atRow:)``.
  package func cells(ofRows rows: Range<Int>) -> [Cell] {
    let rows = rows.clamped(to: 0..<size.height)
    return Array(cells[rows.lowerBound * size.width..<rows.upperBound * size.width])
  }

  /// Puts whole rows of a canvas of this width down.
  package mutating func put(_ rows: [Cell], atRow row: Int) {
    let start = row * size.width
    let end = min(start + rows.count, cells.count)
    guard start >= 0, start < end else { return }
    cells.replaceSubrange(start..<end, with: rows[..<(end - start)])
  }

  private func index(_ row: Int, _ column: Int) -> Int? {
    guard row >= 0, row < size.height, column >= 0, column < size.width else { return nil }
    return row * size.width + column
  }

  /// Writes text, made harmless and clipped to `width` columns or the row's end; returns the columns used.
  @discardableResult
  package mutating func write(
    _ text: String, row: Int, column: Int, width: Int? = nil, style: Style = .plain
  ) -> Int {
    let end = min(size.width, width.map { column + max(0, $0) } ?? size.width)
    guard row >= 0, row < size.height, column < end else { return 0 }
    let start = row * size.width
    var at = column
    forEachCell(of: text) { cell, columns in
      guard at + columns <= end else { return false }
      if at >= 0 { put(cell, columns, at: start + at, style) }
      at += columns
      return at < end
    }
    return at - column
  }

  /// Puts one cell's text down, and blanks the other half of each wide character it cuts.
  @inline(__always)
  private mutating func put(_ text: CellText, _ columns: Int, at index: Int, _ style: Style) {
    blankHalves(around: index..<index + columns)
    cells[index] = Cell(text, style: style)
    if columns == 2 { cells[index + 1] = Cell(CellText(), style: style) }
  }

  /// Blanks what is left of wide characters of which a part of a row, soon written over, holds one half.
  @inline(__always)
  private mutating func blankHalves(around part: Range<Int>) {
    if cells[part.lowerBound].content.isEmpty && part.lowerBound % size.width > 0 {
      cells[part.lowerBound - 1].content = .blank
    }
    if part.upperBound < cells.count && cells[part.upperBound].content.isEmpty
      && part.upperBound % size.width > 0
    {
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
      let start = row * size.width + rect.column
      let part = start..<start + rect.width
      blankHalves(around: part)
      for index in part { cells[index] = cell }
    }
  }

  /// Changes how a part is drawn and leaves what stands there.
  package mutating func restyle(_ rect: Rect, style: (Style) -> Style) {
    let rect = rect.clipped(to: size)
    for row in rect.rows {
      for column in rect.columns {
        let index = row * size.width + column
        cells[index].style = style(cells[index].style)
      }
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
