import ArgumentParser
import Formats
import Scheduling
import Storage

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

struct QueueList: StoreCommand {
  static let configuration = CommandConfiguration.command(
    "list", of: "queue", "List messages in the order of being queued.")
  static let examples = [
    "queue list", "queue list +18005550199 --status waiting", "queue list --failed --json",
    "queue list --contact +18005550100",
  ]
  @Argument(help: "The phone's number or id; without one, all phones.") var phone: String?
  @Option(help: "Only messages that stand so; may be given several times.") var status: [StatusChoice] = []
  @Option(help: ArgumentHelp("Only messages to this number.", valueName: "number")) var contact: String?
  @Flag(help: "Only messages that failed, with the reason.") var failed = false
  @OptionGroup var shared: SharedOptions

  func run(_ store: Store) throws {
    let statuses = status.flatMap(\.statuses) + (failed ? [.failed] : [])
    let filter = MessageFilter(
      statuses: Set(statuses), contact: contact.map { PhoneNumber.contact($0) ?? $0 })
    let now = shared.moment
    if shared.json {
      return try store.forEachMessage(of: phone, now: now, filter: filter) { message in
        try Output.shared.json { $0.message(message) }
      }
    }
    // Read first: within the walk over the messages the database does nothing else.
    let zones = Dictionary(
      try store.phoneStates(now: now).map { ($0.phone.number, Words.zone(of: $0.schedule, now: now)) },
      uniquingKeysWith: { first, _ in first })
    var line = LineBytes()
    if let phone { _ = try store.phone(named: phone) }
    QueueLine.headings(&line)
    var last: (owner: String, zone: ZoneTimeline)?
    try store.forEachMessage(of: phone, now: now, filter: filter) { message in
      if last?.owner != message.owner { last = (message.owner, zones[message.owner] ?? .utc) }
      QueueLine.write(message, zone: last?.zone ?? .utc, &line)
      try line.print()
    }
    try line.print(all: true)
  }
}

struct QueueShow: StoreCommand {
  static let configuration = CommandConfiguration.command("show", of: "queue", "Show one message.")
  static let examples = ["queue show 019ab2c4-7d3e-7000-9f7e-2b1c3d4e5f60"]
  @Argument(help: "Its id.") var id: String
  @OptionGroup var shared: SharedOptions

  func run(_ store: Store) throws {
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
    try out.line("expires       \(Words.time(message.expiresAt, zone: zone))")
    try out.line("not before    \(Words.time(message.retryAt, zone: zone))")
    try out.line("last attempt  \(Words.time(message.lastAttemptedAt, zone: zone))")
    try out.line("attempts      \(message.sendAttemptCount)")
    try out.line("lease until   \(Words.time(message.leaseExpiresAt, zone: zone))")
    try out.line("sent          \(Words.time(message.sentAt, zone: zone))")
    try out.line("reason        \(message.failureReason ?? "-")")
    try out.line("text          \(message.content)")
    for event in try store.history(ofMessage: id) {
      let words = [event.kind.rawValue, event.attempt.map { "attempt \($0)" }, event.reason, event.by]
      let line = words.compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: ", ")
      try out.line("history       \(Words.time(event.at, zone: zone))  \(line)")
    }
  }
}

/// A message as a line for people.
enum QueueLine {
  static func headings(_ line: inout LineBytes) {
    line.cell("ID", 36)
    line.cell("STATUS", 9)
    line.cell("READY", 26)
    line.cell("FROM", 16)
    line.cell("TO", 16)
    line.text("TEXT")
    line.end()
  }

  static func write(_ message: Message, zone: ZoneTimeline, _ line: inout LineBytes) {
    line.cell(message.id, 36)
    line.cell(message.status.rawValue, 9)
    line.time(message.readyAt, zone: zone)
    line.cell(message.owner, 16)
    line.cell(message.contact, 16)
    line.text(message.content)
    if message.status == .failed { line.text(" (\(message.failureReason ?? "no reason"))") }
    line.end()
  }
}
