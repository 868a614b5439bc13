import CNcurses
import Canvas

/// Hands the cells that changed to ncurses.
struct Painter {
  private let palette: Palette
  private let isASCII: Bool
  private var shown: Canvas?
  /// By the number of a style.
  private var inks: [UInt32: Ink] = [:]
  /// The one that was used last: neighbours look alike.
  private var lastInk: (number: UInt32, ink: Ink)?
  private var pairs: [Look: Int32] = [:]
  private var scalars: [Int32] = []

  /// A look as ncurses takes it.
  private struct Ink {
    var attributes: UInt32
    var pair: Int32
    /// Whether a blank shows nothing of it.
    var isInvisibleOnBlank: Bool
  }

  init(palette: Palette, isASCII: Bool) {
    self.palette = palette
    self.isASCII = isASCII
  }

  /// Forgets what is shown; the next canvas is handed over whole.
  mutating func forget() {
    shown = nil
  }

  mutating func paint(_ canvas: Canvas, on screen: Size) {
    let columns = 0..<min(canvas.size.width, screen.width)
    let before = shown?.size == canvas.size ? shown : nil
    for row in 0..<min(canvas.size.height, screen.height) {
      guard let before else {
        paint(canvas, row, columns, over: nil)
        continue
      }
      guard let changed = canvas.changedColumns(inRow: row, from: before) else { continue }
      paint(canvas, row, changed.clamped(to: columns), over: before)
    }
    shown = canvas
  }

  private mutating func paint(_ canvas: Canvas, _ row: Int, _ columns: Range<Int>, over before: Canvas?) {
    let (cells, old) = (canvas.rows[row], before?.rows[row])
    for column in columns {
      let cell = cells[column]
      if cell.content.isEmpty { continue }
      if let old, old[column] == cell { continue }
      let isWide = column + 1 < cells.count && cells[column + 1].content.isEmpty
      let style = isLoneBlank(cells, column) ? .plain : cell.style
      put(cell.content, ink(for: style), columns: isWide ? 2 : 1, row: row, column: column)
    }
  }

  /// Whether a cell is a blank that may as well be plain, which lets ncurses clear instead of draw.
  ///
  /// A single blank between two words of one style keeps it: changing the style twice costs more bytes.
  private mutating func isLoneBlank(_ cells: [Cell], _ column: Int) -> Bool {
    let cell = cells[column]
    guard cell.content.isBlank, ink(for: cell.style).isInvisibleOnBlank else { return false }
    guard column > 0, column + 1 < cells.count else { return true }
    let (left, right) = (cells[column - 1], cells[column + 1])
    return left.content.isBlank || right.content.isBlank || left.style != cell.style
      || right.style != cell.style
  }

  private mutating func put(_ text: CellText, _ ink: Ink, columns: Int, row: Int, column: Int) {
    if isASCII {
      let ascii = asciiFallback(of: text.text, columns: columns)
      for (offset, byte) in ascii.utf8.enumerated() { put(Int32(byte), ink, row, column + offset) }
      return
    }
    if !text.hasMarks, text.code < 0x7F, columns == 1 {
      return put(Int32(text.code), ink, row, column)
    }
    scalars.removeAll(keepingCapacity: true)
    text.forEachCode { scalars.append(Int32($0)) }
    if isMeasuredAlike(columns) {
      cn_put(Int32(row), Int32(column), scalars, Int32(scalars.count), ink.attributes, ink.pair)
    } else {
      put(0xFFFD, ink, row, column)
      if columns == 2 { put(0x20, ink, row, column + 1) }
    }
  }

  private func put(_ scalar: Int32, _ ink: Ink, _ row: Int, _ column: Int) {
    withUnsafePointer(to: scalar) { cn_put(Int32(row), Int32(column), $0, 1, ink.attributes, ink.pair) }
  }

  /// Whether ncurses, which asks the C library, will count the columns that the canvas did.
  private func isMeasuredAlike(_ columns: Int) -> Bool {
    guard let first = scalars.first else { return false }
    return Int(cn_width(first)) == columns && scalars.dropFirst().allSatisfy { cn_width($0) == 0 }
  }

  private mutating func ink(for style: Style) -> Ink {
    let number = style.number
    if let lastInk, lastInk.number == number { return lastInk.ink }
    let ink = inks[number] ?? newInk(for: style)
    lastInk = (number, ink)
    return ink
  }

  private mutating func newInk(for style: Style) -> Ink {
    let look = palette.look(of: style)
    let ink = Ink(
      attributes: look.attributes, pair: pair(for: look),
      isInvisibleOnBlank: look.background == -1 && look.attributes & (Look.reverse | Look.underline) == 0)
    inks[style.number] = ink
    return ink
  }

  /// The pair of two colours, defined at first use; the terminal's own colours if there are no more pairs.
  private mutating func pair(for look: Look) -> Int32 {
    let colors = Look(foreground: look.foreground, background: look.background)
    if colors == Look() { return 0 }
    if let pair = pairs[colors] { return pair }
    let pair = Int32(pairs.count + 1)
    let isDefined = pair < cn_pair_limit() && cn_define_pair(pair, colors.foreground, colors.background)
    pairs[colors] = isDefined ? pair : 0
    return isDefined ? pair : 0
  }
}
