import Scheduling

/// What the all-day events of an iCalendar file (RFC 5545) close.
package struct CalendarDates: Equatable, Sendable {
  /// Closed dates in order, with what the events are called as their notes.
  package var dates: [ScheduleException] = []
  /// Events that begin at a time of day, which close no date.
  package var timedEvents = 0
  package var cancelledEvents = 0

  /// `1 event with a time of day closes no date`; nil if there is none.
  package var timedInWords: String? {
    timedEvents == 0
      ? nil
      : "\(timedEvents.counted("event")) with a time of day \(timedEvents == 1 ? "closes" : "close") no date"
  }

  /// How many years of what comes again on changing days are taken.
  package static let yearsAhead = 5

  /// Reads a file. What comes again for ever on days that differ from year to year is taken through `lastYear`.
  ///
  /// Throws ``ImportProblem``.
  package static func read(_ input: ImportInput, through lastYear: Int) throws -> CalendarDates {
    var lines = try CalendarLines(input)
    let events = try CalendarEvent.readAll(&lines)
    var dates = CalendarDates()
    var notes: [ExceptionDate: [String]] = [:]
    for event in try CalendarEvent.separated(events) {
      if event.isCancelled {
        dates.cancelledEvents += 1
      } else if event.isTimed {
        dates.timedEvents += 1
      } else {
        for date in try event.dates(through: lastYear) {
          if !notes[date, default: []].contains(event.note) { notes[date, default: []].append(event.note) }
        }
      }
    }
    dates.dates = notes.map { date, notes in ScheduleException(date: date, note: note(notes)) }
      .sorted { $0.date < $1.date }
    return dates
  }

  /// Several events of one date in one note, no longer than a note may be.
  private static func note(_ notes: [String]) -> String {
    let text = notes.filter { !$0.isEmpty }.joined(separator: ", ")
    let harmless = text.unicodeScalars.map { NameRule.acceptsLabel(String($0)) ? $0 : " " }
    let note = String(String.UnicodeScalarView(harmless)).trimmed
    guard note.unicodeScalars.count > ScheduleException.longestNote else { return note }
    let first = note.unicodeScalars.prefix(ScheduleException.longestNote - 1)
    return String(String.UnicodeScalarView(first)).trimmed + "…"
  }
}

extension ImportProblem {
  /// That a calendar closes no date.
  package init(of calendar: CalendarDates, in file: String) {
    let (timed, cancelled) = (calendar.timedEvents, calendar.cancelledEvents)
    let found =
      [
        timed > 0 ? timed.counted("event") + " with a time of day" : nil,
        cancelled > 0 ? cancelled.counted("cancelled event") : nil,
      ]
      .compactMap { $0 }.joined(separator: " and ")
    self.init(file: file, expected: "all-day events", found: found.isEmpty ? "none" : found)
  }
}

/// One VEVENT as it stands in a file.
struct CalendarEvent {
  private let file: String
  private let line: Int
  private var uid = ""
  private var first: CivilDate?
  private(set) var isTimed = false
  private(set) var isCancelled = false
  private(set) var note = ""
  private var end: CalendarLine?
  private var duration: CalendarLine?
  private var rule: CalendarLine?
  private var added: [CivilDate] = []
  private var excluded: Set<CivilDate> = []
  /// The day of a recurring event in whose place this one stands.
  private var replaces: CivilDate?

  // MARK: - Reading

  static func readAll(_ lines: inout CalendarLines) throws -> [CalendarEvent] {
    guard let first = try lines.next() else {
      throw ImportProblem(file: lines.file, expected: CalendarLines.expectedFile, found: "an empty file")
    }
    guard first.name == "BEGIN", first.value.uppercased() == "VCALENDAR" else {
      throw ImportProblem(file: lines.file, line: first.number, expected: CalendarLines.expectedFile)
    }
    lines.isCalendar = true
    var open = ["VCALENDAR"]
    var events: [CalendarEvent] = []
    while let line = try lines.next() {
      let value = line.value.trimmed.uppercased()
      switch line.name {
      case "BEGIN":
        open.append(value)
        if value == "VEVENT" { events.append(CalendarEvent(file: lines.file, line: line.number)) }
      case "END":
        guard open.last == value else {
          throw ImportProblem(
            file: lines.file, line: line.number, expected: "END:\(open.last ?? "nothing")",
            found: ImportProblem.quote("END:" + line.value))
        }
        open.removeLast()
      default:
        // What stands deeper, such as an alarm, is no matter of the event.
        if open.last == "VEVENT", !events.isEmpty { try events[events.count - 1].take(line) }
      }
    }
    guard open.isEmpty else {
      throw ImportProblem(file: lines.file, expected: "END:\(open.last ?? "")", found: "the end of the file")
    }
    return events
  }

  private init(file: String, line: Int) {
    self.file = file
    self.line = line
  }

