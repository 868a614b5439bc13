/// One content line of an iCalendar file (RFC 5545), unfolded: `DTSTART;VALUE=DATE:20261224`.
struct CalendarLine {
  /// In capitals.
  var name: String
  /// Names in capitals, values without their quotes.
  var parameters: [String: String]
  var value: String
  /// Where it begins in the file, from 1.
  var number: Int
}

/// Reads the content lines of an iCalendar file as they come.
struct CalendarLines: ~Copyable {
  private var window: ByteWindow
  /// Whether it is known to be a calendar: of any other file an error says nothing, since whoever sees it may have no
  /// other way to read it.
  var isCalendar = false

  static let expectedFile = "an iCalendar file, which begins with BEGIN:VCALENDAR"

  init(_ input: ImportInput) throws { window = try ByteWindow(input) }

  /// What errors call the file.
  var file: String { window.name }

  /// The next line that is not empty; nil at the end.
  mutating func next() throws -> CalendarLine? {
    while try window.byte() != nil {
      let number = window.line
      var bytes = try physicalLine()
      // Folded between two bytes of one character too, as some programs do it.
      while let byte = try window.byte(), byte == 0x20 || byte == 0x09 {
        window.advance()
        bytes += try physicalLine()
        guard bytes.count <= ByteWindow.limit else { throw window.problem("a shorter line") }
      }
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw ImportProblem(file: file, line: number, expected: "UTF-8")
      }
      if text.allSatisfy(\.isWhitespace) { continue }
      guard let line = Self.parse(text, number) else {
        throw ImportProblem(
          file: file, line: number,
          expected: isCalendar ? "a line such as SUMMARY:Christmas" : Self.expectedFile,
          found: isCalendar ? ImportProblem.quote(text) : nil)
      }
      return line
    }
    return nil
  }

  private mutating func physicalLine() throws -> [UInt8] {
    var count = 0
    while let byte = try window.byte(count), byte != 0x0A, byte != 0x0D { count += 1 }
    let bytes = Array(window.bytes(0..<count))
    window.advance(count)
    if let end = try window.byte() {
      let isPair = try window.byte(1) == 0x0A
      window.advance(end == 0x0D && isPair ? 2 : 1)
      window.line += 1
    }
    return bytes
  }

  /// Splits a line at the colon and the semicolons that stand outside quotes.
  private static func parse(_ text: String, _ number: Int) -> CalendarLine? {
    var parts: [String] = [""]
    var isQuoted = false
    for (offset, character) in zip(text.indices, text) {
      switch character {
      case "\"": isQuoted.toggle()
      case ";" where !isQuoted: parts.append("")
      case ":" where !isQuoted:
        var parameters: [String: String] = [:]
        for part in parts.dropFirst() {
          let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
          parameters[pair[0].uppercased()] = pair.count == 2 ? String(pair[1]) : ""
        }
        guard !parts[0].isEmpty else { return nil }
        return CalendarLine(
          name: parts[0].uppercased(), parameters: parameters,
          value: String(text[text.index(after: offset)...]),
          number: number)
      default: parts[parts.count - 1].append(character)
      }
    }
    return nil
  }
}

extension CalendarLine {
  /// The value as a text for people: escapes taken out, everything on one line, not too long for a note.
  var note: String {
    var text = ""
    var isEscaped = false
    for scalar in value.unicodeScalars {
      if isEscaped {
        text.unicodeScalars.append(scalar == "n" || scalar == "N" ? " " : scalar)
        isEscaped = false
      } else if scalar == "\\" {
        isEscaped = true
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}
