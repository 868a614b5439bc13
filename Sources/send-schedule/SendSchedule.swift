import ArgumentParser

/// The program: one subcommand a file, the editor when none is named.
@main
struct SendSchedule: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "send-schedule",
    abstract: "Says when the phones of an SMS gateway may send, and shows what that does to every queued message.",
    subcommands: [EditCommand.self, DemoCommand.self],
    defaultSubcommand: EditCommand.self)
}
