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
  package var exitCode: Int32 = 65

  package init(
    file: String, line: Int? = nil, place: String = "", expected: String, found: String? = nil,
    exitCode: Int32 = 65
  ) {
    self.file = file
    self.line = line
    self.place = place
    self.expected = expected
    self.found = found
    self.exitCode = exitCode
  }

  /// A text from the file as an error shows it: in quotes, escaped, at most 40 characters.
  static func quote(_ text: UnsafeBufferPointer<UInt8>) -> String {
    let text = text.prefix(200).string
    var json = JSONBytes()
    json.text(String(text.unicodeScalars.prefix(40)))
    return json.string + (text.unicodeScalars.count > 40 ? "…" : "")
  }

  static func quote(_ text: String) -> String {
    var text = text
    return text.withUTF8 { quote($0) }
  }
}

extension Slice<UnsafeBufferPointer<UInt8>> {
  fileprivate var string: String { String(decoding: self, as: UTF8.self) }
}

extension ImportProblem: CustomStringConvertible {
  /// `people.csv:12: Content: expected UTF-8, found …`.
  package var description: String {
    var parts = [line.map { "\(file):\($0)" } ?? file]
    if !place.isEmpty { parts.append(place) }
    if exitCode == 65 {
      parts.append("expected \(expected)" + (found.map { ", found \($0)" } ?? ""))
    } else {
      parts.append(expected)
    }
    return parts.joined(separator: ": ")
  }
}
