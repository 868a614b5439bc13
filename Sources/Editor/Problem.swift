import Scheduling

/// Why something typed cannot be taken.
package struct Problem: Error, Equatable {
  package var text: String
  /// The place in what was typed; nil if it is about none.
  private var notation: NotationError?

  init(_ text: String) { self.text = text }

  init(_ notation: NotationError) { (text, self.notation) = (notation.description, notation) }

  /// The same where so many characters stand before what was read.
  func shifted(by offset: Int) -> Problem { notation.map { Problem($0.shifted(by: offset)) } ?? self }
}

extension String {
  /// Without blanks at either end.
  var trimmingBlanks: String {
    String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
  }
}
