/// Columns and rows of a screen or of a part of it; never negative.
package struct Size: Hashable, Sendable {
  package var width: Int
  package var height: Int

  package init(width: Int, height: Int) {
    self.width = max(0, width)
    self.height = max(0, height)
  }
}

/// A place on a canvas; row 0, column 0 is the top left.
package struct Point: Hashable, Sendable {
  package var row: Int
  package var column: Int

  package init(row: Int, column: Int) {
    self.row = row
    self.column = column
  }
}

/// A part of a canvas; it may reach over the edges, where nothing is drawn.
package struct Rect: Hashable, Sendable {
  package var row: Int
  package var column: Int
  package var height: Int
  package var width: Int

  package init(row: Int, column: Int, height: Int, width: Int) {
    self.row = row
    self.column = column
    self.height = max(0, height)
    self.width = max(0, width)
  }

  package var rows: Range<Int> { row..<row + height }
  package var columns: Range<Int> { column..<column + width }

  package func contains(_ point: Point) -> Bool {
    rows.contains(point.row) && columns.contains(point.column)
  }

  /// The part that is left when each side gives up some rows and columns.
  package func inset(rows: Int = 1, columns: Int = 1) -> Rect {
    Rect(
      row: row + rows, column: column + columns,
      height: height - 2 * rows, width: width - 2 * columns)
  }

  /// The part that lies on a screen of this size.
  func clipped(to size: Size) -> Rect {
    let top = min(max(row, 0), size.height)
    let left = min(max(column, 0), size.width)
    let bottom = min(max(row + height, top), size.height)
    let right = min(max(column + width, left), size.width)
    return Rect(row: top, column: left, height: bottom - top, width: right - left)
  }
}
