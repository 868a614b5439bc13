import ArgumentParser
import Foundation
import Storage

/// The whole program: commands for the gateway and for people.
@main
struct SendSchedule: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "send-schedule",
    abstract: "The hours in which the phones of an SMS gateway may send, and the queue that keeps to them.",
    subcommands: [
      EditCommand.self, DemoCommand.self, PhoneCommands.self, ScheduleCommands.self, QueueCommands.self,
      Preview.self, ImportCommand.self, ExportCommand.self, Check.self, Backup.self,
    ],
    defaultSubcommand: EditCommand.self)

  /// Parses, runs, and ends the process with a sysexits code if something is wrong.
  static func main() {
    // The editor is the default, and would answer for the whole program.
    if ["-h", "--help"].contains(CommandLine.arguments.dropFirst().first) {
      print(helpMessage())
      return
    }
    do {
      var command = try parseAsRoot()
      try command.run()
      try Output.shared.flush()
    } catch {
      finish(error)
    }
  }

  private static func finish(_ error: any Error) -> Never {
    // What was printed until now is true; a second failure has nothing to add.
    try? Output.shared.flush()
    if let failure = Failure(error) {
      Output.complain("send-schedule: \(failure.message)")
      Foundation.exit(failure.code)
    }
    // The parser repeats what was typed, which may have come from anywhere.
    let code = exitCode(for: error).rawValue
    if code == 0 { exit(withError: error) }
    for line in fullMessage(for: error).split(separator: "\n") { Output.complain(String(line)) }
    Foundation.exit(code)
  }
}
