import ArgumentParser
import Scheduling
import Storage

struct QueueSent: StoreCommand {
  static let configuration = CommandConfiguration.command(
    "sent", of: "queue", "Report that a claimed message was sent.")
  static let examples = ["queue sent 019ab2c4-7d3e-7000-9f7e-2b1c3d4e5f60"]
  static let access = Store.Access.write
  @Argument(help: "Its id.") var id: String
  @Option(help: ArgumentHelp("The claim; sent holds for whichever it is.", valueName: "number")) var attempt:
    Int?
  @OptionGroup var shared: SharedOptions

  func run(_ store: Store) throws {
    let settlement = try store.recordSent(id, at: shared.time)
    try report(settlement, "message \(id) is sent", json: shared.json)
  }
}

struct QueueFailed: StoreCommand {
  static let configuration = CommandConfiguration.command(
    "failed", of: "queue", "Report that a claimed message could not be sent.",
    discussion: "It waits again until its attempts are used up.")
  static let examples = ["queue failed 019ab2c4-7d3e-7000-9f7e-2b1c3d4e5f60 --reason \"no network\""]
  static let access = Store.Access.write
  @Argument(help: "Its id.") var id: String
  @Option(help: ArgumentHelp("The claim that failed, as claim printed it.", valueName: "number")) var attempt:
    Int?
  @Option(parsing: .unconditional, help: ArgumentHelp("Why.", valueName: "text")) var reason: String?
  @OptionGroup var shared: SharedOptions

  func run(_ store: Store) throws {
    let settlement = try store.recordFailure(id, attempt: attempt, reason: reason, at: shared.time)
    let message = settlement.message
    let sentence =
      message.status == .failed
      ? "message \(id) has failed: \(message.failureReason ?? "no reason")"
      : "message \(id) waits again after \(Words.count(message.sendAttemptCount, "attempt"))"
    try report(settlement, sentence, json: shared.json)
  }
}

private func report(_ settlement: Settlement, _ sentence: String, json: Bool) throws {
  if let warning = settlement.warning {
    Output.complain("send-schedule: warning: message \(settlement.message.id): \(warning)")
  }
  if json {
    try Output.shared.json { $0.message(settlement.message) }
  } else {
    try Output.shared.line(sentence)
  }
}
