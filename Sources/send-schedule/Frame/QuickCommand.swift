import Scheduling
import Storage

/// The commands that a gateway starts many times a minute, parsed without the argument parser, which takes longer than
/// what they do.
///
/// Only what is plainly right is taken here; anything else, a mistake or a wish for help, is the parser's.
enum QuickCommand {
  case claim(ClaimRequest)
  case sent(id: String)
  case failed(id: String, attempt: Int?, reason: String?)

  /// The command and its shared options; nil where the argument parser shall see to it.
  static func parse(_ arguments: [String]) -> (command: QuickCommand, path: [String], shared: PlainOptions)? {
    guard arguments.count > 2, arguments[0] == "queue" else { return nil }
    guard let words = PlainWords(arguments.dropFirst(2)), words.isValid, let shared = PlainOptions(words)
    else {
      return nil
    }
    let command: QuickCommand? =
      switch arguments[1] {
      case "claim": claim(words)
      case "sent": sent(words)
      case "failed": failed(words)
      default: nil
      }
    return command.map { ($0, [arguments[0], arguments[1]], shared) }
  }

  private static func claim(_ words: PlainWords) -> QuickCommand? {
    guard words.hasOnly(["--lease", "--wait", "--timeout"]),
      let lease = words.number("--lease", 1...QueueClaim.longest, otherwise: QueueClaim.usual)
    else { return nil }
    let wait = words.options["--wait"] != nil
    var timeout: Int?
    if words.options["--timeout"] != nil {
      guard wait, let given = words.number("--timeout", 0...QueueClaim.longest, otherwise: 0) else {
        return nil
      }
      timeout = given
    }
    return .claim(ClaimRequest(phone: words.subject, lease: lease, wait: wait, timeout: timeout))
  }

  private static func sent(_ words: PlainWords) -> QuickCommand? {
    guard words.hasOnly(["--attempt"]), words.number("--attempt", 1...Int.max, otherwise: 1) != nil else {
      return nil
    }
    return .sent(id: words.subject)
  }

  private static func failed(_ words: PlainWords) -> QuickCommand? {
    guard words.hasOnly(["--attempt", "--reason"]),
      let attempt = words.number("--attempt", 1...Int.max, otherwise: 0)
    else { return nil }
    return .failed(
      id: words.subject, attempt: attempt == 0 ? nil : attempt, reason: words.options["--reason"])
  }

  func run(_ shared: PlainOptions) throws {
    try withStore(shared, for: .write) { store in
      switch self {
      case .claim(let request): try request.run(store, shared)
      case .sent(let id): try QueueSent.run(id, store, shared)
      case .failed(let id, let attempt, let reason):
        try QueueFailed.run(id, attempt: attempt, reason: reason, store, shared)
      }
    }
  }
}

/// The words after a command: one that stands alone, and options with their values.
private struct PlainWords {
  private(set) var subject = ""
  private(set) var options: [String: String] = [:]
  private(set) var isValid = false

  private static let flags: Set<String> = ["--wait", "--json"]
  private static let shared: Set<String> = ["--database", "--json", "--now"]

  /// Nil if a word is none that is plain, or stands there twice.
  init?(_ words: ArraySlice<String>) {
    var rest = words
    while let word = rest.popFirst() {
      guard word.hasPrefix("-") else {
        guard subject.isEmpty, !word.isEmpty else { return nil }
        subject = word
        continue
      }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let name = parts[0]
      guard name.hasPrefix("--"), name.utf8.count > 2, options[name] == nil else { return nil }
      if Self.flags.contains(name) {
        guard parts.count == 1 else { return nil }
        options[name] = ""
      } else {
        guard let value = parts.count == 2 ? parts[1] : rest.popFirst(), !value.isEmpty,
          !value.hasPrefix("-")
        else { return nil }
        options[name] = value
      }
    }
    isValid = !subject.isEmpty
  }

  /// Whether all options are some of these, or such as every command has.
  func hasOnly(_ names: Set<String>) -> Bool {
    options.keys.allSatisfy { names.contains($0) || Self.shared.contains($0) }
  }

  /// The value of an option, or what counts without it; nil if it is no such number.
  func number(_ name: String, _ range: ClosedRange<Int>, otherwise: Int) -> Int? {
    guard let text = options[name] else { return otherwise }
    return Int(text).flatMap { range.contains($0) ? $0 : nil }
  }
}

extension PlainOptions {
  fileprivate init?(_ words: PlainWords) {
    self.init(database: words.options["--database"], json: words.options["--json"] != nil, now: nil)
    guard let text = words.options["--now"] else { return }
    guard let now = Timestamp.parse(text) else { return nil }
    self.now = now
  }
}
