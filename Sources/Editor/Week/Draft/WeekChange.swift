import Canvas
import Scheduling

/// An edit of a draft that was typed: what it does, and how it says what it changed.
struct WeekChange: Sendable {
  let apply: @Sendable (inout Draft) -> Void
  /// Whether it is about the schedule, so that a phone without one gets one by it.
  private(set) var needsSchedule = true
  /// What it is about is past, so that it changes nothing to come.
  private(set) var isOver = false
  /// What it was about, for saying what it changed; nil to say all that differs.
  private var subject: Subject?

  private enum Subject: Sendable {
    case days(Set<Int>)
    case dates([ExceptionDate])
    case removed([ExceptionDate])
  }

  init(needsSchedule: Bool = true, _ apply: @escaping @Sendable (inout Draft) -> Void) {
    self.apply = apply
    self.needsSchedule = needsSchedule
  }

  // MARK: Kinds

  /// The whole week: `mon-fri 9-17`.
  static func week(_ text: String) throws(Problem) -> WeekChange {
    let windows = try Problem.from { () throws(NotationError) in try WindowNotation.parse(text) }
    var change = WeekChange { $0.week = WeekMinutes(windows) }
    change.subject = .days(Set(0..<7))
    return change
  }

  /// The days that are named, and what runs over midnight into the next: `thu 10-12`, `sat closed`.
  static func days(_ text: String) throws(Problem) -> WeekChange {
    let (days, windows) = try Problem.from { () throws(NotationError) in try WindowNotation.parseDays(text) }
    return set(days, windows)
  }

  /// One day of the week: `9-12, 13-17`, or nothing.
  static func day(_ day: Int, _ text: String) throws(Problem) -> WeekChange {
    set([day], try Problem.from { () throws(NotationError) in try WindowNotation.parse(text, day: day) })
  }

  private static func set(_ days: Set<Int>, _ windows: [Window]) -> WeekChange {
    var change = WeekChange { draft in
      for day in days { draft.week.remove(day * 1440..<(day + 1) * 1440) }
      for window in windows { draft.week.insert(window.minutesOfWeek) }
    }
    change.subject = .days(days.union(windows.map(\.day)))
    return change
  }

  /// Windows painted on the week, or wiped off it.
  static func paint(_ text: String, allowed: Bool) throws(Problem) -> WeekChange {
    let windows = try Problem.from { () throws(NotationError) in try WindowNotation.parse(text) }
    var change = WeekChange(needsSchedule: allowed) { draft in
      let minutes = WeekMinutes(windows)
      draft.week = allowed ? draft.week.union(minutes) : draft.week.subtracting(minutes)
    }
    change.subject = .days(Set(windows.map(\.day)))
    return change
  }

  /// Hours and a note for one date: `closed Christmas Eve`, `9-12`.
  static func date(_ date: CivilDate, _ text: String) throws(Problem) -> WeekChange {
    let prefix = "\(date.text) "
    let hours = text.trimmingBlanks.isEmpty ? "closed" : text
    return exceptions(
      try Problem.from(after: -prefix.count) { () throws(NotationError) in
        try ExceptionNotation.parse(prefix + hours, today: date)
      })
  }

  /// Exceptions as text: `24-26 dec closed; every 25 dec closed Christmas`.
  static func exceptions(_ text: String, today: CivilDate) throws(Problem) -> WeekChange {
    var change = exceptions(
      try Problem.from { () throws(NotationError) in try ExceptionNotation.parse(text, today: today) })
    if case .dates(let dates) = change.subject {
      change.isOver = ScheduleDifference.over(dates, today: today) != nil
    }
    return change
  }

  private static func exceptions(_ exceptions: [ScheduleException]) -> WeekChange {
    var change = WeekChange { draft in
      for exception in exceptions { draft.exceptions[exception.date] = exception }
    }
    change.subject = .dates(exceptions.map(\.date))
    return change
  }

  /// Takes exceptions away: `24-26 dec`.
  static func remove(_ text: String, today: CivilDate) throws(Problem) -> WeekChange {
    let dates = try Problem.from { () throws(NotationError) in
      try ExceptionNotation.parseDates(text, today: today)
    }
    var change = WeekChange(needsSchedule: false) { draft in
      for date in dates { draft.exceptions[date] = nil }
    }
    change.subject = .removed(dates)
    return change
  }

  /// The phone's limits: `12`, `12, 200`, `, 200`; a number left out stays.
  static func limits(_ text: String) throws(Problem) -> WeekChange {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { String($0).trimmingBlanks }
    let numbers = parts.map { Int($0) }
    let isGood = zip(parts, numbers).allSatisfy { text, number in
      text.isEmpty || number.map { (0...2_147_483_647).contains($0) } ?? false
    }
    guard parts.count <= 2, isGood, numbers.contains(where: { $0 != nil }) else {
      throw Problem("expected a whole number from 0 to 2147483647, or two as in 12, 200; 0 is no limit")
    }
    return WeekChange(needsSchedule: false) { draft in
      if let rate = numbers[0] { draft.messagesPerMinute = rate }
      if numbers.count > 1, let perDay = numbers[1] { draft.messagesPerDay = perDay }
    }
  }

