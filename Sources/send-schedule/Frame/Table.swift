import Canvas

/// Rows of texts under headings, for people.
struct Table {
  private let headings: [String]
  private var rows: [[String]] = []

  init(_ headings: [String]) { self.headings = headings }

  mutating func add(_ row: [String]) { rows.append(row) }

  /// Prints each column as wide as its widest text, up to 60 columns; the last is never cut.
  func print() throws {
    var widths = headings.map { columns(of: $0) }
    for row in rows {
      for (index, text) in row.enumerated() { widths[index] = min(60, max(widths[index], columns(of: text))) }
    }
    for row in [headings] + rows {
      let cells = row.enumerated().map { index, text in
        index == row.count - 1 ? text : padded(text, columns: widths[index])
      }
      var line = cells.joined(separator: "  ")
      while line.utf8.last == UInt8(ascii: " ") { line.removeLast() }
      try Output.shared.line(line)
    }
  }
}
