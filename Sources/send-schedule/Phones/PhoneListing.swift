import ArgumentParser
import Scheduling
import Storage

struct PhoneList: StoreCommand {
  static let configuration = CommandConfiguration.command("list", of: "phones", "List all phones.")
  static let examples = ["phones list", "phones list --json | jq -r .phone_number"]
  @OptionGroup var shared: SharedOptions

  func run(_ store: Store) throws {
    if shared.json {
      for phone in try store.phones() { try Output.shared.json { $0.phone(phone) } }
      return
    }
    let names = Dictionary(
      try store.schedules().map { ($0.id, $0.content.name) }, uniquingKeysWith: { first, _ in first })
    var table = Table(["NUMBER", "LABEL", "SIM", "RATE", "WAITING", "SCHEDULE"])
    for state in try store.phoneStates(now: shared.moment) {
      let (phone, waiting) = (state.phone, state.waiting)
      let schedule = phone.scheduleID.map { names[$0] ?? $0 } ?? "-"
      table.add([
        phone.number, phone.label, phone.sim.rawValue, Words.rate(phone.messagesPerMinute), "\(waiting)",
        schedule,
      ])
    }
    try table.print()
  }
}

struct PhoneShow: StoreCommand {
  static let configuration = CommandConfiguration.command("show", of: "phones", "Show one phone.")
  static let examples = ["phones show +18005550199", "phones show +18005550199 --json"]
  @Argument(help: "Its number or id.") var phone: String
  @OptionGroup var shared: SharedOptions

  func run(_ store: Store) throws {
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
