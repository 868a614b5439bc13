import ArgumentParser
import Scheduling
import Storage

struct QueueSent: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sent", abstract: "Report that a claimed message was sent.")
  @Argument(help: "Its id.") var id: String
  @OptionGroup var shared: SharedOptions

  func run() throws {
    let settlement = try shared.open(for: .write).recordSent(id, now: shared.moment)
    try report(settlement, "message \(id) is sent", json: shared.json)
  }
}

struct QueueFailed: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "failed", abstract: "Report that a claimed message could not be sent.",
    discussion: "It waits again until its attempts are used up.")
  @Argument(help: "Its id.") var id: String
  @Option(parsing: .unconditional, help: ArgumentHelp("Why.", valueName: "text")) var reason: String?
  @OptionGroup var shared: SharedOptions

  func run() throws {
    let settlement = try shared.open(for: .write).recordFailure(id, reason: reason, now: shared.moment)
    let message = settlement.message
    let sentence =
      message.status == .failed
      ? "message \(id) has failed: \(message.failureReason ?? "no reason")"
      : "message \(id) waits again after \(Words.count(message.sendAttemptCount, "attempt"))"
    try report(settlement, sentence, json: shared.json)
  }
}

struct QueueCancel: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel", abstract: "Take waiting messages out of the queue, all of them or none.")
  @Argument(help: "Their ids.") var ids: [String]
  @OptionGroup var shared: SharedOptions

  func run() throws {
    try shared.open(for: .write).cancel(ids, now: shared.moment)
    try report(ids, "canceled \(Words.count(ids.count, "message"))", shared)
  }
}

struct QueueRetry: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry",
    abstract: "Put failed or canceled messages back into the queue, all of them or none.")
  @Argument(help: "Their ids.") var ids: [String]
  @OptionGroup var shared: SharedOptions

  func run() throws {
    try shared.open(for: .write).retry(ids, now: shared.moment)
    try report(ids, "\(Words.count(ids.count, "message")) back in the queue", shared)
  }
}

struct QueuePrune: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune", abstract: "Forget messages that were sent, failed or canceled long ago.")
  @Option(help: ArgumentHelp("How long ago at least, such as 30d or 12h.", valueName: "duration"))
  var olderThan: String
  @OptionGroup var shared: SharedOptions

  func run() throws {
    let now = shared.moment
    let cutoff = now - (try Words.duration(olderThan, option: "--older-than"))
    let count = try shared.open(for: .write).prune(before: cutoff, now: now)
    if shared.json {
      try Output.shared.json {
        $0.raw("{\"pruned\":")
        $0.integer(count)
        $0.raw("}")
      }
    } else {
      try Output.shared.line("forgot \(Words.count(count, "message"))")
    }
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

private func report(_ ids: [String], _ sentence: String, _ shared: SharedOptions) throws {
  guard shared.json else { return try Output.shared.line(sentence) }
  let store = try shared.open(for: .read)
  for id in ids {
    let message = try store.message(id, now: shared.moment)
    try Output.shared.json { $0.message(message) }
  }
}