  /// The day's limit alone: `200`.
  static func perDay(_ text: String) throws(Problem) -> WeekChange {
    guard let number = Int(text), (0...Int(Int32.max)).contains(number) else {
      throw Problem("expected messages a day, a whole number from 0 to 2147483647; 0 is no limit")
    }
    return WeekChange(needsSchedule: false) { $0.messagesPerDay = number }
  }

  static func timeZone(_ name: String, _ zones: any TimeZoneSource) throws(Problem) -> WeekChange {
    do {
      _ = try zones.clock(of: name, now: 0)
    } catch {
      guard case .unknown(_, _, let nearest) = error else { throw Problem(error.description) }
      let suggestion = nearest.map { "; did you mean \($0)?" } ?? ""
      throw Problem(
        "unknown time zone \(Words.quoted(name)): expected a name such as Europe/Tallinn\(suggestion)")
    }
    return WeekChange { $0.timeZone = name }
  }

  // MARK: What it changed

  /// `Thu: 10:00-12:00, was 09:00-17:00; 36 h a week before, 29 h now`.
  func words(from old: Draft, to new: Draft) -> String {
    difference(from: old, to: new) + (isOver ? "; that is over: no message goes out at another time" : "")
  }

  private func difference(from old: Draft, to new: Draft) -> String {
    switch subject {
    case .days(let days): Self.words(days, from: old, to: new)
    case .removed(let dates) where dates.contains { Self.yearly($0, new) != nil }:
      Self.words(removing: dates, from: old, to: new)
    case .dates(let dates), .removed(let dates):
      old == new
        ? "Nothing changed" + (dates.first.map { ": \(Self.words($0, already: new.exceptions[$0]))" } ?? "")
        : ScheduleDifference.words(from: old.sortedExceptions, to: new.sortedExceptions)
          .joined(separator: "; ").capitalisedFirst
    case nil:
      old == new
        ? "Nothing changed"
        : DraftDifference.words(from: old, to: new).joined(separator: ", ").capitalisedFirst
    }
  }

  /// `24 Dec 2026 is closed (Christmas Eve) already`.
  private static func words(_ date: ExceptionDate, already exception: ScheduleException?) -> String {
    let verb = exception?.windows.isEmpty ?? true ? "is" : "has"
    return "\(Words.date(date)) \(verb) \(Words.hours(of: exception)) already"
  }

  /// The exception of every year that counts on a date without one of its own.
  private static func yearly(_ date: ExceptionDate, _ draft: Draft) -> ScheduleException? {
    guard case .day(let day) = date else { return nil }
    return draft.exceptions[.yearly(month: day.month, day: day.day)]
  }

  /// `24 Dec 2026 removed; every 24 Dec closed counts then, :remove every 24 dec takes it away`.
  private static func words(removing dates: [ExceptionDate], from old: Draft, to new: Draft) -> String {
    let removed = ScheduleDifference.stretches(of: dates.filter { old.exceptions[$0] != nil })
    let yearly = dates.compactMap { Self.yearly($0, new) }
    let counting = ScheduleDifference.stretches(of: yearly.map(\.date))
    let hours = yearly.count == 1 ? " \(Words.hours(of: yearly[0]))" : ""
    let what =
      removed.isEmpty
      ? "Nothing changed: no hours of that date alone" : "\(removed.joined(separator: ", ")) removed"
    return "\(what); \(counting.joined(separator: ", "))\(hours) \(yearly.count == 1 ? "counts" : "count"), "
      + ":remove \(yearly.map { ExceptionNotation.text($0.date) }.joined(separator: ", ")) takes \(yearly.count == 1 ? "it" : "them") away"
  }

  private static func words(_ days: Set<Int>, from old: Draft, to new: Draft) -> String {
    let order = [1, 2, 3, 4, 5, 6, 0].filter(days.contains)
    let times = { (draft: Draft, day: Int) in
      let text = WindowNotation.times(draft.week.windows.filter { $0.day == day })
      return text.isEmpty ? "closed" : text
    }
    var parts: [(days: [Int], new: String, old: String)] = []
    for day in order {
      let (after, before) = (times(new, day), times(old, day))
      if let index = parts.firstIndex(where: { $0.new == after && $0.old == before }) {
        parts[index].days.append(day)
      } else {
        parts.append(([day], after, before))
      }
    }
    let words = parts.map { part in
      let was = part.new == part.old ? "as it was" : "was \(part.old)"
      return "\(Words.weekdays(part.days)): \(part.new), \(was)"
    }
    let hours = { (draft: Draft) in DurationNotation.hours(minutes: draft.week.total) }
    let total =
      old.week == new.week
      ? "nothing changed" : "\(hours(old)) a week before, \(hours(new)) now"
    return words.joined(separator: "; ") + "; " + total
  }
}

extension Problem {
  /// What a notation complains of, where so many characters stand before what it read.
  static func from<Value>(
    after offset: Int = 0, _ parse: () throws(NotationError) -> Value
  ) throws(Problem) -> Value {
    do throws(NotationError) {
      return try parse()
    } catch {
      throw Problem(error.shifted(by: offset))
    }
  }
}

extension NotationError {
  /// The same where more or less stands before the text.
  func shifted(by offset: Int) -> NotationError {
    NotationError(position: max(0, position + offset), found: found, expected: expected)
  }
}
