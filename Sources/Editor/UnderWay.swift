import Canvas

/// How far something is that lasts, and is done beside everything else.
protocol LongStep: Sendable {
  /// What is being done.
  var title: String { get }
  /// What a stop leaves, or that it comes too late; nil where there is nothing to say.
  var remark: String? { get }
  /// What stops it; nil where nothing does.
  var stop: Effect? { get }
  /// How far it is.
  func words(_ glyphs: Glyphs) -> String
}

/// Shows how far something is, as long as it lasts. Esc stops it; what cannot be stopped, it hides.
struct UnderWay: Modal {
  var step: any LongStep
  private var isStopping = false

  init(_ step: any LongStep) { self.step = step }

  mutating func press(_ key: Key, _ editor: inout Editor) -> ModalStay {
    guard key == .escape || key == .control("c") || key == .character("q") else { return .stays }
    guard let stop = step.stop else {
      editor.hidesUnderWay = true
      return .closes
    }
    isStopping = true
    editor.context.perform(stop)
    return .stays
  }

  func draw(on canvas: inout Canvas, _ context: Context) {
    let isStopping = isStopping && step.stop != nil
    let box = ReadingBox(
      title: step.title,
      lines: [
        ReadingBox.Line(
          text: isStopping ? "Stopping \(context.glyphs.ellipsis)" : step.words(context.glyphs))
      ] + (step.remark.map { [ReadingBox.Line(text: $0, role: .dim)] } ?? []))
    let key = Hint("Esc", step.stop == nil ? "hide" : "stop")
    box.draw(footer: isStopping ? [] : [key], on: &canvas, context)
  }
}

extension Editor {
  /// Shows how far something is, unless something else is on the screen.
  mutating func show(_ step: any LongStep) {
    if var underWay = modal as? UnderWay {
      underWay.step = step
      modal = underWay
    } else if modal == nil, !hidesUnderWay {
      context.notice = nil
      modal = UnderWay(step)
    }
  }

  /// Nothing lasts any more.
  mutating func endUnderWay() {
    hidesUnderWay = false
    if modal is UnderWay { modal = nil }
  }
}
