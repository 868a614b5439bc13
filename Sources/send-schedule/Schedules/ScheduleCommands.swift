import ArgumentParser
import Formats
import Scheduling
import Storage

struct ScheduleCommands: ParsableCommand {
  static let configuration = CommandConfiguration.group(
    "schedules", "The hours in which phones may send.",
    [
      ScheduleList.self, ScheduleShow.self, ScheduleAdd.self, ScheduleSet.self, ScheduleRemove.self,
      ScheduleHistory.self, ScheduleRestore.self, ScheduleExcept.self, ScheduleHolidays.self,
    ])
}

struct ScheduleAdd: StoreCommand {
  static let configuration = CommandConfiguration.command("add", of: "schedules", "Add a schedule.")
  static let examples = [
    "schedules add Office 'mon-fri 09:00-12:00, 13:00-17:30; sat 10-14' --time-zone Europe/Berlin",
    "schedules add Nights 'daily 22:00-06:00' --time-zone Asia/Tokyo",
  ]
  static let access = Store.Access.create
  @Argument(help: "Its name.") var name: String
  @Argument(help: "Its windows, such as 'mon-fri 09:00-12:00, 13:00-17:30; sat 10-14'.") var windows: [String]
  @Option(help: ArgumentHelp("The IANA time zone of its hours, such as Europe/Tallinn.", valueName: "zone"))
  var timeZone: String
  @Flag(inversion: .prefixedNo, help: .hidden) var active = true
  @Flag(help: "Add it switched off: its phones send at any time.") var inactive = false
  @Option(help: "Its id at the gateway; a new one unless told.") var id: String?
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if name.isEmpty { throw ValidationError("expected a name for the schedule") }
    _ = try Words.windows(windows)
  }

  private var content: ScheduleContent {
    get throws {
      ScheduleContent(
        name: name, timeZone: try Words.timeZone(timeZone), isActive: active && !inactive,
        windows: try Words.windows(windows))
    }
  }

  func run(_ store: Store) throws {
    let schedule = try store.addSchedule(content, id: id, stamp: shared.stamp)
    try report(schedule, "added schedule \(name)", json: shared.json)
  }
}

struct ScheduleSet: StoreCommand {
  static let configuration = CommandConfiguration.command(
    "set", of: "schedules", "Change a schedule.",
    discussion: "Windows that are given replace the whole week; its exceptions stay.")
  static let examples = [
    "schedules set Office 'mon-fri 9-17'", "schedules set Office --time-zone Europe/Tallinn --rename Desk",
    "schedules set Office --inactive",
  ]
  static let access = Store.Access.write
  @Argument(help: "Its name or id.") var name: String
  @Argument(help: "Its new windows, such as 'mon-fri 9-17'.") var windows: [String] = []
  @Option(help: ArgumentHelp("The IANA time zone of its hours.", valueName: "zone")) var timeZone: String?
  @Option(parsing: .unconditional, help: ArgumentHelp("Its new name.", valueName: "name")) var rename: String?
  @Flag(help: "Switch it on.") var active = false
  @Flag(help: "Switch it off: its phones send at any time.") var inactive = false
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if active, inactive { throw ValidationError("expected --active or --inactive, not both") }
    if rename?.isEmpty == true { throw ValidationError("--rename: expected a name") }
    if windows.isEmpty, timeZone == nil, rename == nil, !active, !inactive {
      throw ValidationError("nothing to change: say what, such as --time-zone Europe/Tallinn")
    }
  }

  func run(_ store: Store) throws {
    let newWindows = windows.isEmpty ? nil : try Words.windows(windows)
    let newZone = try timeZone.map(Words.timeZone)
    var before: ScheduleContent?
    let schedule = try store.changeSchedule(name, stamp: shared.stamp) { content in
      before = content
      content.windows = newWindows ?? content.windows
      content.timeZone = newZone ?? content.timeZone
      content.name = rename ?? content.name
      if active || inactive { content.isActive = active }
    }
    let changes = before.map { ScheduleDifference.words(from: $0, to: schedule.content) } ?? []
    let words = changes.isEmpty ? "nothing differs" : changes.joined(separator: "; ")
    let isSaid = before?.isActive != schedule.content.isActive
    let off =
      schedule.content.isActive ? "" : "; \(isSaid ? "" : "hours ignored: ")its phones send at any time"
    try report(
      schedule, "changed schedule \(schedule.content.name): \(words)\(off); revision \(schedule.revision)",
      json: shared.json)
  }
}

struct ScheduleRemove: StoreCommand {
  static let configuration = CommandConfiguration.command(
    "remove", of: "schedules", "Remove a schedule; its phones may then send at any time.",
    discussion: "Its history stays: `schedules restore` can make it again.")
  static let examples = ["schedules remove Office", "schedules remove Office --yes"]
  static let access = Store.Access.write
  @Argument(help: "Its name or id.") var name: String
  @Flag(help: "Do not ask.") var yes = false
  @OptionGroup var shared: SharedOptions

  func run(_ store: Store) throws {
    try Confirmation.require(try question(store), yes: yes)
    let (schedule, freed) = try store.removeSchedule(name, stamp: shared.stamp)
    if shared.json { return try Output.shared.json { $0.schedule(schedule) } }
    try Output.shared.line("deleted schedule \(schedule.content.name)")
    for phone in freed { try Output.shared.line("phone \(phone.number) may now send at any time") }
  }

  /// What goes, and which phones may then send at any time.
  private func question(_ store: Store) throws -> String {
    let schedule = try store.schedule(named: name)
    let phones = try store.phones(servedBy: schedule.id)
    let sentence = "removes schedule \(schedule.content.name)"
    guard !phones.isEmpty else { return sentence + ", which no phone has" }
    let named = phones.prefix(3).map(\.number).joined(separator: ", ")
    let more = phones.count > 3 ? " and \(phones.count - 3) more" : ""
    return sentence + "; \(named)\(more) may then send at any time"
  }
}

func report(_ schedule: Schedule, _ sentence: String, json: Bool) throws {
  if json { try Output.shared.json { $0.schedule(schedule) } } else { try Output.shared.line(sentence) }
}
