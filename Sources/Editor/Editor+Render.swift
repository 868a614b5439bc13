import Canvas
import Scheduling

/// Drawing: a state in, a screen out.
extension Editor {
  /// The screen of this state. (Mutating only because clocks of time zones are made once and kept.)
  package mutating func render() -> Canvas {
    var canvas = Canvas(size: size)
    if isTooSmall {
      drawTooSmall(on: &canvas)
      return canvas
    }
    if week != nil { drawWeek(on: &canvas) } else { drawPhones(on: &canvas) }
    if let modal { draw(modal, on: &canvas) }
    return canvas
  }

  private func drawTooSmall(on canvas: inout Canvas) {
    let lines = [
      "too small: \(size.width)x\(size.height)",
      "needs \(Self.smallest.width)x\(Self.smallest.height)", "nothing is lost",
    ]
    let top = max(0, (size.height - lines.count) / 2)
    for (index, line) in lines.enumerated() {
      let column = max(0, (size.width - columns(of: line)) / 2)
      canvas.write(line, row: top + index, column: column, style: Style(index == 0 ? .strong : .dim))
    }
  }

  // MARK: Bars

  /// The top line: what this is on the left, a short state on the right.
  func drawTitle(_ left: String, right: String, rightStyle: Role? = nil, on canvas: inout Canvas) {
    canvas.fill(Rect(row: 0, column: 0, height: 1, width: size.width), style: Style(.title))
    let rightWidth = columns(of: right)
    canvas.write(left, row: 0, column: 1, width: size.width - rightWidth - 4, style: Style(.title))
    let style = rightStyle.map { Style($0, on: .title) } ?? Style(.title)
    canvas.write(right, row: 0, column: size.width - rightWidth - 1, style: style)
  }

  /// The line above the hints: a notice, or where the cursor is; on the right what time it is there.
  mutating func drawStatus(_ text: String, clock: ZoneTimeline, row: Int, on canvas: inout Canvas) {
    let offset = clock.offset(at: now)
    let time = CivilTime(local: now + offset)
    let readOnly = settings.isReadOnly ? "read only  " : ""
    let right = "\(Words.date(time)) \(Words.clock(time)) \(Timestamp.offset(offset))"
    let width = columns(of: readOnly + right)
    canvas.write(readOnly, row: row, column: size.width - width - 1, style: Style(.warning))
    canvas.write(right, row: row, column: size.width - columns(of: right) - 1, style: Style(.dim))
    let room = size.width - width - 4
    if let notice {
      let style: Style =
        switch notice.kind {
        case .info: Style(.strong)
        case .good: Style(.good)
        case .warning: Style(.warning)
        case .error: Style(.error)
        }
      // A notice may need the whole line; the time comes back with the next key.
      let isLong = columns(of: notice.text) > room
      if isLong { canvas.fill(Rect(row: row, column: 0, height: 1, width: size.width), style: .plain) }
      let text = clipped(notice.text, columns: isLong ? size.width - 2 : room, ellipsis: glyphs.ellipsis)
      canvas.write(text, row: row, column: 1, style: style)
    } else {
      canvas.write(clipped(text, columns: room, ellipsis: glyphs.ellipsis), row: row, column: 1)
    }
  }

  /// The bottom line: the keys that matter here, as many as fit; the last two always.
  func drawHints(_ hints: [(keys: String, words: String)], row: Int, on canvas: inout Canvas) {
    let width = { (hint: (keys: String, words: String)) in
      columns(of: hint.keys) + columns(of: hint.words) + 3
    }
    let always = hints.suffix(2)
    var room = size.width - 1 - always.reduce(0) { $0 + width($1) }
    var shown: [(keys: String, words: String)] = []
    for hint in hints.dropLast(2) {
      guard width(hint) <= room else { break }
      room -= width(hint)
      shown.append(hint)
    }
    var column = 1
    for hint in shown + always {
      column += canvas.write(hint.keys, row: row, column: column, style: Style(.key)) + 1
      column += canvas.write(hint.words, row: row, column: column, style: Style(.hint)) + 2
    }
  }

  /// A rule across the screen with words in it.
  func drawRule(row: Int, words: [(text: String, style: Style)], on canvas: inout Canvas) {
    let line = String(repeating: glyphs.horizontal, count: size.width)
    canvas.write(line, row: row, column: 0, style: Style(.rule))
    var column = 2
    guard !words.isEmpty else { return }
    canvas.write(" ", row: row, column: column)
    column += 1
    for (text, style) in words {
      let shown = clipped(text, columns: max(0, size.width - column - 2), ellipsis: glyphs.ellipsis)
      column += canvas.write(shown, row: row, column: column, style: style)
    }
    canvas.write(" ", row: row, column: column)
  }
}
