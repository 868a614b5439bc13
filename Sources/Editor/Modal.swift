import Canvas

/// Something that lies over the screen and takes the keys: a prompt, a list to choose from, a question.
///
/// A type that conforms is all that a new one needs; `context.present(_:)` shows it.
package protocol Modal: Sendable {
  /// Takes a key, and says whether it stays on the screen.
  mutating func press(_ key: Key, _ editor: inout Editor) -> ModalStay
  /// Takes text that was pasted; false if it has no place for it.
  mutating func paste(_ text: String, _ editor: inout Editor) -> Bool
  /// Draws over the screen, and puts the terminal's cursor where the work is.
  func draw(on canvas: inout Canvas, _ context: Context)
}

/// What becomes of a modal after a key.
package enum ModalStay: Sendable { case stays, closes }

extension Modal {
  package mutating func paste(_ text: String, _ editor: inout Editor) -> Bool { false }
}
