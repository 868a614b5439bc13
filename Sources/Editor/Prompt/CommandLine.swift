import Canvas
import Scheduling

/// The `:` line.
enum CommandLine {
  /// Where a command works.
  enum Place: Sendable {
    case list, week

    /// What to say of a command that works in the other place.
    var way: String {
      switch self {
      case .list: "works in the phone list: q goes there"
      case .week: "works in a phone's week: Enter opens one"
      }
    }
  }

  struct Command: Sendable {
    var name: String
    /// What is typed besides, and what it does.
    var example: String
    var words: String
    var places: Set<Place>
    var aliases: [String] = []
  }

  /// What it understands besides days and dates.
  static let commands: [Command] = [
    Command(name: "week", example: "mon-fri 9-17", words: "sets the whole week", places: [.week]),
    Command(name: "remove", example: "24 dec", words: "gives dates back to the week", places: [.week]),
    Command(name: "allow", example: "sat 9-12", words: "paints windows on the week", places: [.week]),
    Command(name: "deny", example: "fri 12-17", words: "takes windows off the week", places: [.week]),
    Command(
      name: "rate", example: "12", words: "messages a minute; 0 is no limit", places: [.list, .week]),
    Command(name: "per-day", example: "200", words: "messages a day; 0 is no limit", places: [.list, .week]),
    Command(
      name: "attach", example: "Office hours", words: "a schedule; none takes it off", places: [.list, .week]),
    Command(name: "zone", example: "Europe/Berlin", words: "its time zone", places: [.week], aliases: ["tz"]),
    Command(name: "name", example: "Nights", words: "its name", places: [.week], aliases: ["rename"]),
    Command(name: "on", example: "", words: "keeps to the hours", places: [.week]),
    Command(name: "off", example: "", words: "ignores the hours", places: [.week]),
    Command(
      name: "hold", example: "until thu 10:00, modem repair", words: "nothing goes out until then",
      places: [.list, .week]),
    Command(name: "release", example: "", words: "ends the hold", places: [.list, .week]),
    Command(
      name: "empty", example: "by fri 17:00", words: "what would empty the queue by then", places: [.week]),
    Command(
      name: "retry", example: "", words: "retries the failed messages, or those found", places: [.week]
    ),
    Command(
      name: "holidays", example: "FILE.ics", words: "closes the dates of a calendar", places: [.week]),
    Command(
      name: "label", example: "Front desk", words: "the label of one phone; none takes it off",
      places: [.list]),
    Command(name: "sim", example: "SIM2", words: "the SIM that sends", places: [.list]),
    Command(name: "add", example: "+15550100100", words: "adds a phone", places: [.list]),
    Command(name: "find", example: "order 4711", words: "finds messages of all phones", places: [.list]),
    Command(name: "clock", example: "Asia/Tokyo", words: "the clock of the list", places: [.list]),
    Command(
      name: "import", example: "FILE", words: "imports a file",
      places: [.list]),
    Command(
      name: "phone", example: "NUMBER", words: "opens a phone, by number or label", places: [.list, .week],
      aliases: ["open", "e"]),
    Command(name: "w", example: "", words: "saves", places: [.week], aliases: ["write", "save", "w!"]),
    Command(name: "wq", example: "", words: "saves and quits", places: [.week], aliases: ["wq!"]),
    Command(name: "q", example: "", words: "quits", places: [.list, .week], aliases: ["quit"]),
    Command(
      name: "q!", example: "", words: "quits and drops the unsaved work", places: [.list, .week],
      aliases: ["quit!"]),
    Command(name: "help", example: "", words: "shows this list", places: [.list, .week], aliases: ["h"]),
  ]

  static func command(_ word: String) -> Command? {
    commands.first { $0.name == word || $0.aliases.contains(word) }
  }

  /// What can be typed in a place, and what it does, for the help.
  static func help(in place: Place) -> [(String, String)] {
    let days: [(String, String)] = [
      ("mon-fri 9-17", "sets these days, leaves the others"), ("sat closed", "the same, without hours"),
      ("24 dec closed", "sets a date; a note may follow"), ("24-26 dec 9-12", "sets several dates"),
      ("every 25 dec closed", "sets a date of every year"),
    ]
    let named = commands.filter { $0.places.contains(place) }.map { command in
      ("\(command.name)\(command.example.isEmpty ? "" : " ")\(command.example)", command.words)
    }
    return (place == .week ? days : []) + named
  }

