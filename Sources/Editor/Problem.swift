/// Why something typed cannot be taken.
package struct Problem: Error, Equatable {
  package var text: String
  init(_ text: String) { self.text = text }
}

extension String {
  /// Without blanks at either end.
  var trimmingBlanks: String {
    String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
  }
}
