import ArgumentParser
import Formats
import Scheduling
import Storage

struct PhoneList: StoreCommand {
  static let configuration = CommandConfiguration.command(
    "list", of: "phones", "List all phones, and where they stand.",
    discussion: """
      With --json each phone has its own fields, as in a bundle, and for monitoring: waiting, failed, claimed, \
      state (open, closed or held), open_until or opens_at, next_send_at and last_sent_at; and problem, where it \
      sends nothing because the clock of its hours is not known.
      """)
  static let examples = [
    "phones list", "phones list --json | jq -r 'select(.state == \"held\") | .phone_number'",
  ]
  @OptionGroup var shared: SharedOptions

  func run(_ store: Store) throws {
    let now = shared.moment
    let phones = try store.phoneStates(now: now)
    if shared.json {
      for phone in phones {
        let standing = try PhoneStanding.listed(phone, store: store, now: now)
        try Output.shared.json { $0.standing(standing) }
      }
      return
    }
    var table = Table(["NUMBER", "LABEL", "STATE", "RATE", "WAITING", "FAILED", "NEXT SEND", "SCHEDULE"])
    var problems: Set<String> = []
    for phone in phones {
      let standing = try PhoneStanding.listed(phone, store: store, now: now)
      table.add([
        phone.phone.number, phone.phone.label, standing.state.rawValue, Words.rate(of: phone.phone),
        "\(phone.waiting)", "\(phone.failed)", Words.time(standing.nextSendAt, zone: standing.zone),
        Words.schedule(phone.schedule),
      ])
      if let problem = standing.problem { problems.insert(problem.description) }
    }
    try table.print()
    try Output.shared.flush()
    for problem in problems.sorted() {
      Output.complain("send-schedule: \(TimeZoneError.consequence(of: problem))")
    }
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
    let standing = try PhoneStanding(state, store: store, now: now)
    if shared.json { return try Output.shared.json { $0.standing(standing) } }
    let phone = state.phone
    let zone = standing.zone
    let out = Output.shared
    try out.line("number         \(phone.number)")
    try out.line("id             \(phone.id)")
    try out.line("label          \(phone.label)")
    try out.line("sim            \(phone.sim.rawValue)")
    try out.line("rate           \(Words.rate(phone.messagesPerMinute))")
    try out.line("day's limit    \(Words.dayLimit(phone.messagesPerDay))")
    try out.line("sent today     \(try store.sentToday(by: state, now: now))")
    try out.line("attempts       \(phone.maxSendAttempts)")
    try out.line("retry delay    \(phone.retryDelaySeconds) s")
    try out.line("pause after    \(Words.pause(phone.pauseAfterFailures))")
    try out.line("schedule       \(Words.schedule(state.schedule))")
    try out.line("state          \(standing.words)")
    if standing.state == .held, let author = state.heldBy {
      try out.line("held by        \(author), \(Words.time(state.heldAt, zone: zone))")
    }
    try out.line("waiting        \(state.waiting)")
    try out.line("claimed        \(state.claimed)")
    try out.line("failed         \(state.failed)")
    try out.line("next send      \(Words.time(standing.nextSendAt, zone: zone))")
    try out.line("last sent      \(Words.time(state.lastSentAt, zone: zone))")
  }
}
