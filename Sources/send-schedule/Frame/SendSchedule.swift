import ArgumentParser
import Glibc
import Storage

/// The whole program: commands for the gateway and for people.
@main
struct SendSchedule: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "send-schedule",
    abstract: "The hours in which the phones of an SMS gateway may send, and the queue that keeps to them.",
    discussion: "Without a command it opens the editor. `send-schedule --version` says what it is.",
    subcommands: [
      EditCommand.self, DemoCommand.self, PhoneCommands.self, ScheduleCommands.self, QueueCommands.self,
      Preview.self, ImportCommand.self, ExportCommand.self, Check.self, Backup.self,
    ],
    defaultSubcommand: EditCommand.self)

  /// Parses, runs, and ends the process with a sysexits code if something is wrong.
  static func main() {
    // A reader that goes away is an error of a write, so that a claim can be undone.
    signal(SIGPIPE, SIG_IGN)
    let arguments = Array(CommandLine.arguments.dropFirst())
    if arguments.contains(where: { $0.contains("postgres") || $0.contains("service=") }) {
      SecretArguments.hide()
    }
    do {
      try checkEncoding()
      try run(arguments)
      try Output.shared.flush()
    } catch {
      finish(error)
    }
  }

  /// Swift takes what is not UTF-8 for something else, which would be another file, or another text.
  private static func checkEncoding() throws {
    for place in 1..<max(1, Int(CommandLine.argc)) {
      guard let argument = CommandLine.unsafeArgv[place] else { continue }
      guard String(validatingCString: argument) != nil else {
        let words = String(cString: argument)
        throw Failure(code: Failure.usage, "argument \(place), “\(words)”: expected text in UTF-8")
      }
    }
  }

  private static func run(_ arguments: [String]) throws {
    if arguments.first == "--version" { return try Version.print() }
    if let first = arguments.first, first.hasPrefix("--generate-completion-script") {
      _ = try parseAsRoot(arguments)
      return
    }
    if let quick = QuickCommand.parse(arguments) {
      return try pointing(to: quick.path) { try quick.command.run(quick.shared) }
    }
    let choice = try CommandTree(root: self).choose(arguments)
    if choice.isHelp { return try Help.print(choice.type) }
    guard choice.type.configuration.subcommands.isEmpty else {
      throw Failure(
        code: Failure.usage, "\(choice.path.joined(separator: " ")): expected a command",
        hint: Help.pointer(choice.path))
    }
    try run(choice)
  }

  private static func run(_ choice: CommandTree.Choice) throws {
    do {
      try pointing(to: choice.path) {
        var command = try choice.type.parseAsRoot(choice.arguments)
        try command.run()
      }
    } catch  where Failure(error) == nil && !(error is ExitCode) {
      // What the parser throws: a request for help, or a mistake.
      guard choice.type.exitCode(for: error) != .success else { return try Help.print(choice.type) }
      let usage = "Usage: " + choice.type.usageString()
      throw Failure(
        code: Failure.usage,
        Self.valueWithMinus(choice.arguments) ?? Self.line(choice.type.message(for: error)),
        hint: usage + "\n" + Help.pointer(choice.path))
    }
  }

  /// The parser takes a value such as `-5m` for an option, and misses the value.
  private static func valueWithMinus(_ arguments: [String]) -> String? {
    for (option, value) in zip(arguments, arguments.dropFirst()) where option.hasPrefix("--") {
      if value.hasPrefix("-"), value.dropFirst().first?.isNumber == true {
        return "\(option): “\(value)” begins with a minus; if it is meant, write \(option)=\(value)"
      }
    }
    return nil
  }

  /// What the parser says in several lines, as one.
  private static func line(_ message: String) -> String {
    message.split(whereSeparator: \.isNewline).map { line in
      line.drop { $0 == " " || $0 == "-" && line.contains(" - ") }
    }.joined(separator: " ")
  }

  /// A mistake that says nothing of where to read on points to the command's help.
  private static func pointing(to path: [String], _ body: () throws -> Void) throws {
    do {
      try body()
    } catch let failure as Failure where failure.code == Failure.usage && failure.hint == nil {
      throw Failure(code: failure.code, failure.message, hint: Help.pointer(path))
    }
  }

  private static func finish(_ error: any Error) -> Never {
    // What was printed until now is true; a second failure has nothing to add.
    try? Output.shared.flush()
    if let failure = Failure(error) {
      if !failure.message.isEmpty { Output.complain("send-schedule: \(failure.message)") }
      for line in (failure.hint ?? "").split(separator: "\n") { Output.complain(String(line)) }
      Glibc.exit(failure.code)
    }
    let code = exitCode(for: error).rawValue
    if code == 0 { exit(withError: error) }
    Glibc.exit(code)
  }
}
