import Canvas

/// A line of text to be typed on the status line, so that what it is about stays in sight.
package struct Prompt: Modal {
  private let label: String
  private let hints: [Hint]
  private var line: TextLine
  private var completion = Completion()
  /// What was typed before, the newest last; the place in it, and what stood there when one went back.
  private let history: [String]
  private var place: Int
  private var unfinished = ""
  private(set) var problem: String?
  /// Takes the text; a problem keeps the prompt open and is shown below it.
  private let submit: @Sendable (String, inout Editor) throws(Problem) -> Void
  /// What else its keys do.
  var follows = Follows()

  /// What a prompt does besides taking a text.
  struct Follows: Sendable {
    /// After each change of the text.
    var change: (@Sendable (String, inout Editor) -> Void)?
    /// When the text is given up or taken, before it is.
    var end: (@Sendable (inout Editor) -> Void)?
    /// Whole lines that a text could become, for Tab.
    var complete: (@Sendable (String, Editor) -> [String])?
    /// Esc.
    var cancel: (@Sendable (inout Editor) -> Void)?
    /// Up, down and pages, in the list behind.
    var move: (@Sendable (Key, inout Editor) -> Void)?
    /// Backspace in an empty line closes it.
    var closesWhenEmptied = false

    /// Shows on the grid and in the forecast what a text would change, while it is typed.
    static func preview(
      _ change: @escaping @Sendable (String, Editor) throws(Problem) -> WeekChange?
    ) -> Follows {
      var follows = Follows()
      follows.change = { text, editor in
        let previewed = (try? change(text, editor)) ?? nil
        editor.week?.show(preview: previewed, editor.context)
      }
      follows.end = { editor in editor.week?.show(preview: nil, editor.context) }
      return follows
    }
  }

  init(
    _ label: String, text: String = "", hints: [Hint] = [], history: [String] = [],
    submit: @escaping @Sendable (String, inout Editor) throws(Problem) -> Void
  ) {
    self.label = label
    self.hints = hints
    self.history = history
    place = history.count
    line = TextLine(text, isOffered: true)
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
      follows.end?(&editor)
      follows.cancel?(&editor)
      return .closes
    case .enter: return take(&editor)
    case .tab, .backtab:
      complete(editor, forward: key == .tab)
      follows.change?(line.string, &editor)
      return .stays
    case .up where !history.isEmpty: return recall(-1, &editor)
    case .down where !history.isEmpty: return recall(1, &editor)
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

  private mutating func take(_ editor: inout Editor) -> ModalStay {
    do throws(Problem) {
      follows.end?(&editor)
      try submit(line.string, &editor)
      return .closes
    } catch {
      problem = error.text
      return .stays
    }
  }

  // MARK: History and completion

  private mutating func recall(_ step: Int, _ editor: inout Editor) -> ModalStay {
    guard (0...history.count).contains(place + step) else { return .stays }
    if place == history.count { unfinished = line.string }
    place += step
    line = TextLine(place == history.count ? unfinished : history[place])
    textChanged(&editor)
    return .stays
  }

  private mutating func complete(_ editor: Editor, forward: Bool) {
    guard let complete = follows.complete else { return }
    problem = nil
    if let text = completion.next(after: line.string, forward: forward, { complete($0, editor) }) {
      line = TextLine(text)
    }
  }

  private mutating func textChanged(_ editor: inout Editor) {
    problem = nil
    completion = Completion()
    follows.change?(line.string, &editor)
  }

  package func draw(on canvas: inout Canvas, _ context: Context) {
    let width = context.size.width
    // A problem takes the lines that it needs, below the text.
    let problems = problem.map { wrapped($0, columns: width - 2) } ?? []
    let lineRow = max(0, context.size.height - 1 - max(1, problems.count))
    canvas.fill(
      Rect(row: lineRow, column: 0, height: context.size.height - lineRow, width: width), style: .plain)
    let ellipsis = context.glyphs.ellipsis
    let used = canvas.write(
      clipped(label, columns: width * 2 / 3, ellipsis: ellipsis), row: lineRow, column: 1, style: Style(.key))
    let column = line.draw(
      row: lineRow, column: 1 + used, width: width - used - 3, ellipsis: ellipsis, on: &canvas)
    canvas.cursor = Point(row: lineRow, column: column)
    for (index, text) in problems.enumerated() {
      canvas.write(text, row: lineRow + 1 + index, column: 1, style: Style(.error))
    }
    if problems.isEmpty, completion.candidates.count > 1 {
      let words = completion.listed.map { harmless($0) }.joined(separator: "  ")
      canvas.write(
        clipped(words, columns: width - 2, ellipsis: context.glyphs.ellipsis), row: lineRow + 1, column: 1,
        style: Style(.hint))
    } else if problems.isEmpty {
      canvas.drawHints(hints + [Hint("Enter", "OK"), Hint("Esc", "cancel")], row: lineRow + 1)
    }
  }
}
