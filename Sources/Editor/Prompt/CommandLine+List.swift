import Canvas
import Scheduling

/// The `:` line in the phone list.
extension CommandLine {
  /// What is done to the marked phones, or else the selected one; and what concerns the list.
  static func runInList(_ name: String?, _ rest: String, _ text: String, _ editor: inout Editor)
    throws(Problem)
  {
    switch name {
    case "hold":
      try reading(rest, of: text) { rest throws(Problem) in try editor.phones.hold(rest, &editor.context) }
    case "release": try editor.phones.release(&editor.context)
    case "attach": try editor.phones.attach(schedule(rest, editor.context), &editor.context)
    case "rate", "per-day", "label", "sim": try editor.phones.set(name ?? "", rest, &editor.context)
    case "add": try editor.phones.add(rest, &editor.context)
    case "import": try ImportFlow.look(at: rest, &editor.context)
    case "find":
      guard !rest.isEmpty else { throw Problem("expected a number, an id or words of a message") }
      editor.begin(searchFor: rest)
    case "clock":
      _ = try WeekChange.timeZone(rest, editor.context.settings.zones)
      editor.phones.chosenTimeZone = rest
    case let name?: throw Problem("“\(name)” \(Place.week.way)")
    case nil:
      if namesDate(text) || (try? WeekChange.days(text)) != nil {
        throw Problem("days and dates are set in a phone's week: Enter opens one")
      }
      let (word, _) = split(text)
      let near = proposal(for: word, in: .list) ?? "; Tab shows them"
      throw Problem("\(Words.quoted(word)) is no command of the phone list\(near)")
    }
  }
}
