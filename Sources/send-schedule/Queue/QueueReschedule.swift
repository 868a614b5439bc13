import ArgumentParser
import Formats
import Scheduling
import Storage

struct QueueReschedule: StoreCommand {
  static let configuration = CommandConfiguration.command(
    "reschedule", of: "queue", "Send a waiting message at another time.",
    discussion: "The moment is on the clock of the schedule of the message's phone.")
  static let examples = [
    "queue reschedule 019ab2c4-7d3e-7000-9f7e-2b1c3d4e5f60 --send-at 'tomorrow 8:00'",
    "queue reschedule 019ab2c4-7d3e-7000-9f7e-2b1c3d4e5f60 --send-at now",
  ]
  static let access = Store.Access.write
  @Argument(help: "Its id.") var id: String
  @Option(help: ArgumentHelp("Not before this moment.", valueName: "moment")) var sendAt: String
  @OptionGroup var shared: SharedOptions

  func run(_ store: Store) throws {
    let now = shared.moment
    let owner = try store.message(id, now: now).owner
    let schedule = try store.state(of: owner, now: now).schedule
    let sendAt = try Words.moment(
      sendAt, option: "--send-at", zone: try store.timeline(of: schedule, now: now), now: now)
    let edit = try store.reschedule(id, sendAt: sendAt, at: shared.time, by: Surroundings.author())
    if let expiresAt = edit.after.expiresAt, expiresAt < sendAt {
      let expiry = Words.time(expiresAt, zone: Words.zone(of: schedule, now: now))
      Output.complain("send-schedule: message \(id) expires before that, at \(expiry): it would not go out")
    }
    if shared.json { return try Output.shared.json { $0.message(edit.after) } }
    try Output.shared.line(
      "message \(id) does not go out before \(Words.time(sendAt, zone: Words.zone(of: schedule, now: now)))")
  }
}
