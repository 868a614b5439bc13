/// What names, labels, notes and identifiers may be, whichever way they come in.
package enum NameRule {
  /// The most Unicode scalars.
  package static let longest = 255

  /// What was expected of a name, in words.
  package static let expected = "a text of 1 to 255 characters, not all spaces, without control characters"
  /// What was expected of a label, note or reason, which may be empty, in words.
  package static let expectedLabel = "a text of at most 255 characters without control characters"

  /// Whether a text can name a record: it can be seen in a list and be typed again.
  package static func acceptsName(_ text: String) -> Bool {
    acceptsLabel(text) && text.unicodeScalars.contains { !$0.properties.isWhitespace }
  }

  /// The same for a text that may be empty.
  package static func acceptsLabel(_ text: String) -> Bool {
    var count = 0
    for scalar in text.unicodeScalars {
      count += 1
      if count > longest || isControl(scalar) { return false }
    }
    return true
  }

  /// C0, DEL and C1; with the line and paragraph separators, which end a line as they do.
  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0...0x1F, 0x7F...0x9F, 0x2028, 0x2029: true
    default: false
    }
  }
}
