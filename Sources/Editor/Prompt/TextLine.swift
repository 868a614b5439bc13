import Canvas

/// A line of text being typed, and where in it the cursor stands.
struct TextLine: Equatable, Sendable {
  private(set) var text: [Character]
  private(set) var cursor: Int
  /// The text is a proposal: the first character typed replaces it, any other key edits it.
  private(set) var isOffered: Bool

  private static let longest = 2_000

  init(_ text: String = "", isOffered: Bool = false) {
    self.text = Array(text)
    cursor = self.text.count
    self.isOffered = isOffered && !text.isEmpty
  }

  var string: String { String(text) }

  /// Takes a key; false if it is none of a text line's.
  mutating func edit(_ key: Key) -> Bool {
    if case .character = key {} else { isOffered = false }
    switch key {
    case .character(let character): insert([character])
    case .left, .control("b"): cursor = max(0, cursor - 1)
    case .right, .control("f"): cursor = min(text.count, cursor + 1)
    case .home, .control("a"): cursor = 0
    case .end, .control("e"): cursor = text.count
    case .backspace, .control("h"): remove(at: cursor - 1)
    case .delete, .control("d"): remove(at: cursor)
    case .control("u"): removeToCursor(from: 0)
    case .control("k"): text.removeSubrange(cursor...)
    case .control("w"):
      removeToCursor(from: text[..<cursor].dropLast { $0 == " " }.dropLast { $0 != " " }.endIndex)
    default: return false
    }
    return true
  }

  mutating func insert(_ characters: [Character]) {
    if isOffered { removeToCursor(from: 0) }
    isOffered = false
    let characters = characters.prefix(max(0, Self.longest - text.count))
    text.insert(contentsOf: characters, at: cursor)
    cursor += characters.count
  }

  private mutating func remove(at index: Int) {
    guard text.indices.contains(index) else { return }
    text.remove(at: index)
    cursor = index
  }

  private mutating func removeToCursor(from start: Int) {
    text.removeSubrange(start..<cursor)
    cursor = start
  }

  /// Draws the part around the cursor in some columns; returns the cursor's column.
  func draw(row: Int, column: Int, width: Int, ellipsis: String, on canvas: inout Canvas) -> Int {
    // The text scrolls so that the cursor is in sight; a sign says that there is more at an end.
    var start = 0
    let beforeCursor = { (start: Int) in columns(of: harmless(String(text[start..<cursor]))) }
    let sign = { (start: Int) in start > 0 ? columns(of: ellipsis) : 0 }
    while sign(start) + beforeCursor(start) >= width, start < cursor { start += 1 }
    let style = isOffered ? Style(.selected) : .plain
    let used = start > 0 ? canvas.write(ellipsis, row: row, column: column, style: Style(.hint)) : 0
    let rest = harmless(String(text[start...]))
    let shown = cursor == text.count ? rest : clipped(rest, columns: width - used, ellipsis: ellipsis)
    canvas.write(shown, row: row, column: column + used, width: width - used, style: style)
    return column + used + beforeCursor(start)
  }
}

extension ArraySlice<Character> {
  fileprivate func dropLast(while matches: (Character) -> Bool) -> ArraySlice<Character> {
    var slice = self
    while let last = slice.last, matches(last) { slice.removeLast() }
    return slice
  }
}
