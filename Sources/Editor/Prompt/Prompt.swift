import Canvas

/// A line of text to be typed on the status line, so that what it is about stays in sight.
package struct Prompt: Modal {
  private let label: String
  private let hints: [Hint]
  private var line: TextLine
  private(set) var problem: String?
  /// Takes the text; a problem keeps the prompt open and is shown below it.
  private let submit: @Sendable (String, inout Editor) throws(Problem) -> Void
  /// What else its keys do.
  var follows = Follows()

  /// What a prompt does besides taking a text.
  struct Follows: Sendable {
    /// After each change of the text.
    var change: (@Sendable (String, inout Editor) -> Void)?
    /// Esc.
    var cancel: (@Sendable (inout Editor) -> Void)?
    /// Up, down and pages, in the list behind.
    var move: (@Sendable (Key, inout Editor) -> Void)?
    /// Backspace in an empty line closes it.
    var closesWhenEmptied = false
  }

  init(
    _ label: String, text: String = "", hints: [Hint] = [],
    submit: @escaping @Sendable (String, inout Editor) throws(Problem) -> Void
  ) {
    self.label = label
    self.hints = hints
    line = TextLine(text)
    self.submit = submit
  }

  /// For a text that concerns the phone that is open.
  static func inWeek(
    _ label: String, text: String = "", hints: [Hint] = [],
    submit: @escaping @Sendable (String, inout WeekScreen, inout Context) throws(Problem) -> Void
  ) -> Prompt {
    Prompt(label, text: text, hints: hints) { text, editor throws(Problem) in
      guard var week = editor.week else { return }
      try submit(text, &week, &editor.context)
      editor.week = week
    }
  }

  package mutating func press(_ key: Key, _ editor: inout Editor) -> ModalStay {
    switch key {
    case .escape, .control("c"), .control("g"):
      follows.cancel?(&editor)
      return .closes
    case .enter:
      do throws(Problem) {
        try submit(line.string, &editor)
        return .closes
      } catch {
        problem = error.text
        return .stays
      }
    case .up, .down, .pageUp, .pageDown:
      follows.move?(key, &editor)
      return .stays
    case .backspace where line.text.isEmpty && follows.closesWhenEmptied: return .closes
    default:
      if line.edit(key) { textChanged(&editor) }
      return .stays
    }
  }

  package mutating func paste(_ text: String, _ editor: inout Editor) -> Bool {
    line.insert(Array(text))
    textChanged(&editor)
    return true
  }

  private mutating func textChanged(_ editor: inout Editor) {
    problem = nil
    follows.change?(line.string, &editor)
  }

  package func draw(on canvas: inout Canvas, _ context: Context) {
    let row = context.size.height - 2
    canvas.fill(Rect(row: row, column: 0, height: 2, width: context.size.width), style: .plain)
    let used = canvas.write(label, row: row, column: 1, width: context.size.width / 2, style: Style(.key))
    let column = line.draw(
      row: row, column: 1 + used, width: context.size.width - used - 3, on: &canvas)
    canvas.cursor = Point(row: row, column: column)
    if let problem {
      let text = clipped(problem, columns: context.size.width - 2, ellipsis: context.glyphs.ellipsis)
      canvas.write(text, row: row + 1, column: 1, style: Style(.error))
    } else {
      canvas.drawHints(hints + [Hint("Enter", "take"), Hint("Esc", "cancel")], row: row + 1)
    }
  }
}
