import ArgumentParser
import Scheduling

/// A command of the program, with what its help shows beside what the parser knows of it.
protocol Command: ParsableCommand {
  /// Command lines as a person would type them, without the program's name.
  static var examples: [String] { get }
}

/// Finds the command that is meant, so that only that one is parsed: its usage and its help are the ones
/// that answer, and options may stand before it.
struct CommandTree {
  /// What the arguments name, and what is left of them for it.
  struct Choice {
    /// The names that lead to it, such as `["queue", "claim"]`; empty for the program itself.
    var path: [String]
    var type: any ParsableCommand.Type
    var arguments: [String]
    /// Its help is asked for.
    var isHelp = false
  }

  let root: any ParsableCommand.Type
  /// Options of the program that take a value, which may stand before the command.
  static let optionsWithValue: Set<String> = ["--database", "--now"]
  /// What people type for the names of commands here.
  static let synonyms = [
    "delete": "remove", "rm": "remove", "del": "remove", "ls": "list", "create": "add", "new": "add",
    "update": "set", "change": "set", "edit": "set", "stop": "hold", "pause": "hold", "resume": "release",
    "message": "queue", "messages": "queue", "forecast": "preview", "verify": "check", "restore": "import",
  ]

  /// Throws a ``Failure`` that proposes the nearest command if none has the name.
  func choose(_ arguments: [String]) throws -> Choice {
    var choice = Choice(path: [], type: root, arguments: [])
    var rest = arguments[...]
    while !choice.type.configuration.subcommands.isEmpty {
      choice.arguments += leadingOptions(&rest)
      if choice.arguments.contains(where: ["-h", "--help"].contains) {
        choice.isHelp = true
        return choice
      }
      guard let name = rest.first, name != "--" else { break }
      if name == "help" {
        choice.isHelp = true
      } else if let command = command(name, of: choice.type) {
        choice.path.append(name)
        choice.type = command
      } else {
        guard choice.path.isEmpty, mayBePhone(name, followedBy: rest.dropFirst()) else {
          throw unknown(name, in: choice)
        }
        break
      }
      rest.removeFirst()
    }
    if choice.isHelp { return choice }
    return finished(choice, rest)
  }

  /// What a group without the name of a command means: the editor, or its help.
  private func finished(_ choice: Choice, _ rest: ArraySlice<String>) -> Choice {
    var choice = choice
    if let standard = choice.type.configuration.defaultSubcommand {
      choice.path.append(standard._commandName)
      choice.type = standard
    }
    choice.arguments += rest
    return choice
  }

  private func command(_ name: String, of group: any ParsableCommand.Type) -> (any ParsableCommand.Type)? {
    group.configuration.subcommands.first { $0.configuration.commandName == name }
  }

  /// Takes the options that stand first, with their values.
  private func leadingOptions(_ rest: inout ArraySlice<String>) -> [String] {
    var options: [String] = []
    while let first = rest.first, first.hasPrefix("-"), first != "-", first != "--" {
      options.append(rest.removeFirst())
      if Self.optionsWithValue.contains(first), let value = rest.popFirst() { options.append(value) }
    }
    return options
  }

  /// The editor is what opens for a phone without a command: a number, or an id that is near no command.
  private func mayBePhone(_ name: String, followedBy rest: ArraySlice<String>) -> Bool {
    if name.hasPrefix("+") || name.first?.isNumber == true { return true }
    return proposal(for: name, in: root) == nil && !rest.contains { !$0.hasPrefix("-") }
  }

  private func unknown(_ name: String, in choice: Choice) -> Failure {
    let names = choice.type.configuration.subcommands.compactMap { $0.configuration.commandName }
    let place = (["send-schedule"] + choice.path).joined(separator: " ")
    let answer =
      proposal(for: name, in: choice.type).map { "did you mean `\(place) \($0)`?" }
      ?? "expected \(names.dropLast().joined(separator: ", ")) or \(names.last ?? "")"
    let subject = (choice.path + ["no command “\(name)”"]).joined(separator: ": ")
    return Failure(code: Failure.usage, "\(subject); \(answer)", hint: "See `\(place) --help`.")
  }

  private func proposal(for name: String, in group: any ParsableCommand.Type) -> String? {
    let names = group.configuration.subcommands.compactMap { $0.configuration.commandName }
    if let synonym = Self.synonyms[name], names.contains(synonym) { return synonym }
    return Suggestion.nearest(to: name, among: names)
  }
}

extension CommandConfiguration {
  /// The configuration of a command that stands in a group, or directly in the program.
  static func command(_ name: String, of group: String? = nil, _ abstract: String, discussion: String = "")
    -> CommandConfiguration
  {
    CommandConfiguration(
      commandName: name, _superCommandName: group.map { "send-schedule \($0)" } ?? "send-schedule",
      abstract: abstract, discussion: discussion)
  }

  /// The configuration of a group of commands.
  static func group(_ name: String, _ abstract: String, _ commands: [any ParsableCommand.Type])
    -> CommandConfiguration
  {
    CommandConfiguration(
      commandName: name, _superCommandName: "send-schedule", abstract: abstract, subcommands: commands)
  }
}
