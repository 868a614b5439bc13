/// Reads ``WindowNotation``.
struct NotationParser {
  private struct Token {
    var text: String
    var position: Int

    var isWord: Bool { text.first?.isLetter ?? false }
    var isNumber: Bool { text.first?.isNumber ?? false }

    /// A word goes on with letters; a time with digits, its separators and `am`, `pm` or `h`.
    func isContinued(by character: Character) -> Bool {
      if isWord { return character.isLetter }
      return isNumber && (character.isLetter || character.isNumber || character == ":" || character == ".")
    }
  }

  /// One allowed range as it was written; `end` may lie beyond midnight.
  private struct Span {
    var start: Int
    var end: Int
    var token: Token
  }

  private let tokens: [Token]
  private let length: Int
  private var index = 0

  init(_ text: String) {
    var tokens: [Token] = []
    var position = 0
    for character in text.lowercased() {
      let character: Character = "–—−".contains(character) ? "-" : character == "\n" ? ";" : character
      if let last = tokens.last, last.position + last.text.count == position, last.isContinued(by: character)
      {
        tokens[tokens.count - 1].text.append(character)
      } else if !character.isWhitespace {
        tokens.append(Token(text: String(character), position: position))
      }
      position += 1
    }
    self.tokens = tokens
    length = position
  }

  mutating func week() throws(NotationError) -> [Window] {
    var windows: [Window] = []
    while true {
      while accept(";") {}
      if current == nil { break }
      let days = try days()
      let spans = try spans()
      for day in days {
        for span in spans { try add(span, day: day, to: &windows) }
      }
      if current != nil, !accept(";") { throw error("a time range, or “;” before the next days") }
    }
    if windows.isEmpty { throw error("days and times, such as mon-fri 09:00-17:00") }
    return windows.sorted()
  }

  mutating func times(ofDay day: Int) throws(NotationError) -> [Window] {
    if tokens.isEmpty { return [] }
    if tokens.count == 1, ["closed", "none", "-", "off"].contains(tokens[0].text) { return [] }
    var windows: [Window] = []
    for span in try spans() { try add(span, day: day, to: &windows) }
    if current != nil { throw error("a time range, such as 09:00-17:00") }
    return windows.sorted()
  }

  // MARK: Days

  private mutating func days() throws(NotationError) -> [Int] {
    var result: [Int] = []
    repeat {
      for day in try dayRange() {
        if result.contains(day) { throw error("each day once in a clause", at: index - 1) }
        result.append(day)
      }
      let isListed = current?.text == "," && (peek(1)?.isWord ?? false)
      if isListed { index += 1 }
    } while current?.isWord ?? false && !isAllDay
    _ = accept(":")
    return result
  }

  private mutating func dayRange() throws(NotationError) -> [Int] {
    guard let word = current?.text, current?.isWord ?? false else {
      throw error("a day, such as mon or weekdays")
    }
    switch word {
    case "daily", "everyday", "always":
      index += 1
      return WindowNotation.fromMonday
    case "every":
      index += 1
      if current?.text == "day" { index += 1 }
      return WindowNotation.fromMonday
    case "weekday", "weekdays":
      index += 1
      return [1, 2, 3, 4, 5]
    case "weekend", "weekends":
      index += 1
      return [6, 0]
    default:
      let first = try day()
      guard current?.text == "-", peek(1)?.isWord ?? false else { return [first] }
      index += 1
      let last = try day()
      return (0...(last - first + 7) % 7).map { (first + $0) % 7 }
    }
  }

  private mutating func day() throws(NotationError) -> Int {
    guard let word = current?.text, word.count >= 2,
      let day = WindowNotation.fullDayNames.firstIndex(where: { $0.hasPrefix(word) })
        ?? ["tues": 2, "weds": 3, "thurs": 4][word]
    else { throw error("a day: mon, tue, wed, thu, fri, sat, sun, daily, weekdays or weekend") }
    index += 1
    return day
  }

  // MARK: Times

