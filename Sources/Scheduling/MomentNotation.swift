/// Moments as people type them: `thu 10:00`, `tomorrow 8`, `24 dec 10:00`, `10:30`, `in 2 h`, or RFC 3339.
///
/// What has no offset is on the clock of a time line. A weekday or a time alone is the next one after now; a
/// date without a year is the next one, today's included. A time that a clock change repeats is the first of
/// the two that is to come, one that it skips is as much later.
package enum MomentNotation {
  /// The instant that a text names; throws ``NotationError`` naming the place.
  package static func parse(_ text: String, now: Instant, timeline: ZoneTimeline) throws(NotationError)
    -> Instant
  {
    if let instant = Timestamp.parse(text.trimmed) { return instant }
    var parser = NotationParser(text)
    return try parser.moment(now: now, timeline: timeline)
  }
}

extension String {
  /// Without the whitespace around it.
  fileprivate var trimmed: Substring {
    var text = self[...]
    while text.first?.isWhitespace ?? false { text.removeFirst() }
    while text.last?.isWhitespace ?? false { text.removeLast() }
    return text
  }
}

extension NotationParser {
  private static let expectedMoment =
    "a moment, such as 2026-12-24 10:00, thu 10:00, tomorrow 8:00, 10:30 or in 2 h"

  mutating func moment(now: Instant, timeline: ZoneTimeline) throws(NotationError) -> Instant {
    if accept("now") {
      try expectEnd()
      return now
    }
    if accept("in") {
      return now + (try DurationNotation.parse(source, from: tokens[index - 1].end))
    }
    let today = timeline.date(at: now)
    var day = try dayOfMoment(today: today)
    _ = accept(",")
    _ = accept("at")
    splitZone()
    let place = index
    let time = try timeOfMoment(isAlone: day == nil)
    if day == nil { day = try dayOfMoment(today: today) }
    let offset = offsetOfMoment()
    try expectEnd(at: place, isTimeAlone: day == nil)
    return instant(day ?? .any, time, offset, now: now, timeline: timeline)
  }

  /// The day that was named.
  private enum Day: Equatable {
    /// Whichever comes next.
    case any
    case weekday(Int)
    case date(CivilDate)
  }

  /// Nil, with nothing taken, if no day stands here.
  private mutating func dayOfMoment(today: CivilDate) throws(NotationError) -> Day? {
    if let day = accept(anyOf: ["today", "tomorrow"]) {
      return .date(CivilDate(days: today.days + (day == "today" ? 0 : 1)))
    }
    let place = index
    let weekday = Self.weekday(current)
    if weekday != nil {
      index += 1
      if current?.text == ",", peek(1)?.isWord ?? false || peek(1)?.isNumber ?? false { index += 1 }
    }
    if let typed = typedDateOfMoment() {
      let date = try resolved(typed, today: today)
      if let weekday, date.weekday != weekday {
        let name = WindowNotation.fullDayNames[date.weekday]
        throw error("\(WindowNotation.dayNames[date.weekday]): \(date.text) is a \(name)", at: place)
      }
      return .date(date)
    }
    return weekday.map { .weekday($0) }
  }

  /// A date, before a blank or the T of ISO 8601.
  private mutating func typedDateOfMoment() -> TypedDate? {
    if let date = typedDate() { return date }
    // 2026-12-24T10:00, whose last digits and time are one token.
    guard let parts = peek(4)?.text.split(separator: "t"), parts.count == 2, index + 4 < tokens.count else {
      return nil
    }
    var split = self
    let token = tokens[index + 4]
    let day = Token(text: String(parts[0]), position: token.position, end: token.position + parts[0].count)
    let time = Token(text: String(parts[1]), position: day.end + 1, end: token.end)
    split.tokens.replaceSubrange(index + 4...index + 4, with: [day, time])
    guard let date = split.typedDate() else { return nil }
    self = split
    return date
  }

  /// Milliseconds after midnight: `8`, `8:30`, `20:15:30`, `9am`, `noon`, `midnight`.
  ///
  /// A time alone needs its minutes, since `8` may mean hours too.
  private mutating func timeOfMoment(isAlone: Bool) throws(NotationError) -> Duration {
    if accept("noon") { return 12 * .hour }
    if accept("midnight") { return 0 }
    guard let token = current, token.isNumber else {
      throw error(isAlone ? Self.expectedMoment : "a time, such as 10:00")
    }
    if Self.number(token, digits: 1...15) != nil, isAlone || token.text.count == 3 || token.text.count > 4 {
      throw error("a time with its minutes, such as 10:00, or in 2 h")
    }
    if isAlone, token.text.hasSuffix("h") {
      throw error("a time such as 10:00, or “in \(token.text.dropLast()) h”")
    }
    let parts = token.text.split(separator: ":", omittingEmptySubsequences: false)
    let clock = parts.count == 3 ? parts.prefix(2).joined(separator: ":") : token.text
    guard let minute = Self.minute(clock) else { throw error("a time, 00:00 to 24:00") }
    var time = Int64(minute) * .minute
    if parts.count == 3 {
      let seconds = Token(text: String(parts[2]), position: token.position, end: token.end)
      guard let second = Self.number(seconds, digits: 2...2), second < 60, minute < 1440 else {
        throw error("a time, 00:00:00 to 23:59:59")
      }
      time += Int64(second) * .second
    }
    index += 1
    return time
  }

  /// Cuts the Z of ISO 8601 off a time.
  private mutating func splitZone() {
    guard let token = current, token.isNumber, token.text.hasSuffix("z") else { return }
    let time = Token(text: String(token.text.dropLast()), position: token.position, end: token.end - 1)
    tokens.replaceSubrange(index...index, with: [time, Token(text: "z", position: time.end, end: token.end)])
  }

  /// `z`, `utc`, `+02:00`; nil, with nothing taken, if none stands here.
  private mutating func offsetOfMoment() -> Duration? {
    if accept(anyOf: ["z", "utc", "gmt"]) != nil { return 0 }
    guard let sign = current?.text, sign == "+" || sign == "-", let clock = peek(1)?.text, clock.count == 5,
      clock.contains(":"), let minutes = Self.minute(clock)
    else { return nil }
    index += 2
    return (sign == "-" ? -1 : 1) * Int64(minutes) * .minute
  }

  private func expectEnd(at place: Int? = nil, isTimeAlone: Bool = false) throws(NotationError) {
    guard current != nil else { return }
    throw error(isTimeAlone ? "a day, or nothing after the time" : "nothing more")
  }

  private func instant(
    _ day: Day, _ time: Duration, _ offset: Duration?, now: Instant, timeline: ZoneTimeline
  ) -> Instant {
    let instant = { (date: CivilDate) -> Instant in
      let local = date.days * .day + time
      return offset.map { local - $0 } ?? timeline.instant(local: local)
    }
    if case .date(let date) = day { return instant(date) }
    let today = floorDivide(now + (offset ?? timeline.offset(at: now)), by: .day).quotient
    // A week and a day, since today's may be over; a date that the zone skips is as good as the next.
    let dates = (today...today + 8).map { CivilDate(days: $0) }.filter {
      if case .weekday(let weekday) = day { $0.weekday == weekday } else { true }
    }
    for date in dates {
      let first = instant(date)
      if first > now { return first }
      // The second time that a clock change makes of it may yet come.
      let local = date.days * .day + time
      let second = local - timeline.offset(at: first + 3 * .hour)
      if offset == nil, second > now, local - timeline.offset(at: second) == second { return second }
    }
    return instant(CivilDate(days: today + 7))
  }
}
