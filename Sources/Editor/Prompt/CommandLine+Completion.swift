import Scheduling

extension CommandLine {
  /// The whole lines that the beginning of one could become.
  static func completions(of text: String, _ editor: Editor) -> [String] {
    let (word, rest) = split(text)
    let place = editor.week == nil ? Place.list : .week
    if !text.contains(" ") {
      let names =
        commands.filter { $0.places.contains(place) }.map { $0.example.isEmpty ? $0.name : $0.name + " " }
        + (place == .list ? [] : days(after: word) + ["daily ", "weekdays ", "weekend ", "every "])
      return names.filter { $0.hasPrefix(word.lowercased()) }
    }
    if place == .week, command(word) == nil { return endings(of: text) }
    let values: [String] =
      switch command(word)?.name {
      case "zone", "clock": editor.context.settings.zones.names
      case "attach": (editor.context.gateway?.schedules.map(\.content.name) ?? []) + ["none"]
      case "sim": SIM.allCases.map(\.rawValue)
      case "import", "holidays": editor.context.settings.files?.completions(of: rest) ?? []
      case "phone":
        editor.context.gateway?.phones.flatMap { [$0.phone.label, $0.phone.number] }.filter { !$0.isEmpty }
          ?? []
      case "hold": rest.isEmpty ? ["until "] : moments.map { "until \($0)" }
      case "empty": rest.isEmpty ? ["by "] : moments.map { "by \($0)" }
      case "remove": editor.week?.draft.sortedExceptions.map { ExceptionNotation.text($0.date) } ?? []
      default: []
      }
    // As in the pickers, a blank stands for the _ in a zone's name, and capitals do not count.
    let fold = { (text: String) in text.lowercased().replacing("_", with: " ") }
    let near = values.filter { fold($0).hasPrefix(fold(rest)) }
    let found = near.isEmpty ? values.filter { fold($0).contains(fold(rest)) } : near
    return found.map { "\(word) \($0)" }
  }

  private static let dayNames = Words.days.map { $0.lowercased() }

  /// Moments as they may be typed, to go on from.
  private static let moments = ["in 1 h", "tomorrow 8:00"] + dayNames.map { "\($0) 8:00" }

  /// Days, or the days that a range or a list could go on with: `mon`; `mon-fri`; `tue,thu`.
  private static func days(after word: String) -> [String] {
    guard let end = word.lastIndex(where: { $0 == "-" || $0 == "," }) else { return dayNames }
    let first = word[...end].lowercased()
    return dayNames.map { first + $0 }
  }

  /// What a line about days or dates could go on with: a month behind the day of one, else `closed`.
  private static func endings(of text: String) -> [String] {
    let start = text.lastIndex(of: " ").map { text.index(after: $0) } ?? text.startIndex
    let (head, last) = (text[..<start], text[start...].lowercased())
    let before = head.split { " -,;".contains($0) }.last ?? ""
    let isDayOfMonth = before.count <= 2 && !before.isEmpty && before.allSatisfy(\.isNumber)
    let words = isDayOfMonth ? Words.months.map { $0.lowercased() + " " } : ["closed"]
    return words.filter { $0.hasPrefix(last) }.map { head + $0 }
  }
}
