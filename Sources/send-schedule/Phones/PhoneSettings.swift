import ArgumentParser
import Scheduling
import Storage

/// What a phone is set to.
struct PhoneSettings: ParsableArguments {
  @Option(parsing: .unconditional, help: "A name for people.") var label: String?
  @Option(parsing: .unconditional, help: "Messages a minute; 0 for no limit.") var rate: Int?
  @Option(parsing: .unconditional, help: "Messages a day; 0 for no limit.") var perDay: Int?
  @Option(help: "SIM1 or SIM2.") var sim: SIM?
  @Option(help: ArgumentHelp("Send only when this schedule lets it.", valueName: "name"))
  var schedule: String?
  @Flag(help: "Send at any time.") var noSchedule = false
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How often a message is handed out before it has failed.", valueName: "number"))
  var maxAttempts: Int?
  @Option(
    help: ArgumentHelp(
      "How long a message waits after its first failed attempt, such as 90s; twice as long each time.",
      valueName: "duration"))
  var retryDelay: String?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Hold the phone for a while after so many failures in a row; 0 for never.", valueName: "number"))
  var pauseAfterFailures: Int?

  func validate() throws {
    if schedule != nil, noSchedule {
      throw ValidationError("expected --schedule or --no-schedule, not both")
    }
    try check("--rate", rate, 0...2_147_483_647, "0 (no limit) to 2147483647 messages a minute")
    try check("--per-day", perDay, 0...2_147_483_647, "0 (no limit) to 2147483647 messages a day")
    try check("--max-attempts", maxAttempts, Phone.attempts, "1 to 1000")
    try check("--pause-after-failures", pauseAfterFailures, Phone.pauses, "0 (never) to 1000000")
    _ = try retryDelaySeconds
  }

  private func check(_ option: String, _ value: Int?, _ range: ClosedRange<Int>, _ expected: String) throws {
    if let value, !range.contains(value) { throw ValidationError("\(option): expected \(expected)") }
  }

  private var retryDelaySeconds: Int? {
    get throws {
      try retryDelay.map { text in
        let seconds = Int(try Words.seconds(text, option: "--retry-delay") / .second)
        try check("--retry-delay", seconds, Phone.retryDelays, "0s to 1h")
        return seconds
      }
    }
  }

  var isEmpty: Bool {
    label == nil && rate == nil && perDay == nil && sim == nil && maxAttempts == nil && schedule == nil
      && !noSchedule && retryDelay == nil && pauseAfterFailures == nil
  }

  /// The id of the schedule that is asked for.
  func scheduleID(_ store: Store) throws -> String? { try schedule.map { try store.schedule(named: $0).id } }

  func apply(to phone: inout Phone, scheduleID: String?) throws {
    phone.label = label ?? phone.label
    phone.messagesPerMinute = rate ?? phone.messagesPerMinute
    phone.messagesPerDay = perDay ?? phone.messagesPerDay
    phone.sim = sim ?? phone.sim
    phone.maxSendAttempts = maxAttempts ?? phone.maxSendAttempts
    phone.retryDelaySeconds = try retryDelaySeconds ?? phone.retryDelaySeconds
    phone.pauseAfterFailures = pauseAfterFailures ?? phone.pauseAfterFailures
    phone.scheduleID = noSchedule ? nil : scheduleID ?? phone.scheduleID
  }
}
