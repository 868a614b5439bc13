import Canvas
import Scheduling

/// Widths of the screen from which more is shown.
enum Breakpoint {
  /// Below this there is no room for day totals, labels and long sentences.
  static let narrow = 72
  /// From this on tables have their wide columns.
  static let wide = 110
}

/// The lines that every screen has.
extension Canvas {
  /// The top line: what this is on the left, a short state on the right.
  mutating func drawTitle(_ left: String, right: [StyledText], _ glyphs: Glyphs) {
    fill(Rect(row: 0, column: 0, height: 1, width: size.width), style: Style(.title))
    let rightWidth = right.reduce(0) { $0 + columns(of: $1.text) }
    write(
      clipped(left, columns: size.width - rightWidth - 4, ellipsis: glyphs.ellipsis), row: 0, column: 1,
      style: Style(.title))
    var column = size.width - rightWidth - 1
    for (text, style) in right { column += write(text, row: 0, column: column, style: style) }
  }

  /// The line above the hints: a notice, or where the cursor is, as long as there is room for it; on the right what time
  /// it is there, which gives way first.
  mutating func drawStatus(_ text: TextForms, clock: ZoneTimeline, row: Int, _ context: Context) {
    let readOnly: [StyledText] = context.settings.isReadOnly ? [("read only  ", Style(.warning))] : []
    // In a narrow window the grid says what day it is.
    let isNarrow = size.width < Breakpoint.narrow
    let time = isNarrow ? context.clockInWords(on: clock) : context.timeInWords(on: clock)
    let right = readOnly + [(time, Style(.dim))]
    if context.notice != nil || columns(of: text.long) <= room(beside: right) {
      return drawLine(text.long, right: right, row: row, context)
    }
    let shorter = context.shorterTimesInWords(on: clock).dropFirst(isNarrow ? 1 : 0)
    let fitting = fitted(
      [text.long] + text.shorter(), beside: [right] + shorter.map { readOnly + [($0, Style(.dim))] })
    drawLine(fitting.text, right: fitting.other, row: row, context)
  }

  /// A line with something on the right; a notice takes its place, and the lines that it needs upwards. What they
  /// cover comes back with the next key.
  mutating func drawLine(_ text: String, right: [StyledText], row: Int, _ context: Context) {
    guard let notice = context.notice else { return drawPlain(text, right: right, row: row, context) }
    drawPlain("", right: right, row: row, context)
    let room = room(beside: right)
    let isLong = columns(of: notice.text) > room
    let lines = isLong ? wrapped(notice.text, columns: size.width - 2) : [notice.text]
    let top = max(0, row - lines.count + 1)
    if isLong { fill(Rect(row: top, column: 0, height: lines.count, width: size.width), style: .plain) }
    for (index, line) in lines.enumerated() {
      write(
        line, row: top + index, column: 1, width: isLong ? size.width - 2 : room, style: notice.kind.style)
    }
  }

  /// A line with something on the right, which gives way where there is not room for both.
  mutating func drawPlain(_ text: String, right: [StyledText], row: Int, _ context: Context) {
    var column = size.width - right.reduce(0) { $0 + columns(of: $1.text) } - 1
    for (text, style) in right { column += write(text, row: row, column: column, style: style) }
    write(clipped(text, columns: room(beside: right), ellipsis: context.glyphs.ellipsis), row: row, column: 1)
  }

  /// The first of some forms of a text, the longest first, that has room beside one of some forms of something else; where
  /// none has, the shortest of both, of which the text is to be clipped.
  func fitted(_ forms: [String], beside others: [[StyledText]]) -> (text: String, other: [StyledText]) {
    for text in forms {
      for other in others where columns(of: text) <= room(beside: other) { return (text, other) }
    }
    return (forms.last ?? "", others.last ?? [])
  }

  /// How many columns a line has beside what stands on its right.
  func room(beside right: [StyledText]) -> Int {
    let width = right.reduce(0) { $0 + columns(of: $1.text) }
    return size.width - width - (width > 0 ? 4 : 2)
  }

