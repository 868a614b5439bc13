extension NotationParser {
  /// Exceptions between semicolons or on lines of their own.
  mutating func exceptions(today: CivilDate) throws(NotationError) -> [ScheduleException] {
    var result: [ScheduleException] = []
    var known: Set<ExceptionDate> = []
    while true {
      while accept(";") {}
      if current == nil { break }
      let place = index
      let dates = try exceptionDates(today: today)
      _ = accept(":")
      let windows = try hoursOfDate()
      let note = try note(besideHours: !windows.isEmpty)
      for date in dates where !known.insert(date).inserted {
        throw error("each date once; \(date.text) has hours already", at: place)
      }
      result += dates.map { ScheduleException(date: $0, windows: windows, note: note) }
    }
    if result.isEmpty { throw error("dates and hours, such as 24 dec closed") }
    return result.sorted { $0.date < $1.date }
  }

  // MARK: Dates

  /// `24 dec`, `24-26 dec, 31 dec`, `2026-12-24 to 2026-12-26`, `every 25 dec`, `--12-25`.
  mutating func exceptionDates(today: CivilDate) throws(NotationError) -> [ExceptionDate] {
    var isYearly = false
    var result: [ExceptionDate] = []
    repeat {
      if accept(anyOf: ["every", "each", "yearly"]) != nil {
        isYearly = true
        _ = accept("year")
      }
      let place = index
      for date in try dateRange(isYearly: isYearly, today: today) {
        if result.contains(date) { throw error("each date once", at: place) }
        result.append(date)
        if result.count > ScheduleException.most {
          throw error("at most \(ScheduleException.most) dates", at: place)
        }
      }
    } while accept(",")
    return result
  }

  private mutating func dateRange(isYearly: Bool, today: CivilDate) throws(NotationError) -> [ExceptionDate] {
    let start = index
    let weekday = Self.weekday(current)
    if weekday != nil {
      index += 1
      _ = accept(",")
    }
    if let day = accept(anyOf: ["today", "tomorrow"]) {
      return [.day(CivilDate(days: today.days + (day == "today" ? 0 : 1)))]
    }
    let isMarkedYearly = current?.text == "-" && peek(1)?.text == "-"
    let (first, last) = try isMarkedYearly ? markedYearly() : typedRange()
    if isYearly || isMarkedYearly { return try yearly(first, last) }
    let dates = try dated(first, last, today: today)
    if let weekday, case .day(let date) = dates[0], date.weekday != weekday {
      let name = WindowNotation.dayNames[date.weekday]
      throw error("\(name): \(date.text) is a \(WindowNotation.fullDayNames[date.weekday])", at: start)
    }
    return dates
  }

  /// `--12-25`.
  private mutating func markedYearly() throws(NotationError) -> (TypedDate, TypedDate) {
    guard let month = Self.number(peek(2), digits: 2...2), peek(3)?.text == "-",
      let day = Self.number(peek(4), digits: 2...2)
    else { throw error("a date of every year, such as --12-25") }
    let date = TypedDate(year: nil, month: month, day: day, place: index)
    index += 5
    return (date, date)
  }

  /// One date, or a first and a last one.
  private mutating func typedRange() throws(NotationError) -> (TypedDate, TypedDate) {
    // 24-26 dec
    if let first = Self.dayOfMonth(current), peek(1)?.text == "-" || peek(1)?.text == "to",
      let last = Self.dayOfMonth(peek(2)), let month = Self.month(peek(3))
    {
      let place = index
      if last < first { throw error("day \(first) or a later one", at: place + 2) }
      index += 4
      let year = year()
      return (
        TypedDate(year: year, month: month, day: first, place: place),
        TypedDate(year: year, month: month, day: last, place: place + 2)
      )
    }
    guard let first = typedDate() else { throw error(Self.expectedDate) }
    guard accept(anyOf: ["-", "to"]) != nil else { return (first, first) }
    if let last = typedDate() { return (first, last) }
    // dec 24-26
    if Self.month(tokens[first.place]) != nil, let day = Self.dayOfMonth(current) {
      index += 1
      let year = year()
      let last = TypedDate(year: year ?? first.year, month: first.month, day: day, place: index - 1)
      if day < first.day { throw error("day \(first.day) or a later one", at: last.place) }
      return (TypedDate(year: last.year, month: first.month, day: first.day, place: first.place), last)
    }
    throw error(Self.expectedDate)
  }

  /// The dates of every year from one to another, over the year's end too.
  private func yearly(_ first: TypedDate, _ last: TypedDate) throws(NotationError) -> [ExceptionDate] {
    if first.year != nil || last.year != nil {
      throw error("no year: the date is that of every year", at: first.place)
    }
    // A leap year, which has every date.
    guard let from = CivilDate(year: 2000, month: first.month, day: first.day) else {
      throw error("a date of the calendar", at: first.place)
    }
    guard let through = CivilDate(year: 2000, month: last.month, day: last.day) else {
      throw error("a date of the calendar", at: last.place)
    }
    let end = through < from ? through.days + 366 : through.days
    return (from.days...end).map { day in
      let date = CivilDate(days: day > CivilTime.days(year: 2000, month: 12, day: 31) ? day - 366 : day)
      return .yearly(month: date.month, day: date.day)
    }
  }

  /// The dates from one to another; where no year was typed, the first such that are not over.
  private func dated(_ first: TypedDate, _ last: TypedDate, today: CivilDate) throws(NotationError)
    -> [ExceptionDate]
  {
    var (first, last) = (first, last)
    let isOverYear = (last.month, last.day) < (first.month, first.day)
    if let year = last.year {
      first.year = first.year ?? (isOverYear ? year - 1 : year)
    } else if let year = first.year {
      last.year = isOverYear ? year + 1 : year
    } else {
      let end = try resolved(last, today: today)
      last.year = end.year
      first.year = isOverYear ? end.year - 1 : end.year
    }
    let from = try resolved(first, today: today)
    let through = try resolved(last, today: today)
    if through < from { throw error("a date that is not before \(from.text)", at: last.place) }
    guard through.days - from.days < ScheduleException.most else {
      throw error("at most \(ScheduleException.most) dates", at: last.place)
    }
    return (from.days...through.days).map { .day(CivilDate(days: $0)) }
  }

  // MARK: Hours and note

  /// Words for no hours.
  static let closing = ["closed", "none", "off"]

  /// `closed`, `all day`, or the times of one date, which end with it.
  mutating func hoursOfDate() throws(NotationError) -> [DayWindow] {
    if accept(anyOf: Self.closing) != nil { return [] }
    let isTime = current?.isNumber ?? false
    guard isTime || isAllDay else { throw error("“closed”, or times such as 9-12") }
    if isAllDay {
      _ = try spans()
      return [DayWindow(startMinute: 0, endMinute: 1440)]
    }
    var windows: [DayWindow] = []
    repeat {
      let span = try span()
      guard span.end <= 1440 else {
        throw error("an end on the same date, 24:00 at the latest", at: index - 1)
      }
      let window = DayWindow(startMinute: span.start, endMinute: span.end)
      if let other = windows.first(where: {
        $0.startMinute < window.endMinute && window.startMinute < $0.endMinute
      }) {
        throw NotationError(
          position: span.token.position, found: span.token.text,
          expected: "no overlap with \(WindowNotation.times([other]))")
      }
      windows.append(window)
    } while accept(",") || isSpanNext
    return windows.sorted()
  }

  /// Times may follow each other without a comma; a note may begin with a number.
  private var isSpanNext: Bool {
    (current?.isNumber ?? false) && (peek(1)?.text == "-" || peek(1)?.text == "to")
      && (peek(2)?.isNumber ?? false)
  }

  /// What is left up to the end of the line or a semicolon, or a text in quotes.
  private mutating func note(besideHours: Bool) throws(NotationError) -> String {
    _ = accept(":")
    guard let first = current, first.text != ";" else { return "" }
    let place = index
    let note: String
    if first.text == "\"" {
      note = try quotedNote(from: first.position)
      if let next = current, next.text != ";" { throw error("“;” before the next dates") }
    } else {
      while current != nil, current?.text != ";" { index += 1 }
      let text = source[first.position..<tokens[index - 1].end]
      // As a change is told: `24 Dec 2026 closed (Christmas Eve)`.
      note = String(text.first == "(" && text.last == ")" ? text.dropFirst().dropLast() : text)
      if besideHours, Self.closing.contains(note.lowercased()) {
        throw error("“closed” or hours, not both", at: place)
      }
    }
    guard NameRule.acceptsLabel(note) else { throw error(NameRule.expectedLabel, at: place) }
    return note
  }

  /// A text between double quotes, which stand twice inside it.
  private mutating func quotedNote(from start: Int) throws(NotationError) -> String {
    var note = ""
    var position = start + 1
    while position < source.count {
      if source[position] == "\"" {
        guard position + 1 < source.count, source[position + 1] == "\"" else {
          index = tokens.firstIndex { $0.position > position } ?? tokens.count
          return note
        }
        position += 1
      }
      note.append(source[position])
      position += 1
    }
    index = tokens.count
    throw error("a second quotation mark after the note")
  }
}
