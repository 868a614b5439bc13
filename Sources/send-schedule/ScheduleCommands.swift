import ArgumentParser
import Scheduling
import Storage

struct ScheduleCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schedules", abstract: "The hours in which phones may send.",
    subcommands: [
      ScheduleList.self, ScheduleShow.self, ScheduleAdd.self, ScheduleSet.self, ScheduleRemove.self,
      ScheduleHistory.self, ScheduleRestore.self,
    ])
}

struct ScheduleList: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "List all schedules.")
  @OptionGroup var shared: SharedOptions

  func run() throws {
    let store = try shared.open(for: .read)
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

struct ScheduleShow: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one schedule.")
  @Argument(help: "Its name or id.") var name: String
  @OptionGroup var shared: SharedOptions

  func run() throws {
    let store = try shared.open(for: .read)
    let schedule = try store.schedule(named: name)
    if shared.json { return try Output.shared.json { $0.schedule(schedule) } }
    let phones = try store.phones(servedBy: schedule.id).map(\.number).joined(separator: ", ")
    let minutes = WeekMinutes(schedule.content.windows).total
    let out = Output.shared
    try out.line("name        \(schedule.content.name)")
    try out.line("id          \(schedule.id)")
    try out.line("time zone   \(schedule.content.timeZone)")
    try out.line("state       \(schedule.content.isActive ? "active" : "off: everything goes through")")
    try out.line("windows     \(WindowNotation.text(schedule.content.windows))")
    try out.line("a week      \(DurationNotation.hours(minutes: minutes))")
    try out.line("revision    \(schedule.revision)")
    try out.line("phones      \(phones.isEmpty ? "-" : phones)")
  }
}

struct ScheduleAdd: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "add", abstract: "Add a schedule.")
  @Argument(help: "Its name.") var name: String
  @Argument(help: "Its windows, such as 'mon-fri 09:00-12:00, 13:00-17:30; sat 10-14'.") var windows: [String]
  @Option(help: ArgumentHelp("The IANA time zone of its hours, such as Europe/Tallinn.", valueName: "zone"))
  var timeZone: String
  @Flag(inversion: .prefixedNo, help: .hidden) var active = true
  @Flag(help: "Add it switched off: everything goes through.") var inactive = false
  @Option(help: "Its id at the gateway; a new one unless told.") var id: String?
  @OptionGroup var shared: SharedOptions

  func run() throws {
    guard !name.isEmpty else { throw Failure.usage("expected a name for the schedule") }
    let content = ScheduleContent(
      name: name, timeZone: try Words.timeZone(timeZone), isActive: active && !inactive,
      windows: try Words.windows(windows))
    let schedule = try shared.open(for: .create).addSchedule(content, id: id, stamp: shared.stamp)
    try report(schedule, "added schedule \(name)", json: shared.json)
  }
}

struct ScheduleSet: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "set", abstract: "Change a schedule.")
  @Argument(help: "Its name or id.") var name: String
  @Argument(help: "Its new windows, such as 'mon-fri 9-17'.") var windows: [String] = []
  @Option(help: ArgumentHelp("The IANA time zone of its hours.", valueName: "zone")) var timeZone: String?
  @Option(parsing: .unconditional, help: ArgumentHelp("Its new name.", valueName: "name")) var rename: String?
  @Flag(help: "Switch it on.") var active = false
  @Flag(help: "Switch it off: everything goes through.") var inactive = false
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if active, inactive { throw ValidationError("expected --active or --inactive, not both") }
    if rename?.isEmpty == true { throw ValidationError("--rename: expected a name") }
  }

  func run() throws {
    if windows.isEmpty, timeZone == nil, rename == nil, !active, !inactive {
      throw Failure.usage("nothing to change: say what, such as --time-zone Europe/Tallinn")
    }
    let newWindows = windows.isEmpty ? nil : try Words.windows(windows)
    let newZone = try timeZone.map(Words.timeZone)
    let schedule = try shared.open(for: .write).changeSchedule(name, stamp: shared.stamp) { content in
      content.windows = newWindows ?? content.windows
      content.timeZone = newZone ?? content.timeZone
      content.name = rename ?? content.name
      if active || inactive { content.isActive = active }
    }
    try report(
      schedule, "changed schedule \(schedule.content.name), revision \(schedule.revision)", json: shared.json)
  }
}

struct ScheduleRemove: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Remove a schedule; its phones may then send at any time.")
  @Argument(help: "Its name or id.") var name: String
  @OptionGroup var shared: SharedOptions

  func run() throws {
    let (schedule, freed) = try shared.open(for: .write).removeSchedule(name, stamp: shared.stamp)
    if shared.json { return try Output.shared.json { $0.schedule(schedule) } }
    try Output.shared.line("removed schedule \(schedule.content.name)")
    for phone in freed { try Output.shared.line("phone \(phone.number) may now send at any time") }
  }
}

func report(_ schedule: Schedule, _ sentence: String, json: Bool) throws {
  if json { try Output.shared.json { $0.schedule(schedule) } } else { try Output.shared.line(sentence) }
}
