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

struct QueueAdd: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "add", abstract: "Queue a message.")
  @Argument(help: "The phone's number or id.") var phone: String
  @Option(help: ArgumentHelp("Whom it goes to.", valueName: "number")) var to: String
  @Option(help: "What it says.") var text: String
  @Option(
    help: ArgumentHelp("Not before this time, such as 2026-03-29T08:00:00+02:00.", valueName: "time"),
    transform: Moment.parse)
  var sendAt: Instant?
  @Flag(help: "Send exactly when it is ready, regardless of windows and rate.") var exact = false
  @Option(help: "Its id at the gateway; a new one unless told.") var id: String?
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if PhoneNumber.contact(to) == nil {
      throw ValidationError(
        "--to: expected a number in E.164, such as +18005550199, or a short code of 3 to 6 digits")
    }
    if text.isEmpty { throw ValidationError("--text: expected a text") }
  }

  func run() throws {
    let store = try shared.open(for: .write)
    let new = NewMessage(
      id: id, contact: PhoneNumber.contact(to) ?? to, content: text, sendAt: sendAt, isExact: exact)
    for message in try store.addMessages([new], to: phone, now: shared.moment) {
      if shared.json {
        try Output.shared.json { $0.message(message) }
      } else {
        try Output.shared.line("queued message \(message.id) to \(message.contact)")
      }
    }
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
