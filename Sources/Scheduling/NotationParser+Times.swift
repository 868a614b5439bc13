extension NotationParser {
  /// One allowed range as it was written; `end` may lie beyond midnight.
  struct Span {
    var start: Int
    var end: Int
    var token: Token
  }

  var isAllDay: Bool { current?.text == "all" || current?.text == "allday" }

  mutating func spans() throws(NotationError) -> [Span] {
    if needsTimes, current == nil || current?.text == ";", index > 0,
      !["daily", "weekdays", "weekend"].contains(tokens[index - 1].text)
    {
      throw error("times after \(tokens[index - 1].text), such as 9-17, or 00:00-24:00 for the whole day")
    }
    if isAllDay || current == nil || current?.text == ";" {
      let token = current ?? Token(text: "", position: length, end: length)
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

  mutating func span() throws(NotationError) -> Span {
    let token = current ?? Token(text: "", position: length, end: length)
    let start = try time(max: 1439, expected: "a time, 00:00 to 23:59")
    guard accept("-") || accept("to") else { throw error("“-” and the time at which sending ends") }
    let end = try time(max: 1440, expected: "a time, 00:00 to 24:00")
    if start == end {
      throw error("a later end (a whole day: 00:00-24:00)", at: index - 1)
    }
    return Span(start: start, end: end > start ? end : end + 1440, token: token)
  }

  mutating func time(max: Int, expected: String) throws(NotationError) -> Int {
    guard let token = current, token.isNumber, let minute = Self.minute(token.text), minute <= max else {
      throw error(expected)
    }
    index += 1
    return minute
  }

  /// `9`, `9:30`, `0930`, `9.30`, `9am`, `9:30pm` in minutes after midnight.
  static func minute(_ text: String) -> Int? {
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
}
