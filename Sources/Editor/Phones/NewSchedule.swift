import Canvas
import Scheduling

/// Making a schedule from the list: its name, its time zone, its hours.
enum NewSchedule {
  static func command(forPhones phoneIDs: [String]) -> Picker.Command {
    Picker.Command(key: "n", words: "new") { _, editor in
      guard !editor.context.refusesToEdit() else { return .stays }
      editor.context.present(
        askNameAndZone { name, zone, editor in
          editor.context.present(askHours(of: name, zone, forPhones: phoneIDs))
        })
      return .closes
    }
  }

  /// Asks for the name of a new schedule, then for its time zone, beginning with the machine's.
  static func askNameAndZone(
    _ take: @escaping @Sendable (_ name: String, _ zone: String, inout Editor) -> Void
  ) -> Prompt {
    Prompt("Name of the new schedule: ", hints: [Hint("", "then its time zone and hours")]) {
      text, editor throws(Problem) in
      let name = try editor.context.scheduleName(text)
      editor.context.present(
        Picker.timeZones(
          title: "Time zone of “\(name)”", selected: editor.context.settings.localTimeZone, editor.context
        ) { zone, editor in take(name, zone, &editor) })
    }
  }

  private static func askHours(of name: String, _ zone: String, forPhones phoneIDs: [String]) -> Prompt {
    Prompt(
      "Hours: ", text: "mon-fri 09:00-17:00",
      hints: [Hint("", "such as mon-fri 9-12, 13-17:30; sat 10-14")]
    ) { text, editor throws(Problem) in
      let windows = try Problem.from { () throws(NotationError) in try WindowNotation.parse(text) }
      guard !windows.isEmpty else { throw Problem("expected at least one window, such as mon-fri 9-17") }
      let content = ScheduleContent(name: name, timeZone: zone, windows: windows)
      editor.context.perform(.createSchedule(content, forPhones: phoneIDs))
    }
  }
}
