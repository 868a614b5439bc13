import ArgumentParser
import Scheduling
import Storage

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
