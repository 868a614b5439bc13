/// What stands on one cell: a character and at most three marks, in a fixed number of bytes; nothing at all on the
/// right half of a wide character.
package struct CellText: Hashable, Sendable {
  /// The scalars after the first, of 21 bits each, the first of them lowest.
  private var marks: UInt64 = 0
  /// 0 for nothing.
  private var base: UInt32 = 0

  /// More marks than this on one cell are left out: they would be drawn over the rows above and below.
  static let mostMarks = 3

  init() {}

  @inline(__always)
  init(_ scalar: Unicode.Scalar) { base = scalar.value }

  /// The first character of a text with its marks.
  package init(_ text: String) {
    var first = CellText()
    forEachCell(of: text) { cell, _ in
      first = cell
      return false
    }
    self = first
  }

  static let blank = CellText(" ")

  @inline(__always)
  package var isEmpty: Bool { base == 0 }

  /// The first scalar's code; 0 for nothing.
  @inline(__always)
  package var code: UInt32 { base }

  package var isBlank: Bool { base == 0x20 && marks == 0 }

  package var hasMarks: Bool { marks != 0 }

  @inline(__always)
  package static func == (a: CellText, b: CellText) -> Bool { a.base == b.base && a.marks == b.marks }

  /// Adds a mark, as long as there is room.
  mutating func append(_ scalar: Unicode.Scalar) {
    for place in 0..<Self.mostMarks where marks >> (21 * UInt64(place)) == 0 {
      marks |= UInt64(scalar.value) << (21 * UInt64(place))
      return
    }
  }

  /// Hands out the code of each scalar.
  package func forEachCode(_ body: (UInt32) -> Void) {
    guard base != 0 else { return }
    body(base)
    var rest = marks
    while rest != 0 {
      body(UInt32(rest & 0x1F_FFFF))
      rest >>= 21
    }
  }

  /// The same as a text.
  package var text: String {
    var text = ""
    appendTo(&text)
    return text
  }

  func appendTo(_ text: inout String) {
    forEachCode { code in
      if let scalar = Unicode.Scalar(code) { text.unicodeScalars.append(scalar) }
    }
  }
}

/// One place of the screen.
///
/// It is 16 bytes without a gap, so that rows are compared as memory.
package struct Cell: Equatable, Sendable {
  package var content: CellText
  package var style: Style

  package init(_ content: CellText, style: Style) {
    self.content = content
    self.style = style
  }

  package init(text: String, style: Style) { self.init(CellText(text), style: style) }

  /// What stands there, one character with its marks; empty for the right half of a wide one.
  package var text: String { content.text }

  static let blank = Cell(.blank, style: .plain)
}
