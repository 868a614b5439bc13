import ArgumentParser
import Formats
import Scheduling
import Storage

struct PhoneHold: StoreCommand {
  static let configuration = CommandConfiguration.command(
    "hold", of: "phones", "Stop phones at once: nothing goes out, exact messages neither.",
    discussion: """
      Until a moment on the clock of each phone's schedule, or until they are released. All of them are held, or none.
      """)
  static let examples = [
    "phones hold +18005550199",
    "phones hold +18005550199 --until 'thu 10:00' --reason \"SIM card is changed\"",
    "phones list --json | jq -r .phone_number | xargs send-schedule phones hold --until 'in 2 h'",
  ]
  static let access = Store.Access.write
  @Argument(help: "Their numbers or ids.") var phones: [String]
  @Option(
    help: ArgumentHelp("Until when, such as 'thu 10:00', 'in 2 h' or RFC 3339.", valueName: "moment"))
  var until: String?
  @Option(parsing: .unconditional, help: ArgumentHelp("Why, for people.", valueName: "text")) var reason:
    String?
  @OptionGroup var shared: SharedOptions

  func run(_ store: Store) throws {
    let now = shared.moment
    let holds = try phones.map { try hold($0, store, now: now) }
    // Their clocks may differ, and so the instants; in one transaction all the same.
    try store.setHolds(holds, stamp: shared.stamp)
    try report(phones, store, shared)
  }

  /// The hold that a phone gets, on its own clock.
  private func hold(_ name: String, _ store: Store, now: Instant) throws -> (phone: String, hold: Hold?) {
    let state = try store.state(of: name, now: now)
    let zone = Words.zone(of: state.schedule, now: now)
    let end =
      try until.map {
        try Words.moment(
          $0, option: "--until", zone: try store.timeline(of: state.schedule, now: now), now: now)
      } ?? .untilReleased
    guard end > now else {
      throw Failure.usage("--until: \(Words.time(end, zone: zone)) is past, expected a moment to come")
    }
    return (state.phone.id, Hold(until: end, reason: reason ?? ""))
  }
}

struct PhoneRelease: StoreCommand {
  static let configuration = CommandConfiguration.command(
    "release", of: "phones", "End the hold of phones: they send again as their hours let them.")
  static let examples = ["phones release +18005550199"]
  static let access = Store.Access.write
  @Argument(help: "Their numbers or ids.") var phones: [String]
  @OptionGroup var shared: SharedOptions

  func run(_ store: Store) throws {
    try store.release(phones: phones, stamp: shared.stamp)
    try report(phones, store, shared)
  }
}

/// Says of each phone where it stands now.
private func report(_ phones: [String], _ store: Store, _ shared: SharedOptions) throws {
  let now = shared.moment
  for name in phones {
    let state = try store.state(of: name, now: now)
    if shared.json {
      try Output.shared.json { $0.phone(state.phone) }
    } else {
      let zone = Words.zone(of: state.schedule, now: now)
      let words = state.phone.hold == nil ? "released" : PhoneStanding.words(of: state.phone.hold, zone: zone)
      try Output.shared.line("phone \(state.phone.number): \(words)")
    }
  }
}