  /// The bottom line: the keys that matter here, as many as fit; the last two always.
  mutating func drawHints(_ hints: [Hint], row: Int) {
    let width = { (hint: Hint) in columns(of: hint.keys) + columns(of: hint.words) + 3 }
    let always = hints.suffix(2)
    var room = size.width - 1 - always.reduce(0) { $0 + width($1) }
    var shown: [Hint] = []
    for hint in hints.dropLast(2) {
      guard width(hint) <= room else { break }
      room -= width(hint)
      shown.append(hint)
    }
    var column = 1
    for hint in shown + always {
      if !hint.keys.isEmpty { column += write(hint.keys, row: row, column: column, style: Style(.key)) + 1 }
      column += write(hint.words, row: row, column: column, style: Style(.hint)) + 2
    }
  }

  /// A rule with words in it; across the screen, or before the words alone, where they change often: behind them it
  /// would change with them.
  mutating func drawRule(row: Int, words: [StyledText], isAcross: Bool = false, _ glyphs: Glyphs) {
    let width = isAcross || words.isEmpty ? size.width : 2
    fill(Rect(row: row, column: 0, height: 1, width: width), text: glyphs.horizontal, style: Style(.rule))
    guard !words.isEmpty else { return }
    write(" ", row: row, column: 2)
    var column = 3
    for (text, style) in words {
      let shown = clipped(text, columns: max(0, size.width - column - 2), ellipsis: glyphs.ellipsis)
      column += write(shown, row: row, column: column, style: style)
    }
    write(" ", row: row, column: column)
  }

  /// How many columns the words in a rule have.
  static func roomInRule(of width: Int) -> Int { width - 5 }

  /// Takes away the signs at the left edge that point at selected rows.
  mutating func erasePointers(_ glyphs: Glyphs) {
    let (pointer, blank) = (CellText(glyphs.pointer), CellText(" "))
    for row in rows.indices where rows[row].first?.content == pointer { rows[row][0].content = blank }
  }

  /// Marks the selected row of a list that takes the whole width, and puts the terminal's cursor there.
  mutating func markRow(_ row: Int) {
    fill(Rect(row: row, column: 0, height: 1, width: size.width), style: Style(.selected))
    cursor = Point(row: row, column: 0)
  }
}

/// A text, and shorter forms of it, which are made where there is no room for it.
struct TextForms {
  var long: String
  /// The longest first.
  var shorter: () -> [String] = { [] }
}

extension Context {
  /// What time it is on a clock: `Thu 26 Mar 09:20 +01:00`.
  func timeInWords(on clock: ZoneTimeline) -> String {
    "\(Words.date(CivilTime(local: now + clock.offset(at: now)))) \(clockInWords(on: clock))"
  }

  /// The same without the date: `09:20 +01:00`.
  fileprivate func clockInWords(on clock: ZoneTimeline) -> String {
    let offset = clock.offset(at: now)
    return "\(Words.clock(CivilTime(local: now + offset))) \(Timestamp.offset(offset))"
  }

  /// The same, and without the offset.
  fileprivate func shorterTimesInWords(on clock: ZoneTimeline) -> [String] {
    [clockInWords(on: clock), Words.clock(CivilTime(local: now + clock.offset(at: now)))]
  }
}

/// The end of a text in some columns, as of a path.
func clippedStart(_ text: String, columns limit: Int, ellipsis: String) -> String {
  var end = Array(harmless(text))
  guard columns(of: String(end)) > limit else { return String(end) }
  while !end.isEmpty, columns(of: String(end)) > max(0, limit - columns(of: ellipsis)) { end.removeFirst() }
  return ellipsis + String(end)
}

/// A zone where there is little room: the city is what one knows it by.
func cityAlone(_ zone: String, ellipsis: String) -> String {
  zone.lastIndex(of: "/").map { ellipsis + zone[$0...] } ?? zone
}

/// A piece of a line, and how it looks.
typealias StyledText = (text: String, style: Style)

extension Notice.Kind {
  fileprivate var style: Style {
    switch self {
    case .info: Style(.strong)
    case .good: Style(.good)
    case .warning: Style(.warning)
    case .error: Style(.error)
    }
  }
}