  private mutating func take(_ line: CalendarLine) throws {
    switch line.name {
    case "UID": uid = line.value
    case "DTSTART":
      isTimed = Self.isTimed(line)
      if !isTimed { first = try date(line, line.value) }
    case "DTEND": end = line
    case "DURATION": duration = line
    case "SUMMARY": note = line.note.trimmed
    case "STATUS": isCancelled = line.value.trimmed.uppercased() == "CANCELLED"
    case "RRULE": rule = line
    case "RDATE" where !Self.isTimed(line):
      added += try line.value.split(separator: ",").map { try date(line, String($0)) }
    case "EXDATE" where !Self.isTimed(line):
      excluded.formUnion(try line.value.split(separator: ",").map { try date(line, String($0)) })
    case "RECURRENCE-ID" where !Self.isTimed(line): replaces = try date(line, line.value)
    default: break
    }
  }

  /// Whether a moment is one of a day; without `VALUE=DATE` too, since some programs leave it out.
  private static func isTimed(_ line: CalendarLine) -> Bool {
    line.parameters["VALUE"]?.uppercased() != "DATE" && line.value.trimmed.utf8.count != 8
  }

  private func date(_ line: CalendarLine, _ text: String) throws -> CivilDate {
    guard let date = CivilDate(basic: text.trimmed) else {
      throw problem(line, "a date such as 20261224")
    }
    return date
  }

  private func problem(_ line: CalendarLine, _ expected: String) -> ImportProblem {
    ImportProblem(
      file: file, line: line.number, place: line.name, expected: expected,
      found: ImportProblem.quote(line.value))
  }

  /// The events, with the days for which another one stands taken out of the recurring ones.
  static func separated(_ events: [CalendarEvent]) throws -> [CalendarEvent] {
    var replaced: [String: Set<CivilDate>] = [:]
    for event in events {
      if let day = event.replaces { replaced[event.uid, default: []].insert(day) }
    }
    return events.map { event in
      guard event.replaces == nil, let days = replaced[event.uid] else { return event }
      var event = event
      event.excluded.formUnion(days)
      return event
    }
  }

  // MARK: - Dates

  /// The most days of one event, and of all that its rule makes of it.
  private static let longest = 3_660

  /// The dates that the event closes.
  func dates(through lastYear: Int) throws -> [ExceptionDate] {
    guard let first else {
      throw ImportProblem(file: file, line: line, place: "VEVENT", expected: "a DTSTART", found: "none")
    }
    let length = try length(from: first)
    var starts = [first]
    if let line = rule {
      guard let rule = CalendarRule(line.value) else { throw problem(line, CalendarRule.expected) }
      if excluded.isEmpty, let yearly = yearly(rule, first, length) { return yearly + all(added, length) }
      starts = rule.dates(from: first, through: lastYear)
      guard starts.count * length <= Self.longest else {
        throw problem(line, "at most \(Self.longest) days altogether")
      }
    }
    return all((starts + added).filter { !excluded.contains($0) }, length)
  }

  private func all(_ starts: [CivilDate], _ length: Int) -> [ExceptionDate] {
    starts.flatMap { start in (0..<length).map { start.adding(days: Int64($0)) } }
      .filter { $0.year <= 9999 }.map { .day($0) }
  }

  /// The dates of every year; nil if they are not the same in all of them.
  private func yearly(_ rule: CalendarRule, _ first: CivilDate, _ length: Int) -> [ExceptionDate]? {
    guard let days = rule.everyYear(from: first) else { return nil }
    var dates: [ExceptionDate] = []
    for (month, day) in days {
      // In a leap year and in the next one: where these differ, 29 February lies within the event.
      guard length == 1 || spans(month, day, length, year: 2000) == spans(month, day, length, year: 2001)
      else {
        return nil
      }
      dates += spans(month, day, length, year: 2000)
    }
    return dates
  }

  private func spans(_ month: Int, _ day: Int, _ length: Int, year: Int) -> [ExceptionDate] {
    guard let start = CivilDate(year: year, month: month, day: day) else { return [] }
    return (0..<length).map {
      let date = start.adding(days: Int64($0))
      return .yearly(month: date.month, day: date.day)
    }
  }

  /// How many days the event lasts, at least 1.
  private func length(from first: CivilDate) throws -> Int {
    var days = 1
    if let line = end {
      // The end is the first day after the event.
      let end = try date(line, line.value)
      guard end >= first else { throw problem(line, "a date after \(first.text)") }
      days = Int(end.days - first.days)
    } else if let line = duration {
      guard let parsed = Self.days(line.value.trimmed.uppercased()) else {
        throw problem(line, "a duration in days such as P1D")
      }
      days = parsed
    }
    guard days <= Self.longest else {
      throw ImportProblem(
        file: file, line: line, place: "VEVENT", expected: "at most \(Self.longest) days", found: "\(days)")
    }
    return max(1, days)
  }

  /// Days of `P1D`, `P2W`, `PT24H`.
  private static func days(_ text: String) -> Int? {
    guard text.hasPrefix("P") || text.hasPrefix("+P") else { return nil }
    var seconds = 0
    var number = ""
    for character in text.drop(while: { $0 == "+" }).dropFirst() {
      switch character {
      case "0"..."9" where number.count < 6: number.append(character)
      case "T" where number.isEmpty: break
      default:
        guard let unit = ["W": 604_800, "D": 86_400, "H": 3600, "M": 60, "S": 1][String(character)],
          let count = Int(number)
        else { return nil }
        seconds += count * unit
        number = ""
      }
    }
    return number.isEmpty ? (seconds + 86_399) / 86_400 : nil
  }
}
