import Scheduling

/// The rule of a POSIX `TZ` text, as it stands at the end of a zone's file: `CET-1CEST,M3.5.0,M10.5.0/3`.
struct ZoneRule: Equatable, Sendable {
  /// Seconds that are added to UTC when no daylight saving is in force.
  var standard: Int64
  /// Nil if the clock never changes.
  var daylight: Daylight?

  /// A second offset, and when it begins and ends each year.
  struct Daylight: Equatable, Sendable {
    /// Seconds that are added to UTC; less than the standard offset where "winter time" is the exception.
    var offset: Int64
    /// On the clock of the standard offset.
    var start: Moment
    /// On the clock of `offset`.
    var end: Moment
  }

  /// A day of each year, and seconds after its midnight, from -167 to 167 hours.
  struct Moment: Equatable, Sendable {
    var day: Day
    var seconds: Int64
  }

  enum Day: Equatable, Sendable {
    /// 1 to 365; February 29 is never counted.
    case julian(Int)
    /// 0 to 365; February 29 is counted.
    case ordinal(Int)
    /// A weekday (0 is Sunday) of a month, the first to the fourth, or 5 for the last.
    case weekday(month: Int, week: Int, day: Int)
  }
}

// MARK: - What it says

extension ZoneRule {
  /// The offset that is in force at a time, and the changes after it, until another time.
  ///
  /// All in seconds; both times are within 30,000 years of 1970.
  func changes(after first: Int64, through last: Int64) -> (
    offset: Int64, changes: [(at: Int64, offset: Int64)]
  ) {
    guard let daylight else { return (standard, []) }
    // Rules count from the beginning of the calendar's time on; nobody asks for clocks of before.
    let firstYear = max(Self.year(of: first), 1) - 1
    let lastYear = max(firstYear, Self.year(of: last)) + 1
    var all: [(at: Int64, offset: Int64)] = []
    for year in firstYear...lastYear {
      let start = (at: daylight.start.seconds(in: year) - standard, offset: daylight.offset)
      let end = (at: daylight.end.seconds(in: year) - daylight.offset, offset: standard)
      all += start.at <= end.at ? [start, end] : [end, start]
    }
    // Where daylight saving lasts all year, each year's end is the next one's start: the later one counts.
    let sorted = all.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
    var offset = all[0].offset == standard ? daylight.offset : standard
    var changes: [(at: Int64, offset: Int64)] = []
    for (_, change) in sorted where change.at <= last {
      if change.at <= first {
        offset = change.offset
      } else if change.at == changes.last?.at {
        changes[changes.count - 1] = change
      } else {
        changes.append(change)
      }
    }
    return (offset, changes)
  }

  private static func year(of seconds: Int64) -> Int64 {
    // Average years are near enough: a year more is reckoned on each side.
    1970 + floorDivide(seconds, by: 31_556_952).quotient
  }
}

extension ZoneRule.Moment {
  /// Seconds since 1970-01-01T00:00 on the clock that the rule means.
  fileprivate func seconds(in year: Int64) -> Int64 { day.days(in: year) * 86_400 + seconds }
}

extension ZoneRule.Day {
  /// Days since 1970-01-01.
  fileprivate func days(in year: Int64) -> Int64 {
    let newYear = Self.days(year: year, month: 1)
    switch self {
    case .ordinal(let day): return newYear + Int64(day)
    case .julian(let day):
      let isAfterLeapDay = Self.days(year: year, month: 3) - newYear == 60 && day >= 60
      return newYear + Int64(day) - (isAfterLeapDay ? 0 : 1)
    case .weekday(let month, let week, let day):
      let first = Self.days(year: year, month: month)
      let next = month == 12 ? Self.days(year: year + 1, month: 1) : Self.days(year: year, month: month + 1)
      // 1970-01-01 was a Thursday.
      let weekday = floorDivide(first + 4, by: 7).remainder
      var found = first + floorDivide(Int64(day) - weekday, by: 7).remainder + Int64(week - 1) * 7
      while found >= next { found -= 7 }
      return found
    }
  }

