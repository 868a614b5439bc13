import Canvas
import Scheduling

/// The `:` line.
enum CommandLine {
  /// What it understands besides days and dates, each with what it is for.
  static let commands: [(name: String, words: String)] = [
    ("allow", "windows painted on the week"), ("deny", "windows wiped off it"), ("week", "the whole week"),
    ("remove", "exceptions of dates"), ("rate", "messages a minute"), ("per-day", "messages a day"),
    ("zone", "time zone"), ("on", "keep to the hours"), ("off", "ignore the hours"),
    ("name", "of the schedule"), ("hold", "until a moment"), ("release", "the hold"),
    ("empty", "by a moment"), ("w", "save"), ("wq", "save and quit"), ("q", "quit"),
    ("q!", "quit, and drop the unsaved work"), ("phone", "another phone"), ("help", "the keys"),
  ]

  /// The same for the help: what is typed, and what it does.
  static let help: [(String, String)] = [
    ("mon-fri 9-17", "sets these days, leaves the others"), ("sat closed", "the same, without hours"),
    ("week mon-fri 9-17", "sets the whole week"), ("24 dec closed", "sets a date; a note may follow"),
    ("24-26 dec 9-12", "sets several dates"), ("every 25 dec closed", "sets a date of every year"),
    ("remove 24 dec", "gives dates back to the week"), ("allow, deny", "paint windows: allow sat 9-12"),
    ("rate 12, per-day 200", "messages a minute, a day; 0 is no limit"),
    ("zone, name", "time zone and name of the schedule"), ("on, off", "keep to the hours, ignore them"),
    ("hold until thu 10:00", "nothing goes out; a reason may follow a comma"), ("release", "ends the hold"),
    ("empty by fri 17:00", "what would empty the queue by then"), ("w, wq", "save; save and quit"),
    ("q, q!", "quit; quit and drop the unsaved work"), ("phone NUMBER", "opens another phone"),
  ]

  static func prompt(_ context: Context) -> Prompt {
    var prompt = Prompt(
      ":",
      hints: [
        Hint("mon-fri 9-17", "days"), Hint("24 dec closed", "a date"), Hint("week", ""), Hint("rate 12", ""),
        Hint("hold", ""), Hint("w", ""), Hint("q", ""), Hint("Tab", "completes"),
      ], history: context.commands
    ) { text, editor throws(Problem) in
      let text = text.trimmingBlanks
      guard !text.isEmpty else { return }
      editor.context.remember(command: text)
      try run(text, &editor)
    }
    prompt.follows = .preview { text, editor throws(Problem) in
      guard let week = editor.week, !editor.context.settings.isReadOnly else { return nil }
      return try change(text.trimmingBlanks, week, editor.context)
    }
    prompt.follows.complete = { text, editor in completions(of: text, editor) }
    prompt.follows.closesWhenEmptied = true
    return prompt
  }

  private static func split(_ text: String) -> (word: String, rest: String) {
    let parts = text.split(separator: " ", maxSplits: 1).map(String.init)
    return (parts.first ?? "", parts.count > 1 ? parts[1].trimmingBlanks : "")
  }

  private static func run(_ text: String, _ editor: inout Editor) throws(Problem) {
    let (word, rest) = split(text)
    switch word {
    case "q", "quit": editor.leave(to: .quit)
    case "q!", "quit!":
      if let week = editor.week { editor.context.perform(.dropDraft(phoneID: week.phone.id)) }
      editor.context.go(to: .quit)
    case "help", "h": editor.context.present(Help(.commands, editor.context))
    case "phone", "open", "e": try openPhone(rest, &editor)
    default:
      guard var week = editor.week else {
        throw Problem("expected q, help or phone NUMBER; open a phone to edit its week")
      }
      try run(word, rest, text, &week, &editor.context)
      editor.week = week
    }
  }

  /// What needs a phone: saving, and whatever changes its settings and hours.
  private static func run(
    _ word: String, _ rest: String, _ text: String, _ week: inout WeekScreen, _ context: inout Context
  ) throws(Problem) {
    switch word {
    case "w", "write", "save": week.save(&context)
    case "wq": week.save(&context, then: .quit)
    case "on": try week.setActive(true, &context)
    case "off": try week.setActive(false, &context)
    case "hold": try week.hold(rest, &context)
    case "release": week.release(&context)
    case "empty": try week.proposeEmpty(by: rest, &context)
    default:
      guard let change = try change(text, week, context) else { return }
      week.apply(change, &context)
    }
  }

