extension NotationParser {
  /// A date as it was typed; the year may have been left out.
  struct TypedDate {
    var year: Int?
    var month: Int
    var day: Int
    /// The token that it begins with.
    var place: Int
  }

  static let expectedDate = "a date, such as 24 dec or 2026-12-24"
  static let fullMonthNames = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december",
  ]

  /// 1 to 12 if a word is a month's name, of three letters or more.
  static func month(_ token: Token?) -> Int? {
    guard let word = token?.text, word.count >= 3 else { return nil }
    return fullMonthNames.firstIndex { $0.hasPrefix(word) || word == "sept" && $0 == "september" }.map {
      $0 + 1
    }
  }

  /// 0 to 6 (0 is Sunday) if a word is a weekday's name, of three letters or more.
  static func weekday(_ token: Token?) -> Int? {
    guard let word = token?.text, word.count >= 3 else { return nil }
    return WindowNotation.fullDayNames.firstIndex { $0.hasPrefix(word) }
      ?? ["tues": 2, "weds": 3, "thurs": 4][word]
  }

  /// The number of a token of so many digits, with nothing behind them.
  static func number(_ token: Token?, digits: ClosedRange<Int>) -> Int? {
    guard let text = token?.text.utf8, digits.contains(text.count),
      text.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { return nil }
    return Int(String(text))
  }

  /// A day of a month: `24`, `24.` or `24th`.
  static func dayOfMonth(_ token: Token?) -> Int? {
    guard var token else { return nil }
    for ending in [".", "st", "nd", "rd", "th"] where token.text.hasSuffix(ending) {
      token.text.removeLast(ending.count)
    }
    return number(token, digits: 1...2)
  }

  /// `2026-12-24`, `24 dec`, `24 dec 2026`, `dec 24`; nil, with nothing taken, if no date stands here.
  mutating func typedDate() -> TypedDate? {
    let place = index
    if let year = Self.number(current, digits: 4...4), peek(1)?.text == "-", peek(3)?.text == "-",
      let month = Self.number(peek(2), digits: 1...2), let day = Self.number(peek(4), digits: 1...2)
    {
      index += 5
      return TypedDate(year: year, month: month, day: day, place: place)
    }
    if let day = Self.dayOfMonth(current), let month = Self.month(peek(1)) {
      index += 2
      return TypedDate(year: year(), month: month, day: day, place: place)
    }
    if let month = Self.month(current), let day = Self.dayOfMonth(peek(1)) {
      index += 2
      return TypedDate(year: year(), month: month, day: day, place: place)
    }
    return nil
  }

  /// A year of four digits; one before a dash is the beginning of a time such as 0930-1200, unless a date
  /// follows the dash.
  mutating func year() -> Int? {
    guard let year = Self.number(current, digits: 4...4) else { return nil }
    if peek(1)?.text == "-" || peek(1)?.text == "to" {
      var rest = self
      rest.index += 2
      guard rest.typedDate() != nil else { return nil }
    }
    index += 1
    return year
  }

  /// The date itself; without a year the first at or after `today`.
  func resolved(_ typed: TypedDate, today: CivilDate) throws(NotationError) -> CivilDate {
    let years = typed.year.map { $0...$0 } ?? today.year...today.year + 8
    for year in years {
      guard let date = CivilDate(year: year, month: typed.month, day: typed.day) else { continue }
      if typed.year != nil || date >= today { return date }
    }
    throw error("a date of the calendar", at: typed.place)
  }
}
