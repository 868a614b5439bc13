import Scheduling

extension CommandLine {
  /// The whole lines that the beginning of one could become.
  static func completions(of text: String, _ editor: Editor) -> [String] {
    let (word, rest) = split(text)
    if !text.contains(" ") {
      let place = editor.week == nil ? Place.list : .week
      let names =
        commands.filter { $0.places.contains(place) }.map { $0.example.isEmpty ? $0.name : $0.name + " " }
        + (place == .list ? [] : Words.days.map { $0.lowercased() })
      return names.filter { $0.hasPrefix(word.lowercased()) }
    }
    let values: [String] =
      switch command(word)?.name {
      case "zone", "clock": editor.context.settings.zones.names
      case "attach": (editor.context.gateway?.schedules.map(\.content.name) ?? []) + ["none"]
      case "sim": SIM.allCases.map(\.rawValue)
      case "import": editor.context.settings.files?.completions(of: rest) ?? []
      case "phone":
        editor.context.gateway?.phones.flatMap { [$0.phone.label, $0.phone.number] }.filter { !$0.isEmpty }
          ?? []
      case "hold": ["until "]
      case "empty": ["by "]
      case "remove": editor.week?.draft.sortedExceptions.map { ExceptionNotation.text($0.date) } ?? []
      default: []
      }
    // As in the pickers, a blank stands for the _ in a zone's name, and capitals do not count.
    let fold = { (text: String) in text.lowercased().replacing("_", with: " ") }
    let near = values.filter { fold($0).hasPrefix(fold(rest)) }
    let found = near.isEmpty ? values.filter { fold($0).contains(fold(rest)) } : near
    return found.map { "\(word) \($0)" }
  }
}