  static func prompt(_ editor: Editor) -> Prompt {
    let days = [Hint("mon-fri 9-17", "days"), Hint("24 dec closed", "a date"), Hint("week", "")]
    let list = [Hint("attach NAME", "")]
    let hints =
      (editor.week == nil ? list : days) + [
        Hint("rate 12", ""), Hint("hold", ""), Hint(editor.week == nil ? "release" : "w", ""), Hint("q", ""),
        Hint("Tab", "completes"),
      ]
    var prompt = Prompt(":", hints: hints, history: editor.context.commands) { text, editor throws(Problem) in
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

  static func split(_ text: String) -> (word: String, rest: String) {
    let parts = text.split(separator: " ", maxSplits: 1).map(String.init)
    return (parts.first ?? "", parts.count > 1 ? parts[1].trimmingBlanks : "")
  }

  /// Reads what follows the command in a line; a place that is complained of counts from the line's beginning.
  static func reading<Value>(
    _ rest: String, of text: String, _ read: (String) throws(Problem) -> Value
  ) throws(Problem) -> Value {
    do throws(Problem) {
      return try read(rest)
    } catch {
      throw error.shifted(by: text.count - rest.count)
    }
  }

  private static func run(_ text: String, _ editor: inout Editor) throws(Problem) {
    let (word, rest) = split(text)
    if let command = command(word), command.example.isEmpty, !rest.isEmpty {
      throw Problem("expected nothing after “\(command.name)”, not \(Words.quoted(rest))")
    }
    switch command(word)?.name {
    case "q": editor.leave(to: .quit)
    case "q!":
      if let week = editor.week { editor.context.perform(.dropDraft(phoneID: week.phone.id)) }
      editor.context.go(to: .quit)
    case "help": editor.context.present(Help(.commands, of: editor.pane, editor.context))
    case "phone": try openPhone(rest, &editor)
    case let name:
      guard var week = editor.week else { return try runInList(name, rest, text, &editor) }
      if let command = command(word), !command.places.contains(.week) {
        throw Problem("“\(command.name)” \(Place.list.way)")
      }
      try run(name ?? word, rest, text, &week, &editor.context)
      editor.week = week
    }
  }

  /// What needs a phone: saving, and whatever changes its settings and hours.
  private static func run(
    _ name: String, _ rest: String, _ text: String, _ week: inout WeekScreen, _ context: inout Context
  ) throws(Problem) {
    switch name {
    case "w": week.save(&context)
    case "wq": week.save(&context, then: .quit)
    case "on": try week.setActive(true, &context)
    case "off": try week.setActive(false, &context)
    case "hold": try reading(rest, of: text) { rest throws(Problem) in try week.hold(rest, &context) }
    case "release": week.release(&context)
    case "retry": week.retryAll(&context)
    case "holidays": try week.readHolidays(rest, &context)
    case "empty":
      try reading(rest, of: text) { rest throws(Problem) in try week.proposeEmpty(by: rest, &context) }
    case "attach": week.attach(try schedule(rest, context), &context)
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
    switch command(word)?.name {
    case "rate": return try .limits(rest)
    case "per-day": return try .perDay(rest)
    case "zone": return try .timeZone(rest, context.settings.zones)
    case "name":
      guard week.draft.hasSchedule else { throw Problem("there is no schedule to rename") }
      let name = try context.scheduleName(rest, except: week.draft.scheduleID)
      return WeekChange { $0.name = name }
    case "allow":
      return try reading(rest, of: text) { rest throws(Problem) in try .paint(rest, allowed: true) }
    case "deny":
      return try reading(rest, of: text) { rest throws(Problem) in try .paint(rest, allowed: false) }
    case "week": return try reading(rest, of: text) { rest throws(Problem) in try .week(rest) }
    case "remove":
      return try reading(rest, of: text) { rest throws(Problem) in try .remove(rest, today: today) }
    case .some: return nil
    case nil where word.isEmpty: return nil
    case nil:
      if namesDate(text) { return try .exceptions(text, today: today) }
      do throws(Problem) {
        return try .days(text)
      } catch {
        if namesDay(word) { throw error }
        throw Problem("\(error.text)\(proposal(for: word, in: .week) ?? "; or a command: Tab shows them")")
      }
    }
  }

  /// `; did you mean “release”?`: a command that was mistyped.
  static func proposal(for word: String, in place: Place) -> String? {
    let names = commands.filter { $0.places.contains(place) }.map(\.name)
    return Suggestion.nearest(to: word, among: names).map { "; did you mean “\($0)”?" }
  }

  /// Whether a line that begins with a word is about days: `mon`, `mon-fri,`, `daily:`.
  private static func namesDay(_ word: String) -> Bool {
    let days = String(word.reversed().drop { ",:".contains($0) }.reversed())
    return (try? WindowNotation.parseDays("\(days) closed")) != nil
  }

  /// Whether a line is about dates, not days: `24 dec closed`, `2026-12-24 9-12`, `every 25 dec closed`.
  static func namesDate(_ text: String) -> Bool {
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
    guard let phone else { throw Problem("there is no phone \(Words.quoted(name))") }
    guard phone.id != editor.week?.phone.id else { throw Problem("this phone is open already") }
    editor.leave(to: .open(phoneID: phone.id))
  }

  /// The schedule that a name means; nil for `none`. Throws what is near it.
  static func schedule(_ name: String, _ context: Context) throws(Problem) -> Schedule? {
    let schedules = context.gateway?.schedules ?? []
    if ["none", "no schedule"].contains(name.lowercased()),
      !schedules.contains(where: { $0.content.name == name })
    {
      return nil
    }
    guard !name.isEmpty else { throw Problem("expected the name of a schedule, or none") }
    let exact = schedules.first { $0.content.name == name }
    if let schedule = exact ?? schedules.first(where: { $0.content.name.lowercased() == name.lowercased() }) {
      return schedule
    }
    let near = Suggestion.nearest(to: name, among: schedules.map(\.content.name))
    throw Problem(
      "there is no schedule \(Words.quoted(name))\(near.map { "; did you mean “\(harmless($0))”?" } ?? "")")
  }
}
