import ArgumentParser
import Formats
import Glibc
import Scheduling
import Storage

struct ScheduleExcept: StoreCommand {
  static let configuration = CommandConfiguration.command(
    "except", of: "schedules", "Give dates hours of their own, or close them; or give them back to the week.",
    discussion: """
      Dates are such as 2026-12-24, 24 dec, 24-26 dec or every 25 dec; one without a year is the next to come. \
      Hours are such as closed or 9-12. Several schedules may be named; all of them change, or none.
      """)
  static let examples = [
    "schedules except Office 24 dec closed --note \"Christmas Eve\"",
    "schedules except Office Nights 2026-12-31 9-12", "schedules except Office every 25 dec closed",
    "schedules except Office 24-26 dec --remove",
  ]
  static let access = Store.Access.write
  @Argument(help: "The schedules' names or ids, then the dates, then closed or times.") var words: [String]
  @Option(parsing: .unconditional, help: ArgumentHelp("Why, for people.", valueName: "text")) var note:
    String?
  @Flag(help: "Give the dates back to the week.") var remove = false
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    guard words.count >= 2 else {
      throw ValidationError(
        remove ? "expected a schedule and dates" : "expected a schedule, dates, and closed or times")
    }
    if remove, note != nil { throw ValidationError("expected --note or --remove, not both") }
  }

  func run(_ store: Store) throws {
    let start = try start(store)
    let text = words[start...].joined(separator: " ")
    // All of them are read before the first is changed.
    var over: String?
    let changes = try words[..<start].map { name in
      let schedule = try store.schedule(named: name)
      let today = Words.today(of: schedule, now: shared.moment)
      let exceptions = try exceptions(text, today: today)
      over = over ?? ScheduleDifference.over(exceptions.map(\.date), today: today)
      return (schedule, exceptions)
    }
    try store.changeExceptions(
      changes.map { schedule, exceptions in
        (schedule.id, { remove ? $0.without(exceptions) : $0.with(exceptions) })
      }, shared)
    if let over, !remove { Output.complain("send-schedule: \(over): no message goes out at another time") }
  }

  /// The first word that is no schedule's name: from there on they read as dates and hours, in one word or in many.
  ///
  /// Where they cannot be read it is the first one after the first that names no schedule, and so it is of `24 dec 9-12
  /// 11-14`, of which the end can be read alone: what is wrong with them is to be said, not that they are no schedule.
  private func start(_ store: Store) throws -> Int {
    let today = CivilDate(days: 0)
    let readable = words.indices.dropFirst().first { index in
      (try? exceptions(words[index...].joined(separator: " "), today: today)) != nil
    }
    if readable == 1 { return 1 }
    let stranger = try firstStranger(store)
    guard let readable, !(stranger < readable && words[stranger].first?.isNumber == true) else {
      return stranger
    }
    return readable
  }

  private func firstStranger(_ store: Store) throws -> Int {
    try words.indices.dropFirst().first { index in
      do {
        _ = try store.schedule(named: words[index])
        return false
      } catch StoreError.unknownSchedule {
        return true
      }
    } ?? words.count - 1
  }

  /// What is asked for; with ``remove`` only the dates count.
  private func exceptions(_ text: String, today: CivilDate) throws -> [ScheduleException] {
    do {
      if remove {
        return try ExceptionNotation.parseDates(text, today: today).map { ScheduleException(date: $0) }
      }
      var exceptions = try ExceptionNotation.parse(text, today: today)
      for index in exceptions.indices { exceptions[index].note = note ?? exceptions[index].note }
      return exceptions
    } catch {
      throw Failure.usage("\(error)")
    }
  }
}

struct ScheduleHolidays: StoreCommand {
  static let configuration = CommandConfiguration.command(
    "holidays", of: "schedules", "Close the dates of an iCalendar file's all-day events.",
    discussion: """
      Their summaries become the notes. Again and again without doubling: a date that is closed already stays as it \
      is, one that has hours of its own keeps them. - reads standard input.
      """)
  static let examples = [
    "schedules holidays Office holidays-de.ics", "schedules holidays Office Nights - < holidays.ics",
  ]
  static let access = Store.Access.write
  @Argument(help: "The schedules' names or ids, then the file.") var words: [String]
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if words.count < 2 { throw ValidationError("expected a schedule and an iCalendar file") }
  }

  func run(_ store: Store) throws {
    let path = words[words.count - 1]
    try store.refuseOwnFiles(path)
    let input = try ImportInput(path: path)
    let lastYear = CivilTime(local: shared.moment).year + CalendarDates.yearsAhead
    let calendar = try CalendarDates.read(input, through: lastYear)
    if let timed = calendar.timedInWords { Output.complain("send-schedule: \(timed)") }
    guard !calendar.dates.isEmpty else { throw ImportProblem(of: calendar, in: input.name) }
    let schedules = try words.dropLast().map { try store.schedule(named: $0) }
    try store.changeExceptions(
      schedules.map { schedule in (schedule.id, { $0.with(calendar.dates, replacing: false) }) }, shared)
  }
}

extension [ScheduleException] {
  /// These and others, in the order of their dates; of one date the others' counts, or what was there.
  func with(_ others: [ScheduleException], replacing: Bool = true) -> [ScheduleException] {
    var all = Dictionary(map { ($0.date, $0) }, uniquingKeysWith: { $1 })
    for other in others where replacing || all[other.date] == nil { all[other.date] = other }
    return all.values.sorted { $0.date < $1.date }
  }

  /// These but for the dates of others.
  func without(_ others: [ScheduleException]) -> [ScheduleException] {
    let dates = Set(others.map(\.date))
    return filter { !dates.contains($0.date) }
  }
}

extension Store {
  /// Changes the exceptions of schedules, all or none, and says what each has become.
  fileprivate func changeExceptions(
    _ changes: [(id: String, change: ([ScheduleException]) -> [ScheduleException])], _ shared: SharedOptions
  ) throws {
    let done = try changeSchedules(
      changes.map { id, change in (id, { $0.exceptions = change($0.exceptions) }) }, stamp: shared.stamp)
    for (before, after) in done {
      let words = ScheduleDifference.words(from: before.content, to: after.content).joined(separator: ", ")
      try report(
        after, "schedule \(after.content.name): \(words.isEmpty ? "nothing to change" : words)",
        json: shared.json)
    }
  }
}
