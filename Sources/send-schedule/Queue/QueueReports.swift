import ArgumentParser
import Formats
import Scheduling
import Storage

/// Which claim of a message a report is about.
struct ReportedClaim: ParsableArguments {
  @Argument(help: "The message's id.") var id: String
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Which claim of it, as `queue claim` printed it; else the latest.", valueName: "number"))
  var attempt: Int?

  func validate() throws {
    if let attempt, attempt < 1 { throw ValidationError("--attempt: expected 1 or more") }
  }
}

struct QueueSent: StoreCommand {
  static let configuration = CommandConfiguration.command(
    "sent", of: "queue", "Report that a claimed message was sent.",
    discussion: "That holds whoever says it, and saying it again is no error.")
  static let examples = ["queue sent 019ab2c4-7d3e-7000-9f7e-2b1c3d4e5f60 --attempt 1"]
  static let access = Store.Access.write
  @OptionGroup var claim: ReportedClaim
  @OptionGroup var shared: SharedOptions

  func run(_ store: Store) throws { try Self.run(claim.id, store, shared.plain) }

  static func run(_ id: String, _ store: Store, _ shared: PlainOptions) throws {
    let settlement = try store.recordSent(id, at: shared.time, by: Surroundings.worker)
    try report(settlement.message, warning: settlement.warning, json: shared.json) {
      "message \($0.id) is sent"
    }
  }
}

struct QueueFailed: StoreCommand {
  static let configuration = CommandConfiguration.command(
    "failed", of: "queue", "Report that a claimed message could not be sent.",
    discussion: """
      It waits again after the phone's retry delay until its attempts are used up. A late report, of another claim \
      than the latest, changes nothing and ends with exit code 65.
      """)
  static let examples = [
    "queue failed 019ab2c4-7d3e-7000-9f7e-2b1c3d4e5f60 --attempt 1 --reason \"no network\""
  ]
  static let access = Store.Access.write
  @OptionGroup var claim: ReportedClaim
  @Option(parsing: .unconditional, help: ArgumentHelp("Why.", valueName: "text")) var reason: String?
  @OptionGroup var shared: SharedOptions

  func run(_ store: Store) throws {
    try Self.run(claim.id, attempt: claim.attempt, reason: reason, store, shared.plain)
  }

  static func run(_ id: String, attempt: Int?, reason: String?, _ store: Store, _ shared: PlainOptions) throws
  {
    let settlement = try store.recordFailure(
      id, attempt: attempt, reason: reason, at: shared.time, by: Surroundings.worker)
    try report(settlement.message, warning: settlement.warning, json: shared.json) {
      sentence($0, try clock(of: $0, store, shared.moment))
    }
  }

  private static func sentence(_ message: Message, _ zone: ZoneTimeline) -> String {
    if message.status == .failed {
      return "message \(message.id) has failed: \(message.failureReason ?? "no reason")"
    }
    let again = message.retryAt.map { ", from \(Words.time($0, zone: zone)) on" } ?? ""
    return
      "message \(message.id) waits again after \(Words.count(message.sendAttemptCount, "attempt"))\(again)"
  }
}

struct QueueExtend: StoreCommand {
  static let configuration = CommandConfiguration.command(
    "extend", of: "queue", "Let a claim run longer.")
  static let examples = ["queue extend 019ab2c4-7d3e-7000-9f7e-2b1c3d4e5f60 --lease 300"]
  static let access = Store.Access.write
  @OptionGroup var claim: ReportedClaim
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How long from now on; else a minute, or as long as it has.", valueName: "seconds"))
  var lease: Int?
  @OptionGroup var shared: SharedOptions

  func validate() throws { try lease.map(QueueClaim.check(lease:)) }

  func run(_ store: Store) throws {
    let message = try store.extend(
      claim.id, attempt: claim.attempt, lease: lease.map { Int64($0) * .second }, at: shared.time,
      by: Surroundings.worker)
    try report(message, json: shared.json) {
      let zone = try clock(of: $0, store, shared.moment)
      return "message \($0.id) is claimed until \(Words.time($0.leaseExpiresAt, zone: zone))"
    }
  }
}

struct QueueRelease: StoreCommand {
  static let configuration = CommandConfiguration.command(
    "release", of: "queue", "Give a claim back: the message waits again, and the attempt is not counted.")
  static let examples = ["queue release 019ab2c4-7d3e-7000-9f7e-2b1c3d4e5f60 --attempt 1"]
  static let access = Store.Access.write
  @OptionGroup var claim: ReportedClaim
  @OptionGroup var shared: SharedOptions

  func run(_ store: Store) throws {
    let message = try store.release(
      claimOf: claim.id, attempt: claim.attempt, at: shared.time, by: Surroundings.worker)
    try report(message, json: shared.json) { "message \($0.id) waits again" }
  }
}

/// The clock of the schedule of a message's phone.
private func clock(of message: Message, _ store: Store, _ now: Instant) throws -> ZoneTimeline {
  Words.zone(of: try store.state(of: message.owner, now: now).schedule, now: now)
}

private func report(
  _ message: Message, warning: String? = nil, json: Bool, _ sentence: (Message) throws -> String
) throws {
  if let warning { Output.complain("send-schedule: warning: message \(message.id): \(warning)") }
  if json {
    try Output.shared.json { $0.message(message) }
  } else {
    try Output.shared.line(sentence(message))
  }
}