  // MARK: Edits

  /// The edit of the draft that a line means; nil for another command, or the beginning of one.
  static func change(_ text: String, _ week: WeekScreen, _ context: Context) throws(Problem) -> WeekChange? {
    let (word, rest) = split(text)
    let today = week.clock(context).date(at: context.now)
    switch word {
    case "": return nil
    case "rate", "per-day": return try .limits(word == "rate" ? rest : ", \(rest)")
    case "zone", "tz": return try .timeZone(rest, context.settings.zones)
    case "name", "rename":
      guard week.draft.hasSchedule else { throw Problem("there is no schedule to rename") }
      let name = try context.scheduleName(rest, except: week.draft.scheduleID)
      return WeekChange { $0.name = name }
    case "allow": return try .paint(rest, allowed: true)
    case "deny": return try .paint(rest, allowed: false)
    case "week": return try .week(rest)
    case "remove": return try .remove(rest, today: today)
    case "w", "write", "save", "wq", "q", "quit", "q!", "quit!", "help", "h", "on", "off", "hold", "release",
      "empty", "phone", "open", "e":
      return nil
    default:
      if namesDate(text) { return try .exceptions(text, today: today) }
      do throws(Problem) {
        return try .days(text)
      } catch {
        let near = Suggestion.nearest(to: word, among: commands.map(\.name)).map { "; did you mean “\($0)”?" }
        throw Problem("\(error.text)\(near ?? "; or a command: Tab shows them")")
      }
    }
  }

  /// Whether a line is about dates, not days: `24 dec closed`, `2026-12-24 9-12`, `every 25 dec closed`.
  private static func namesDate(_ text: String) -> Bool {
    let words = text.lowercased().split { $0.isWhitespace || $0 == "-" || $0 == "," || $0 == "." }
    guard let first = words.first else { return false }
    let isDate = { (word: Substring) in
      word.first?.isNumber ?? false
        || word.count > 2 && Words.months.contains { word.hasPrefix($0.lowercased()) }
    }
    if ["every", "each", "yearly"].contains(first) { return words.count > 1 && isDate(words[1]) }
    return text.hasPrefix("--") || isDate(first)
  }

  private static func openPhone(_ name: String, _ editor: inout Editor) throws(Problem) {
    guard !name.isEmpty else { throw Problem("expected a phone: its number or its label") }
    let digits = name.filter(\.isNumber)
    let phone = editor.context.gateway?.phones.map(\.phone).first { phone in
      phone.id == name || phone.label == name || (!digits.isEmpty && phone.number == "+" + digits)
    }
    guard let phone else { throw Problem("there is no phone “\(harmless(name))”") }
    guard phone.id != editor.week?.phone.id else { throw Problem("this phone is open already") }
    editor.leave(to: .open(phoneID: phone.id))
  }

  // MARK: Completion

  private static func completions(of text: String, _ editor: Editor) -> [String] {
    let (word, rest) = split(text)
    if !text.contains(" ") {
      let names = commands.map(\.name) + (editor.week == nil ? [] : Words.days.map { $0.lowercased() })
      return names.filter { $0.hasPrefix(word.lowercased()) }
    }
    let values: [String] =
      switch word {
      case "zone", "tz": editor.context.settings.zones.names
      case "phone", "open", "e":
        editor.context.gateway?.phones.flatMap { [$0.phone.label, $0.phone.number] }.filter { !$0.isEmpty }
          ?? []
      case "hold": ["until "]
      case "empty": ["by "]
      case "remove": editor.week?.draft.sortedExceptions.map { ExceptionNotation.text($0.date) } ?? []
      default: []
      }
    let folded = rest.lowercased()
    let near = values.filter { $0.lowercased().hasPrefix(folded) }
    let found = near.isEmpty ? values.filter { $0.lowercased().contains(folded) } : near
    return found.map { "\(word) \($0)" }
  }
}
