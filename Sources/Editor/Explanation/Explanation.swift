import Canvas

/// Lines to be read, which any key closes.
package struct Explanation: Modal {
  package let title: String
  package let lines: [String]

  package mutating func press(_ key: Key, _ editor: inout Editor) -> ModalStay { .closes }

  package func draw(on canvas: inout Canvas, _ context: Context) {
    canvas.drawBox(title: title, lines: lines, footer: [Hint("any key", "closes")], context.glyphs)
  }
}
