/// What is wrong with an imported file: where, what was expected there, and what was found.
package struct ImportProblem: Error, Equatable, Sendable {
  /// As it was named on the command line.
  package var file: String
  /// From 1; nil if the whole file is meant.
  package var line: Int?
  /// The record and field, such as `messages[3].contact`; empty if none is known.
  package var place: String
  package var expected: String
  /// Harmless on a terminal: texts from the file are escaped as in JSON, and cut.
  package var found: String?
  /// The sysexits code: 65 for bad data, 66 for a file that cannot be read, 74 for one that fails meanwhile.
  package var exitCode: Int32
  /// Whether `expected` is a sentence of its own.
  private var isPlain: Bool

  package init(
    file: String, line: Int? = nil, place: String = "", expected: String, found: String? = nil,
    exitCode: Int32 = 65, isPlain: Bool = false
  ) {
    self.file = file
    self.line = line
    self.place = place
    self.expected = expected
    self.found = found
    self.exitCode = exitCode
    self.isPlain = isPlain
  }

  /// A text from the file as an error shows it: in quotes, escaped, at most `longest` characters.
  package static func quote(_ text: some StringProtocol, longest: Int = 40) -> String {
    let scalars = text.unicodeScalars
    var json = JSONBytes()
    json.text(String(String.UnicodeScalarView(scalars.prefix(longest))))
    return json.string + (scalars.dropFirst(longest).isEmpty ? "" : "…")
  }
}

extension ImportProblem: CustomStringConvertible {
  /// `people.csv:12: Content: expected UTF-8, found …`.
  package var description: String {
    var parts = [line.map { "\(file):\($0)" } ?? file]
    if !place.isEmpty { parts.append(place) }
    if isPlain || exitCode != 65 {
      parts.append(expected)
    } else {
      parts.append("expected \(expected)" + (found.map { ", found \($0)" } ?? ""))
    }
    return parts.joined(separator: ": ")
  }
}
