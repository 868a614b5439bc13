import ArgumentParser
import Scheduling
import Storage

struct PhoneCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "phones", abstract: "The sending phones.",
    subcommands: [PhoneList.self, PhoneShow.self, PhoneAdd.self, PhoneSet.self, PhoneRemove.self])
}

struct PhoneList: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "List all phones.")
  @OptionGroup var shared: SharedOptions

  func run() throws {
    let store = try shared.open(for: .read)
    if shared.json {
      for phone in try store.phones() { try Output.shared.json { $0.phone(phone) } }
      return
    }
    let names = Dictionary(
      try store.schedules().map { ($0.id, $0.content.name) }, uniquingKeysWith: { first, _ in first })
    var table = Table(["NUMBER", "LABEL", "SIM", "RATE", "WAITING", "SCHEDULE"])
    for (phone, waiting) in try store.overview(now: shared.moment) {
      let schedule = phone.scheduleID.map { names[$0] ?? $0 } ?? "-"
      table.add([
        phone.number, phone.label, phone.sim.rawValue, Words.rate(phone.messagesPerMinute), "\(waiting)",
        schedule,
      ])
    }
    try table.print()
  }
}

struct PhoneShow: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one phone.")
  @Argument(help: "Its number or id.") var phone: String
  @OptionGroup var shared: SharedOptions

  func run() throws {
    let store = try shared.open(for: .read)
    let now = shared.moment
    let state = try store.state(of: phone, now: now)
    if shared.json { return try Output.shared.json { $0.phone(state.phone) } }
    let zone = Words.zone(of: state.schedule, now: now)
    let out = Output.shared
    try out.line("number      \(state.phone.number)")
    try out.line("id          \(state.phone.id)")
    try out.line("label       \(state.phone.label)")
    try out.line("sim         \(state.phone.sim.rawValue)")
    try out.line("rate        \(Words.rate(state.phone.messagesPerMinute))")
    try out.line("attempts    \(state.phone.maxSendAttempts)")
    try out.line("schedule    \(state.schedule?.content.name ?? "-")")
    try out.line("waiting     \(state.waiting)")
    try out.line("last send   \(Words.time(state.previous, zone: zone))")
  }
}

/// What a phone is set to.
struct PhoneSettings: ParsableArguments {
  @Option(parsing: .unconditional, help: "A name for people.") var label: String?
  @Option(help: "Messages a minute; 0 for no limit.") var rate: Int?
  @Option(help: "SIM1 or SIM2.") var sim: SIM?
  @Option(help: ArgumentHelp("How often a message is handed out before it has failed.", valueName: "number"))
  var maxAttempts: Int?
  @Option(help: ArgumentHelp("Send only when this schedule lets it.", valueName: "name"))
  var schedule: String?
  @Flag(help: "Send at any time.") var noSchedule = false

  func validate() throws {
    if schedule != nil, noSchedule {
      throw ValidationError("expected --schedule or --no-schedule, not both")
    }
    if let rate, !(0...2_147_483_647).contains(rate) {
      throw ValidationError("--rate: expected 0 (no limit) to 2147483647 messages a minute")
    }
    if let maxAttempts, !(1...1000).contains(maxAttempts) {
      throw ValidationError("--max-attempts: expected 1 to 1000")
    }
  }

  var isEmpty: Bool {
    label == nil && rate == nil && sim == nil && maxAttempts == nil && schedule == nil && !noSchedule
  }

  /// The id of the schedule that is asked for.
  func scheduleID(_ store: Store) throws -> String? { try schedule.map { try store.schedule(named: $0).id } }

  func apply(to phone: inout Phone, scheduleID: String?) {
    phone.label = label ?? phone.label
    phone.messagesPerMinute = rate ?? phone.messagesPerMinute
    phone.sim = sim ?? phone.sim
    phone.maxSendAttempts = maxAttempts ?? phone.maxSendAttempts
    phone.scheduleID = noSchedule ? nil : scheduleID ?? phone.scheduleID
  }
}

struct PhoneAdd: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "add", abstract: "Add a phone.")
  @Argument(help: "Its number in E.164, such as +18005550199.") var number: String
  @Option(help: "Its id at the gateway; a new one unless told.") var id: String?
  @OptionGroup var settings: PhoneSettings
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if PhoneNumber.e164(number) == nil {
      throw ValidationError("expected a number in E.164, such as +18005550199")
    }
  }

  func run() throws {
    let store = try shared.open(for: .create)
    let id = id ?? NewID.make(at: shared.moment)
    var phone = Phone(id: id, number: PhoneNumber.e164(number) ?? number)
    settings.apply(to: &phone, scheduleID: try settings.scheduleID(store))
    try store.addPhone(phone)
    try report(phone, "added phone \(phone.number)", json: shared.json)
  }
}

struct PhoneSet: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "set", abstract: "Change a phone.")
  @Argument(help: "Its number or id.") var phone: String
  @OptionGroup var settings: PhoneSettings
  @OptionGroup var shared: SharedOptions

  func run() throws {
    if settings.isEmpty { throw Failure.usage("nothing to change: say what, such as --rate 10") }
    let store = try shared.open(for: .write)
    let scheduleID = try settings.scheduleID(store)
    let changed = try store.changePhone(phone) { settings.apply(to: &$0, scheduleID: scheduleID) }
    try report(changed, "changed phone \(changed.number)", json: shared.json)
  }
}

struct PhoneRemove: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Remove a phone with all its messages.")
  @Argument(help: "Its number or id.") var phone: String
  @OptionGroup var shared: SharedOptions

  func run() throws {
    let (phone, waiting) = try shared.open(for: .write).removePhone(phone)
    let lost = waiting == 0 ? "" : " and \(Words.count(waiting, "waiting message"))"
    try report(phone, "removed phone \(phone.number)\(lost)", json: shared.json)
  }
}

private func report(_ phone: Phone, _ sentence: String, json: Bool) throws {
  if json { try Output.shared.json { $0.phone(phone) } } else { try Output.shared.line(sentence) }
}
