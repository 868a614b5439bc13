/// Reads what people type: words, numbers and signs, one after the other.
///
/// What it reads stands in extensions: weeks, times of a day, dates, exceptions, moments.
struct NotationParser {
  struct Token {
    /// In lower case.
    var text: String
    /// The characters before it and up to its end.
    var position: Int
    var end: Int

    var isWord: Bool { text.first?.isLetter ?? false }
    var isNumber: Bool { text.first?.isNumber ?? false }

    /// A word goes on with letters; a time with digits, its separators and `am`, `pm` or `h`. A colon ends what no
    /// digit follows.
    func isContinued(by character: Character, before next: Character?) -> Bool {
      if isWord { return character.isLetter }
      guard isNumber else { return false }
      if character == ":" { return next?.isNumber ?? false }
      return character.isLetter || character.isNumber || character == "."
    }
  }

  let source: [Character]
  var tokens: [Token]
  var index = 0
  /// Whether names of days alone are refused, instead of meaning whole days; `daily`, `weekdays` and `weekend` say enough.
  var needsTimes = false

  var length: Int { source.count }

  init(_ text: String) {
    source = Array(text)
    var tokens: [Token] = []
    for (position, character) in source.enumerated() {
      let text = "–—−".contains(character) ? "-" : character.isNewline ? ";" : character.lowercased()
      let next = position + 1 < source.count ? source[position + 1] : nil
      if let last = tokens.last, last.end == position, last.isContinued(by: character, before: next) {
        tokens[tokens.count - 1].text.append(text)
        tokens[tokens.count - 1].end += 1
      } else if text == ";" || !character.isWhitespace {
        tokens.append(Token(text: text, position: position, end: position + 1))
      }
    }
    self.tokens = tokens
  }

  var current: Token? { peek(0) }

  func peek(_ ahead: Int) -> Token? {
    index + ahead < tokens.count ? tokens[index + ahead] : nil
  }

  mutating func accept(_ text: String) -> Bool {
    guard current?.text == text else { return false }
    index += 1
    return true
  }

  /// Takes the first of some words that stands here.
  mutating func accept(anyOf texts: [String]) -> String? { texts.first { accept($0) } }

  func error(_ expected: String, at place: Int? = nil) -> NotationError {
    let place = place ?? index
    guard place < tokens.count else {
      return NotationError(position: length, found: "", expected: expected + dotsHint(before: length))
    }
    return NotationError(
      position: tokens[place].position, found: tokens[place].text,
      expected: expected + dotsHint(before: tokens[place].end + 1))
  }

  /// Says how a range is written to whoever wrote it with dots.
  private func dotsHint(before end: Int) -> String {
    let typed = source.prefix(end)
    let hasDots = typed.contains("…") || zip(typed, typed.dropFirst()).contains { $0 == "." && $1 == "." }
    return hasDots ? "; a range is written with -, not with dots" : ""
  }
}
