import Canvas

/// Columns of text in a row: fixed widths with one blank between, clipped, flush left or right.
struct TextTable {
  private var places: [(column: Int, width: Int, isRight: Bool)] = []

  /// Columns of width 0 are left out.
  init(column: Int, widths: [Int], right: Set<Int> = []) {
    var column = column
    for (index, width) in widths.enumerated() {
      places.append((column, width, right.contains(index)))
      if width > 0 { column += width + 1 }
    }
  }

  func draw(_ texts: [StyledText], row: Int, ellipsis: String, on canvas: inout Canvas) {
    for (place, item) in zip(places, texts) where place.width > 0 {
      let text = clipped(item.text, columns: place.width, ellipsis: ellipsis)
      let shift = place.isRight ? max(0, place.width - columns(of: text)) : 0
      canvas.write(
        text, row: row, column: place.column + shift, width: place.width - shift, style: item.style)
    }
  }

  /// The column of the screen behind a text in a column of the table.
  func end(of text: String, in column: Int) -> Int {
    let place = places[column]
    return place.column + (place.isRight ? place.width : min(place.width, columns(of: text)))
  }

  func drawHeading(_ texts: [String], row: Int, ellipsis: String, on canvas: inout Canvas) {
    draw(texts.map { ($0, Style(.hint)) }, row: row, ellipsis: ellipsis, on: &canvas)
  }
}