  /// The first day of a month, in days since 1970-01-01.
  private static func days(year: Int64, month: Int) -> Int64 {
    let before = year - 1
    let leapDays =
      floorDivide(before, by: 4).quotient - floorDivide(before, by: 100).quotient
      + floorDivide(before, by: 400).quotient
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let months: [Int64] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]
    return before * 365 + leapDays + months[month - 1] + (isLeap && month > 2 ? 1 : 0) - 719_162
  }
}

// MARK: - Reading

extension ZoneRule {
  /// Nil if the text is none of POSIX, with hours up to 167 as RFC 9636 allows them.
  init?(_ text: [UInt8]) {
    var reader = RuleReader(text)
    guard reader.name(), let west = reader.time(hours: 24) else { return nil }
    standard = -west
    if reader.isAtEnd { return }
    guard reader.name() else { return nil }
    var offset = standard + 3600
    if reader.next != UInt8(ascii: ","), !reader.isAtEnd {
      guard let west = reader.time(hours: 24) else { return nil }
      offset = -west
    }
    // Without one, the rule is that of the United States, as everywhere.
    var moments = [
      Moment(day: .weekday(month: 3, week: 2, day: 0), seconds: 7200),
      Moment(day: .weekday(month: 11, week: 1, day: 0), seconds: 7200),
    ]
    if !reader.isAtEnd {
      moments = []
      while !reader.isAtEnd, moments.count < 2 {
        guard reader.skip(UInt8(ascii: ",")), let moment = reader.moment() else { return nil }
        moments.append(moment)
      }
    }
    guard reader.isAtEnd, moments.count == 2 else { return nil }
    daylight = Daylight(offset: offset, start: moments[0], end: moments[1])
  }
}

/// The parts of a POSIX `TZ` text, one after another.
private struct RuleReader {
  private let text: [UInt8]
  private var position = 0

  init(_ text: [UInt8]) { self.text = text }

  var next: UInt8? { position < text.count ? text[position] : nil }
  var isAtEnd: Bool { position == text.count }

  mutating func skip(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    position += 1
    return true
  }

  /// An abbreviation of three letters or more: `CET`, or `<+03>`.
  mutating func name() -> Bool {
    let isQuoted = skip(UInt8(ascii: "<"))
    let start = position
    while let byte = next, Self.isLetter(byte) || isQuoted && Self.isSignOrDigit(byte) { position += 1 }
    guard position - start >= 3 else { return false }
    return isQuoted ? skip(UInt8(ascii: ">")) : true
  }

  /// Seconds of `[+-]hh[:mm[:ss]]`.
  mutating func time(hours: Int64) -> Int64? {
    let isNegative = skip(UInt8(ascii: "-"))
    if !isNegative { _ = skip(UInt8(ascii: "+")) }
    guard let hour = number(upTo: hours) else { return nil }
    var seconds = hour * 3600
    for unit in [Int64(60), 1] {
      guard skip(UInt8(ascii: ":")) else { break }
      guard let part = number(upTo: 59) else { return nil }
      seconds += part * unit
    }
    return isNegative ? -seconds : seconds
  }

  /// A day of the year and a time of day, which is 02:00 unless it says otherwise.
  mutating func moment() -> ZoneRule.Moment? {
    guard let day = day() else { return nil }
    guard skip(UInt8(ascii: "/")) else { return .init(day: day, seconds: 7200) }
    guard let seconds = time(hours: 167) else { return nil }
    return .init(day: day, seconds: seconds)
  }

  private mutating func day() -> ZoneRule.Day? {
    if skip(UInt8(ascii: "M")) {
      guard let month = number(upTo: 12), month > 0, skip(UInt8(ascii: ".")),
        let week = number(upTo: 5), week > 0, skip(UInt8(ascii: ".")), let day = number(upTo: 6)
      else { return nil }
      return .weekday(month: Int(month), week: Int(week), day: Int(day))
    }
    if skip(UInt8(ascii: "J")) {
      guard let day = number(upTo: 365), day > 0 else { return nil }
      return .julian(Int(day))
    }
    return number(upTo: 365).map { .ordinal(Int($0)) }
  }

  private mutating func number(upTo limit: Int64) -> Int64? {
    var value: Int64?
    while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
      let longer = (value ?? 0) * 10 + Int64(byte - UInt8(ascii: "0"))
      guard longer <= limit else { return nil }
      value = longer
      position += 1
    }
    return value
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  private static func isSignOrDigit(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}
