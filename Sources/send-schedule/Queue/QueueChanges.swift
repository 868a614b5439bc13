import ArgumentParser
import Formats
import Scheduling
import Storage

struct QueueCancel: StoreCommand {
  static let configuration = CommandConfiguration.command(
    "cancel", of: "queue", "Take waiting messages out of the queue, all of them or none.",
    discussion: "They are kept until they are pruned, and `queue retry` puts them back.")
  static let examples = [
    "queue cancel 019ab2c4-7d3e-7000-9f7e-2b1c3d4e5f60",
    "queue list +18005550199 --status waiting --json | jq -r .id | xargs send-schedule queue cancel",
  ]
  static let access = Store.Access.write
  @Argument(help: "Their ids.") var ids: [String]
  @OptionGroup var shared: SharedOptions

  func run(_ store: Store) throws {
    let edits = try store.cancel(ids, at: shared.time, by: Surroundings.author())
    try report(edits, "canceled \(Words.count(edits.count, "message"))", store, shared)
  }
}

struct QueueRetry: StoreCommand {
  static let configuration = CommandConfiguration.command(
    "retry", of: "queue", "Put failed or canceled messages back into the queue, all of them or none.")
  static let examples = [
    "queue retry 019ab2c4-7d3e-7000-9f7e-2b1c3d4e5f60",
    "queue list --failed --json | jq -r .id | xargs send-schedule queue retry",
  ]
  static let access = Store.Access.write
  @Argument(help: "Their ids.") var ids: [String]
  @OptionGroup var shared: SharedOptions

  func run(_ store: Store) throws {
    let edits = try store.retry(ids, at: shared.time, by: Surroundings.author())
    try report(edits, "\(Words.count(edits.count, "message")) back in the queue", store, shared)
  }
}

struct QueuePrune: StoreCommand {
  static let configuration = CommandConfiguration.command(
    "prune", of: "queue", "Forget messages that were sent, failed or canceled long ago.")
  static let examples = ["queue prune --older-than 30d", "queue prune --older-than 2w --yes"]
  static let access = Store.Access.write
  @Option(help: ArgumentHelp("How long ago at least, such as 30d or 12h.", valueName: "duration"))
  var olderThan: String
  @Flag(help: "Do not ask.") var yes = false
  @OptionGroup var shared: SharedOptions

  func validate() throws { _ = try Words.duration(olderThan, option: "--older-than") }

  func run(_ store: Store) throws {
    let now = shared.moment
    let cutoff = now - (try Words.duration(olderThan, option: "--older-than"))
    try Confirmation.require(
      "forgets messages that were sent, failed or canceled before \(Words.time(cutoff, zone: .utc))", yes: yes
    )
    let count = try store.prune(before: cutoff, at: shared.time)
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

/// Says what was done to messages; as JSON, how they stand now.
private func report(_ edits: [MessageEdit], _ sentence: String, _ store: Store, _ shared: SharedOptions)
  throws
{
  guard shared.json else { return try Output.shared.line(sentence) }
  for edit in edits {
    let message = try store.message(edit.after.id, now: shared.moment)
    try Output.shared.json { $0.message(message) }
  }
}
