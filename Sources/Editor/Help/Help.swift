import Canvas

/// What can be done on a screen, what the `:` line understands, and what the signs mean: a page each.
package struct Help: Modal {
  enum Page: Equatable, Sendable {
    case keys(Pane)
    case commands, signs
  }

  private let pages: [Page]
  private let pane: Pane
  private var place: Int
  private var box: ReadingBox

  /// The keys of a pane first.
  init(_ pane: Pane, _ context: Context) { self.init(.keys(pane), of: pane, context) }

  /// A page of those of a pane first.
  init(_ page: Page, of pane: Pane, _ context: Context) {
    self.pane = pane
    pages = (pane == .phones ? [.keys(.phones)] : [.keys(.grid), .keys(.forecast)]) + [.commands, .signs]
    place = pages.firstIndex(of: page) ?? 0
    box = Self.box(pages[place], of: pane, context)
  }

  package mutating func press(_ key: Key, _ editor: inout Editor) -> ModalStay {
    if box.press(key, editor.size) { return .stays }
    switch key {
    case .tab, .right, .character("l"): turn(1, editor.context)
    case .backtab, .left, .character("h"): turn(-1, editor.context)
    default: return .closes
    }
    return .stays
  }

  private mutating func turn(_ step: Int, _ context: Context) {
    place = (place + step + pages.count) % pages.count
    box = Self.box(pages[place], of: pane, context)
  }

  package func draw(on canvas: inout Canvas, _ context: Context) {
    let next = pages[(place + 1) % pages.count]
    box.draw(footer: [Hint("Tab", next.title.lowercasedFirst), Hint("Esc", "close")], on: &canvas, context)
  }

  // MARK: Pages

  private static func box(_ page: Page, of pane: Pane, _ context: Context) -> ReadingBox {
    let rows =
      switch page {
      case .keys(let pane): Keymap.groups.compactMap { $0.words(in: pane) }.map { ($0.keys, $0.help) }
      case .commands: CommandLine.help(in: pane == .phones ? .list : .week)
      case .signs: signs(context.glyphs)
      }
    let width = rows.map { columns(of: $0.0) }.max() ?? 0
    return ReadingBox(
      title: page.title,
      lines: rows.map { keys, words in
        let blanks = String(repeating: " ", count: width + 1 - columns(of: keys))
        return ReadingBox.Line(key: keys + blanks, text: words, indent: 0)
      })
  }

  private static func signs(_ glyphs: Glyphs) -> [(String, String)] {
    let heat = "\(glyphs.heat.first ?? "") \(glyphs.heat.last ?? "")"
    return [
      (glyphs.open, "allowed"), (glyphs.denied, "denied"),
      (
        "\(glyphs.partialStart) \(glyphs.partialEnd) \(glyphs.partialInside)", "allowed in a part of the slot"
      ),
      ("\(glyphs.openSelected) \(glyphs.deniedSelected)", "allowed, denied in the selection"),
      ("\(glyphs.openCursor) \(glyphs.deniedCursor)", "allowed, denied under the cursor"),
      (glyphs.vertical, "now, in the day or above it; beside a day: today"),
      (glyphs.exception, "a date with hours of its own"),
      (glyphs.skipped, "skipped by the clock on that date"),
      ("\(glyphs.openRepeated) \(glyphs.deniedRepeated)", "occurs twice on that date: allowed, denied"),
      (glyphs.unlimited, "no hours: sends at any time"), (glyphs.ignored, "painted, and ignored"),
      (heat, "load: few, and the most in one slot"), (glyphs.idle, "load: allowed, nothing goes out"),
      ("+ -", "change: newly allowed, newly denied"),
      ("\(glyphs.marked) \(glyphs.unmarked)", "open, closed now"),
      (glyphs.hold, "held"), (glyphs.warning, "a warning"), (glyphs.unsaved, "not saved yet"),
      (glyphs.pointer, "the selected row of a list"), (glyphs.check, "marked, or chosen"),
      (WeekScreen.ditto, "forecast: changed as the row above"),
    ]
  }
}

extension Help.Page {
  var title: String {
    switch self {
    case .keys(.phones): "Keys of the phone list"
    case .keys(.grid): "Keys of the grid"
    case .keys(.forecast): "Keys of the forecast"
    case .commands: "The : line"
    case .signs: "Signs"
    }
  }
}

extension String {
  fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
