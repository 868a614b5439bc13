/// Lengths of time as people write them: `90 min`, `2 h`, `1 h 30 min`, `30d`, `45s`.
package enum DurationNotation {
  private static let units: [(size: Duration, names: [String])] = [
    (.week, ["w", "wk", "week", "weeks"]), (.day, ["d", "day", "days"]),
    (.hour, ["h", "hr", "hrs", "hour", "hours"]), (.minute, ["m", "min", "mins", "minute", "minutes"]),
    (.second, ["s", "sec", "secs", "second", "seconds"]), (1, ["ms"]),
  ]
  /// The longest that is read: a hundred years.
  private static let longest: Duration = 36_600 * .day

  /// Milliseconds, 0 to a hundred years; throws ``NotationError`` naming the place.
  ///
  /// Every number needs its unit: weeks, days, hours, minutes, seconds or milliseconds.
  package static func parse(_ text: String) throws(NotationError) -> Duration {
    try parse(Array(text), from: 0)
  }

  /// The same where a number alone is seconds.
  package static func parseSeconds(_ text: String) throws(NotationError) -> Duration {
    try parse(Int(text) == nil ? text : text + "s")
  }

  /// The same of what follows the first characters of a text.
  static func parse(_ text: [Character], from start: Int) throws(NotationError) -> Duration {
    var position = start
    var sum: Duration = 0
    var isEmpty = true
    func take(_ isMeant: (Character) -> Bool) -> String {
      let first = position
      while position < text.count, isMeant(text[position]) { position += 1 }
      return String(text[first..<position])
    }
    while true {
      _ = take { $0.isWhitespace || $0 == "," && !isEmpty }
      if position == text.count { break }
      let place = position
      let number = take { $0.isASCII && $0.isNumber }
      guard !number.isEmpty, number.count <= 15, let count = Int64(number) else {
        throw NotationError(
          position: place, found: String(text[place...].prefix { !$0.isWhitespace }),
          expected: "a number and its unit, such as 90 min, 2 h or 30 d")
      }
      _ = take(\.isWhitespace)
      let unitPlace = position
      let name = take(\.isLetter)
      guard let unit = units.first(where: { $0.names.contains(name.lowercased()) }) else {
        throw NotationError(
          position: unitPlace, found: name,
          expected: "a unit after \(number): s, min, h, d or w, such as \(number) min")
      }
      guard count <= longest / unit.size, sum + count * unit.size <= longest else {
        throw NotationError(position: place, found: number + name, expected: "at most a hundred years")
      }
      sum += count * unit.size
      isEmpty = false
    }
    guard !isEmpty else {
      throw NotationError(
        position: text.count, found: "", expected: "a number and its unit, such as 90 min, 2 h or 30 d")
    }
    return sum
  }

  /// `4 h 38 min`, `2 days 3 h`, `12 s`: the two largest units, cut, not rounded; without its sign.
  package static func text(_ duration: Duration) -> String {
    text(duration, largest: .day)
  }

  /// `4 h`, `2 days`: the largest unit alone, cut; without its sign.
  package static func rough(_ duration: Duration) -> String {
    text(duration, largest: .day, isRough: true)
  }

  /// Minutes of a day or a week: `45 min`, `8 h 30 min`, `168 h`.
  package static func hours(minutes: Int) -> String {
    minutes == 0 ? "0 h" : text(Int64(minutes) * .minute, largest: .hour)
  }

  private static func text(_ duration: Duration, largest: Duration, isRough: Bool = false) -> String {
    let milliseconds = duration.magnitude
    let units = units.filter { $0.size <= largest }
    guard let first = units.firstIndex(where: { milliseconds >= $0.size }) else { return "0 s" }
    let (count, rest) = milliseconds.quotientAndRemainder(dividingBy: UInt64(units[first].size))
    var text = amount(count, units[first].size)
    if !isRough, units.indices.contains(first + 1), units[first + 1].size > 1, rest >= units[first + 1].size {
      text += " " + amount(rest / UInt64(units[first + 1].size), units[first + 1].size)
    }
    return text
  }

  private static func amount(_ count: UInt64, _ unit: Duration) -> String {
    switch unit {
    case .day: count == 1 ? "1 day" : "\(count) days"
    case .hour: "\(count) h"
    case .minute: "\(count) min"
    case .second: "\(count) s"
    default: "\(count) ms"
    }
  }
}
