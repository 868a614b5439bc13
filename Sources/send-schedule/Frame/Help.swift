import ArgumentParser
import Canvas

/// What `--help` prints.
enum Help {
  /// Prints the help of a command, with examples of its use.
  static func print(_ command: any ParsableCommand.Type) throws {
    for line in command.helpMessage().split(separator: "\n", omittingEmptySubsequences: false) {
      try Output.shared.line(String(line))
    }
    guard let examples = (command as? any Command.Type)?.examples else { return }
    try Output.shared.line("EXAMPLES:")
    for example in examples { try Output.shared.line("  send-schedule " + example) }
  }

  /// A command as it is typed.
  static func name(_ path: [String]) -> String { (["send-schedule"] + path).joined(separator: " ") }

  /// Where to read on.
  static func pointer(_ path: [String]) -> String { "See `\(name(path)) --help`." }
}
