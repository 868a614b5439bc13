import Canvas

/// A question with a few answers, each on a key; Esc is always one and changes nothing.
package struct Question: Modal {
  package struct Option: Sendable {
    package let key: Character
    package let label: String
    fileprivate let choose: @Sendable (inout Editor) -> Void

    init(_ key: Character, _ label: String, _ choose: @escaping @Sendable (inout Editor) -> Void) {
      (self.key, self.label, self.choose) = (key, label, choose)
    }

    /// For an answer that concerns the phone that is open.
    static func inWeek(
      _ key: Character, _ label: String,
      _ choose: @escaping @Sendable (inout WeekScreen, inout Context) -> Void
    ) -> Option {
      Option(key, label) { editor in
        guard var week = editor.week else { return }
        choose(&week, &editor.context)
        editor.week = week
      }
    }
  }

  /// A question of which only the newest is asked.
  enum Topic: Sendable { case conflicts, displaced }

  private var box: ReadingBox
  package var title: String { box.title }
  package var lines: [String] { box.lines.map(\.text) }
  package let options: [Option]
  var topic: Topic?
  /// What Esc does besides closing the question.
  var cancel: (@Sendable (inout Editor) -> Void)?

  init(_ title: String, lines: [String], _ options: Option...) {
    self.init(title, lines: lines, options: options)
  }

  init(_ title: String, lines: [String], options: [Option]) {
    box = ReadingBox(title: title, lines: lines.map { ReadingBox.Line(text: $0) })
    self.options = options
  }

  init(_ title: String, _ lines: [ReadingBox.Line], _ options: Option...) {
    box = ReadingBox(title: title, lines: lines)
    self.options = options
  }

  package mutating func press(_ key: Key, _ editor: inout Editor) -> ModalStay {
    if key == .escape || key == .control("c") {
      cancel?(&editor)
      return .closes
    }
    if case .character(let character) = key, let option = options.first(where: { $0.key == character }) {
      option.choose(&editor)
      return .closes
    }
    _ = box.press(key, editor.size)
    return .stays
  }

  package func draw(on canvas: inout Canvas, _ context: Context) {
    // Where nothing can be chosen, nothing is canceled.
    let escape = Hint("Esc", options.isEmpty ? "close" : "cancel")
    box.draw(footer: options.map { Hint(String($0.key), $0.label) } + [escape], on: &canvas, context)
  }
}
