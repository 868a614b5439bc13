import Canvas

/// The key table, as far as it fits.
package struct Help: Modal {
  private var scroll = 0

  package mutating func press(_ key: Key, _ editor: inout Editor) -> ModalStay {
    let page = Help.rows(editor.size)
    let last = Help.lastScroll(editor.size)
    switch key {
    case .up, .character("k"): scroll -= 1
    case .down, .character("j"): scroll += 1
    case .pageUp: scroll -= page
    case .pageDown, .character(" "): scroll += page
    case .home: scroll = 0
    case .end: scroll = last
    default: return .closes
    }
    scroll = min(max(0, scroll), last)
    return .stays
  }

  /// Rows for lines of the table: the box leaves a margin around it, its frame and its footer.
  private static func rows(_ size: Size) -> Int { max(1, boxHeight(size) - Box.linesAround) }
  private static func boxHeight(_ size: Size) -> Int {
    min(Keymap.groups.count + Box.linesAround, size.height - 3)
  }
  private static func lastScroll(_ size: Size) -> Int { max(0, Keymap.groups.count - rows(size)) }

  package func draw(on canvas: inout Canvas, _ context: Context) {
    let widest = Keymap.groups.map { columns(of: $0.help) }.max() ?? 0
    let keys = Keymap.groups.map { columns(of: $0.keys) }.max() ?? 0
    let inside = canvas.openBox(
      title: "Keys", width: widest + keys + 8, height: Self.boxHeight(context.size), context.glyphs)
    let top = min(scroll, Self.lastScroll(context.size))
    for (line, group) in Keymap.groups.dropFirst(top).prefix(Self.rows(context.size)).enumerated() {
      canvas.write(group.keys, row: inside.row + line, column: inside.column, style: Style(.key))
      let column = inside.column + keys + 2
      let text = clipped(
        group.help, columns: inside.column + inside.width - column, ellipsis: context.glyphs.ellipsis)
      canvas.write(text, row: inside.row + line, column: column)
    }
    let more = top < Self.lastScroll(context.size) ? [Hint("\(context.glyphs.arrowDown) PgDn", "more")] : []
    canvas.drawFooter(more + [Hint("any other key", "closes")], in: inside)
  }
}
