import Canvas
import Scheduling

/// The `:` line.
enum CommandLine {
  static func prompt() -> Prompt {
    var prompt = Prompt(
      ":",
      hints: [
        Hint("mon-fri 9-17", "the week"), Hint("w q", ""), Hint("rate N", ""), Hint("zone Z", ""),
        Hint("allow deny", "windows"),
      ]
    ) { text, editor throws(Problem) in try run(text.trimmingBlanks, &editor) }
    prompt.follows.closesWhenEmptied = true
    return prompt
  }

  private static func run(_ text: String, _ editor: inout Editor) throws(Problem) {
    let parts = text.split(separator: " ", maxSplits: 1).map(String.init)
    guard let word = parts.first else { return }
    let rest = parts.count > 1 ? parts[1].trimmingBlanks : ""
    switch word {
    case "q", "quit": editor.leave(to: .quit)
    case "q!", "quit!":
      if let week = editor.week { editor.context.perform(.dropDraft(phoneID: week.phone.id)) }
      editor.context.go(to: .quit)
    case "help", "h": editor.context.present(Help())
    case "phone", "open", "e": try openPhone(rest, &editor)
    default:
      guard var week = editor.week else {
        throw Problem("expected q, help or phone NUMBER; open a phone to edit its week")
      }
      try run(word, rest, text, &week, &editor.context)
      editor.week = week
    }
  }

  /// What needs a phone: saving, its settings, and windows as text.
  private static func run(
    _ word: String, _ rest: String, _ text: String, _ week: inout WeekScreen, _ context: inout Context
  ) throws(Problem) {
    switch word {
    case "w", "write", "save": week.save(&context)
    case "wq", "x": week.save(&context, then: .quit)
    case "rate": try week.setRate(rest, &context)
    case "zone", "tz": try week.setTimeZone(rest, &context)
    case "on", "off":
      guard week.draft.hasSchedule else { throw Problem("there is no schedule to switch") }
      week.edit(&context) { $0.isActive = word == "on" }
    case "name", "rename":
      guard week.draft.hasSchedule else { throw Problem("there is no schedule to rename") }
      let name = try context.scheduleName(rest, except: week.draft.scheduleID)
      week.edit(&context) { $0.name = name }
    case "allow": try setWindows(rest, from: 6, &week, &context) { $0.union($1) }
    case "deny": try setWindows(rest, from: 5, &week, &context) { $0.subtracting($1) }
    default: try setWindows(text, from: 0, &week, &context) { $1 }
    }
  }

  /// Windows replace the week, as `schedules set` does; after `allow` or `deny` they are painted on it.
  private static func setWindows(
    _ text: String, from offset: Int, _ week: inout WeekScreen, _ context: inout Context,
    _ combine: (WeekMinutes, WeekMinutes) -> WeekMinutes
  ) throws(Problem) {
    let minutes: WeekMinutes
    do throws(NotationError) {
      minutes = WeekMinutes(try WindowNotation.parse(text))
    } catch {
      let place = NotationError(
        position: error.position + offset, found: error.found, expected: error.expected)
      throw Problem("\(place.description), or a command: w q rate zone on off name allow deny phone")
    }
    week.editHours(&context) { $0.week = combine($0.week, minutes) }
  }

  private static func openPhone(_ name: String, _ editor: inout Editor) throws(Problem) {
    let digits = name.filter(\.isNumber)
    let phone = editor.context.gateway?.phones.map(\.phone).first { phone in
      phone.id == name || phone.label == name || (!digits.isEmpty && phone.number == "+" + digits)
    }
    guard let phone else { throw Problem("there is no phone “\(harmless(name))”") }
    editor.leave(to: .open(phoneID: phone.id))
  }
}