  private var isAllDay: Bool { current?.text == "all" || current?.text == "allday" }

  private mutating func spans() throws(NotationError) -> [Span] {
    if isAllDay || current == nil || current?.text == ";" {
      let token = current ?? Token(text: "", position: length)
      if isAllDay {
        index += 1
        if current?.text == "day" { index += 1 }
      }
      return [Span(start: 0, end: 1440, token: token)]
    }
    var result: [Span] = []
    repeat { result.append(try span()) } while accept(",") || current?.isNumber ?? false
    return result
  }

  private mutating func span() throws(NotationError) -> Span {
    let token = current ?? Token(text: "", position: length)
    let start = try time(max: 1439, expected: "a time, 00:00 to 23:59")
    guard accept("-") || accept("to") else { throw error("“-” and the time at which sending ends") }
    let end = try time(max: 1440, expected: "a time, 00:00 to 24:00")
    if start == end {
      throw error("a later end (a whole day: 00:00-24:00)", at: index - 1)
    }
    return Span(start: start, end: end > start ? end : end + 1440, token: token)
  }

  private mutating func time(max: Int, expected: String) throws(NotationError) -> Int {
    guard let token = current, token.isNumber, let minute = Self.minute(token.text), minute <= max else {
      throw error(expected)
    }
    index += 1
    return minute
  }

  /// `9`, `9:30`, `0930`, `9.30`, `9am`, `9:30pm` in minutes after midnight.
  private static func minute(_ text: String) -> Int? {
    var text = text[...]
    var noon: Int?
    if text.hasSuffix("am") || text.hasSuffix("pm") {
      noon = text.hasSuffix("pm") ? 12 : 0
      text = text.dropLast(2)
    } else if text.hasSuffix("h") {
      text = text.dropLast()
    }
    let parts = text.split(omittingEmptySubsequences: false) { $0 == ":" || $0 == "." }
    guard (1...2).contains(parts.count), parts.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } })
    else { return nil }
    var hours: Substring = parts[0]
    var minutes: Substring = parts.count == 2 ? parts[1] : "00"
    if parts.count == 1, hours.count == 4 {
      minutes = hours.suffix(2)
      hours = hours.prefix(2)
    }
    guard (1...2).contains(hours.count), minutes.count == 2, var hour = Int(hours), let minute = Int(minutes),
      minute < 60, hour < 24 || (hour == 24 && minute == 0)
    else { return nil }
    if let noon {
      guard (1...12).contains(hour) else { return nil }
      hour = hour % 12 + noon
    }
    return hour * 60 + minute
  }

  /// Adds a range to a day, cut at midnight.
  private func add(_ span: Span, day: Int, to windows: inout [Window]) throws(NotationError) {
    try add(Window(day: day, startMinute: span.start, endMinute: min(span.end, 1440)), span, to: &windows)
    if span.end > 1440 {
      let next = Window(day: (day + 1) % 7, startMinute: 0, endMinute: span.end - 1440)
      try add(next, span, to: &windows)
    }
  }

  private func add(_ window: Window, _ span: Span, to windows: inout [Window]) throws(NotationError) {
    if let other = windows.first(where: { $0.minutesOfWeek.overlaps(window.minutesOfWeek) }) {
      throw NotationError(
        position: span.token.position, found: span.token.text,
        expected: "no overlap with \(WindowNotation.text([other]))")
    }
    windows.append(window)
  }

  // MARK: Tokens

  private var current: Token? { peek(0) }
  private func peek(_ ahead: Int) -> Token? {
    index + ahead < tokens.count ? tokens[index + ahead] : nil
  }

  private mutating func accept(_ text: String) -> Bool {
    guard current?.text == text else { return false }
    index += 1
    return true
  }

  private func error(_ expected: String, at place: Int? = nil) -> NotationError {
    let place = place ?? index
    guard place < tokens.count else { return NotationError(position: length, found: "", expected: expected) }
    return NotationError(position: tokens[place].position, found: tokens[place].text, expected: expected)
  }
}
