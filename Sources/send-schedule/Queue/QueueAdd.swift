import ArgumentParser
import Formats
import Glibc
import Scheduling
import Storage

struct QueueAdd: StoreCommand {
  static let configuration = CommandConfiguration.command(
    "add", of: "queue", "Queue a message, or many from standard input.",
    discussion: """
      Moments are such as 'thu 10:00', 'in 2 h' or RFC 3339, on the clock of the phone's schedule. \
      With --json but without --to it reads messages from standard input, all or nothing: objects, one a line or \
      in a list, with contact, content and as one likes scheduled_send_time, exact, expires_at, id. With --csv it \
      reads CSV with the columns ToPhoneNumber, Content and SendTime(optional).
      """)
  static let examples = [
    "queue add +18005550199 --to +18005550100 --text \"Your table is ready.\"",
    "queue add +18005550199 --to +18005550100 --text \"See you at ten.\" --send-at 'thu 8:00' --expires 'thu 10:00'",
    "queue add +18005550199 --to 12345 --text - --expires 10m < message.txt",
    "queue add +18005550199 --csv < messages.csv",
  ]
  static let access = Store.Access.write
  @Argument(help: "The phone's number or id.") var phone: String
  @Option(help: ArgumentHelp("Whom it goes to.", valueName: "number")) var to: String?
  @Option(parsing: .unconditional, help: "What it says; - reads it from standard input.") var text: String?
  @Option(help: ArgumentHelp("Not before this moment.", valueName: "moment")) var sendAt: String?
  @Flag(help: "Send exactly when it is ready, regardless of windows, rate and the day's limit.") var exact =
    false
  @Option(
    help: ArgumentHelp(
      "Not after this moment, or not later than so long from now.", valueName: "moment|duration"))
  var expires: String?
  @Option(help: "Its id at the gateway; a new one unless told.") var id: String?
  @Flag(help: "Read messages as CSV from standard input.") var csv = false
  @OptionGroup var shared: SharedOptions

  /// Nothing of a message is on the command line.
  private var isBare: Bool {
    to == nil && text == nil && id == nil && sendAt == nil && expires == nil && !exact
  }
  /// Whether the messages come from standard input.
  private var isPiped: Bool { csv || shared.json && isBare }

  func validate() throws {
    if isPiped {
      guard isBare else { throw ValidationError("--csv: expected no message on the command line beside it") }
      return
    }
    guard let to else { throw ValidationError("--to: expected the number that the message goes to") }
    if PhoneNumber.contact(to) == nil {
      throw ValidationError(
        "--to: “\(to)”: expected a number in E.164, such as +18005550199, or a short code of 3 to 6 digits")
    }
    guard let text, !text.isEmpty else { throw ValidationError("--text: expected a text") }
  }

  func run(_ store: Store) throws {
    if isPiped { return try queueInput(store) }
    let content = try content()
    let segments = SMSSegments(content)
    if segments.isTooLong {
      throw Failure(
        code: Failure.badData,
        "--text: \(segments.count) SMS, expected at most \(SMSSegments.most); shorten it or make it several messages"
      )
    }
    let message = try message(content, store)
    for added in try store.addMessages([message], to: phone, at: shared.time) {
      if shared.json {
        try Output.shared.json { $0.message(added) }
      } else {
        let encoding = segments.encoding == .gsm7 ? "GSM 03.38" : "UCS-2"
        try Output.shared.line(
          "queued message \(added.id) to \(added.contact), \(segments.count) SMS (\(encoding))")
      }
    }
    if let sendAt, let moment = message.sendAt, moment < shared.moment {
      Output.complain("send-schedule: --send-at: “\(sendAt)” is over: the message is ready at once")
    }
  }

  private func message(_ content: String, _ store: Store) throws -> NewMessage {
    let now = shared.moment
    let schedule = try store.state(of: phone, now: now).schedule
    let sendAt = try sendAt.map {
      try Words.moment($0, option: "--send-at", zone: try store.timeline(of: schedule, now: now), now: now)
    }
    let expiresAt = try expires.map {
      try Words.expiry($0, option: "--expires", zone: try store.timeline(of: schedule, now: now), now: now)
    }
    if let expiresAt, expiresAt < max(now, sendAt ?? now) {
      throw Failure.usage(
        "--expires: expected a moment after now and its send time, not \(Words.time(expiresAt, zone: Words.zone(of: schedule, now: now)))"
      )
    }
    return NewMessage(
      id: id, contact: to.flatMap { PhoneNumber.contact($0) } ?? "", content: content, sendAt: sendAt,
      isExact: exact, expiresAt: expiresAt)
  }

  /// The text, which standard input holds for `-`; the line end at its end is the shell's.
  private func content() throws -> String {
    guard text == "-" else { return text ?? "" }
    guard var content = String(validating: try standardInput(), as: UTF8.self) else {
      throw Failure(code: Failure.badData, "standard input: expected text in UTF-8")
    }
    while content.last == "\n" || content.last == "\r\n" { content.removeLast() }
    guard !content.isEmpty else { throw Failure(code: Failure.badData, "standard input: expected a text") }
    return content
  }

  private func standardInput() throws -> [UInt8] {
    var (bytes, piece) = ([UInt8](), [UInt8](repeating: 0, count: 65_536))
    while true {
      let count = read(STDIN_FILENO, &piece, piece.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        throw Failure(code: Failure.inputOutput, "standard input: \(String(cString: strerror(errno)))")
      }
      if count == 0 { return bytes }
      bytes += piece[..<count]
    }
  }

  /// Queues what comes from standard input. What is printed is queued for good.
  private func queueInput(_ store: Store) throws {
    let watch = ImportWatch()
    let input = try ImportInput(path: "-", monitor: watch.advance)
    watch.begin("queueing", size: input.size)
    let new = try store.newMessages(input, as: csv ? .csv : .json, for: phone)
    let messages = try store.addMessages(new, to: phone, at: shared.time)
    watch.end()
    guard shared.json else {
      return try Output.shared.line("queued \(Words.count(messages.count, "message"))")
    }
    for message in messages { try Output.shared.json { $0.message(message) } }
  }
}
