import ArgumentParser
import Scheduling
import Storage

struct QueueCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "queue", abstract: "The messages of a phone: queueing, handing out, reporting.",
    subcommands: [
      QueueList.self, QueueShow.self, QueueAdd.self, QueueClaim.self, QueueSent.self, QueueFailed.self,
      QueueCancel.self, QueueRetry.self, QueuePrune.self,
    ])
}

/// A status to choose messages by: one of httpSMS's, `canceled`, or `waiting` for all that wait.
enum StatusChoice: ExpressibleByArgument {
  case waiting
  case status(MessageStatus)

  init?(argument: String) {
    if argument == "waiting" {
      self = .waiting
    } else if let status = MessageStatus(rawValue: argument) {
      self = .status(status)
    } else {
      return nil
    }
  }

  static var allValueStrings: [String] { ["waiting"] + MessageStatus.allCases.map(\.rawValue) }

  var statuses: [MessageStatus] {
    switch self {
    case .waiting: MessageStatus.allCases.filter(\.isWaiting)
    case .status(let status): [status]
    }
  }
}

struct QueueList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the messages of a phone in the order of being queued.")
  @Argument(help: "The phone's number or id.") var phone: String
  @Option(help: "Only messages that stand so; may be given several times.") var status: [StatusChoice] = []
  @Option(help: ArgumentHelp("Only messages to this number.", valueName: "number")) var contact: String?
  @Flag(help: "Only messages that failed, with the reason.") var failed = false
  @OptionGroup var shared: SharedOptions

  func run() throws {
    let store = try shared.open(for: .read)
    let now = shared.moment
    let statuses = status.flatMap(\.statuses) + (failed ? [.failed] : [])
    let filter = MessageFilter(
      statuses: Set(statuses), contact: contact.map { PhoneNumber.contact($0) ?? $0 })
    if shared.json {
      return try store.forEachMessage(of: phone, now: now, filter: filter) { message in
        try Output.shared.json { $0.message(message) }
      }
    }
    let zone = Words.zone(of: try store.state(of: phone, now: now).schedule, now: now)
    try Output.shared.line(QueueLine.headings)
    try store.forEachMessage(of: phone, now: now, filter: filter) { message in
      try Output.shared.line(QueueLine.text(message, zone: zone))
    }
  }
}

struct QueueShow: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one message.")
  @Argument(help: "Its id.") var id: String
  @OptionGroup var shared: SharedOptions

  func run() throws {
    let store = try shared.open(for: .read)
    let now = shared.moment
    let message = try store.message(id, now: now)
    if shared.json { return try Output.shared.json { $0.message(message) } }
    let zone = Words.zone(of: try store.state(of: message.owner, now: now).schedule, now: now)
    let out = Output.shared
    try out.line("id            \(message.id)")
    try out.line("from          \(message.owner)")
    try out.line("to            \(message.contact)")
    try out.line("status        \(message.status.rawValue)")
    try out.line("queued        \(Words.time(message.queuedAt, zone: zone))")
    try out.line("send at       \(Words.time(message.sendAt, zone: zone))\(message.isExact ? ", exact" : "")")
    try out.line("last attempt  \(Words.time(message.lastAttemptedAt, zone: zone))")
    try out.line("attempts      \(message.sendAttemptCount)")
    try out.line("lease until   \(Words.time(message.leaseExpiresAt, zone: zone))")
    try out.line("sent          \(Words.time(message.sentAt, zone: zone))")
    try out.line("reason        \(message.failureReason ?? "-")")
    try out.line("text          \(message.content)")
  }
}

/// A message as a line for people.
enum QueueLine {
  static let headings =
    "ID                                    STATUS     READY                       TO                TEXT"

  static func text(_ message: Message, zone: ZoneTimeline) -> String {
    let cells = [
      pad(message.id, 36), pad(message.status.rawValue, 9), pad(Words.time(message.readyAt, zone: zone), 26),
      pad(message.contact, 16),
    ]
    let reason = message.status == .failed ? " (\(message.failureReason ?? "no reason"))" : ""
    return cells.joined(separator: "  ") + "  " + message.content + reason
  }

  private static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
