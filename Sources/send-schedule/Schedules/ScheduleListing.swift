import ArgumentParser
import Formats
import Scheduling
import Storage

struct ScheduleList: StoreCommand {
  static let configuration = CommandConfiguration.command("list", of: "schedules", "List all schedules.")
  static let examples = ["schedules list", "schedules list --json"]
  @OptionGroup var shared: SharedOptions

  func run(_ store: Store) throws {
    let schedules = try store.schedules()
    if shared.json {
      for schedule in schedules { try Output.shared.json { $0.schedule(schedule) } }
      return
    }
    let phones = Dictionary(grouping: try store.phones(), by: \.scheduleID).mapValues(\.count)
    var table = Table(["NAME", "TIME ZONE", "STATE", "PHONES", "WINDOWS"])
    for schedule in schedules {
      let content = schedule.content
      table.add([
        content.name, content.timeZone, content.isActive ? "active" : "off", "\(phones[schedule.id] ?? 0)",
        WindowNotation.text(content.windows),
      ])
    }
    try table.print()
  }
}

struct ScheduleShow: StoreCommand {
  static let configuration = CommandConfiguration.command("show", of: "schedules", "Show one schedule.")
  static let examples = ["schedules show Office", "schedules show Office --json"]
  @Argument(help: "Its name or id.") var name: String
  @OptionGroup var shared: SharedOptions

  func run(_ store: Store) throws {
    let schedule = try store.schedule(named: name)
    if shared.json { return try Output.shared.json { $0.schedule(schedule) } }
    let phones = try store.phones(servedBy: schedule.id).map(\.number).joined(separator: ", ")
    let minutes = WeekMinutes(schedule.content.windows).total
    let out = Output.shared
    try out.line("name        \(schedule.content.name)")
    try out.line("id          \(schedule.id)")
    try out.line("time zone   \(schedule.content.timeZone)")
    try out.line(
      "state       \(schedule.content.isActive ? "active" : "off: hours ignored, sends at any time")")
    try out.line("windows     \(WindowNotation.text(schedule.content.windows))")
    let exceptions = ExceptionNotation.lines(schedule.content.exceptions)
    for (index, line) in exceptions.enumerated() {
      try out.line("\(index == 0 ? "exceptions" : "          ")  \(line)")
    }
    try out.line("a week      \(DurationNotation.hours(minutes: minutes))")
    try out.line("revision    \(schedule.revision)")
    try out.line("phones      \(phones.isEmpty ? "-" : phones)")
  }
}
