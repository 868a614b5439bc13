extension NotationParser {
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

  /// The days that a text names, and their windows; `closed` is none.
  mutating func dayEdits() throws(NotationError) -> (days: Set<Int>, windows: [Window]) {
    var windows: [Window] = []
    var named: Set<Int> = []
    while true {
      while accept(";") {}
      if current == nil { break }
      let days = try days()
      named.formUnion(days)
      if isClosed {
        index += 1
      } else {
        let spans = try spans()
        for day in days {
          for span in spans { try add(span, day: day, to: &windows) }
        }
      }
      if current != nil, !accept(";") { throw error("a time range, or “;” before the next days") }
    }
    if named.isEmpty { throw error("days and times, such as mon-fri 09:00-17:00") }
    return (named, windows.sorted())
  }

  mutating func times(ofDay day: Int) throws(NotationError) -> [Window] {
    if tokens.isEmpty { return [] }
    if tokens.count == 1, ["closed", "none", "-", "off"].contains(tokens[0].text) { return [] }
    var windows: [Window] = []
    for span in try spans() { try add(span, day: day, to: &windows) }
    if current != nil { throw error("a time range, such as 09:00-17:00") }
    return windows.sorted()
  }

  private var isClosed: Bool { ["closed", "none", "off"].contains(current?.text) }

  private mutating func days() throws(NotationError) -> [Int] {
    var result: [Int] = []
    repeat {
      for day in try dayRange() {
        if result.contains(day) { throw error("each day once in a clause", at: index - 1) }
        result.append(day)
      }
      let isListed = current?.text == "," && (peek(1)?.isWord ?? false)
      if isListed { index += 1 }
    } while current?.isWord ?? false && !isAllDay && !isClosed
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
}
