import Canvas

/// Keys as text: characters stand for themselves, `<Esc>` and the like for the others, blanks for nothing.
enum KeyNotation {
  private static let names: [String: Key] = [
    "Space": .character(" "), "Esc": .escape, "Enter": .enter, "Tab": .tab, "Backspace": .backspace,
    "Delete": .delete, "Up": .up, "Down": .down, "Left": .left, "Right": .right, "Home": .home, "End": .end,
    "PageUp": .pageUp, "F1": .f1, "Backtab": .backtab, "PageDown": .pageDown, "lt": .character("<"),
  ]

  static func parse(_ text: String) -> [Key] {
    var keys: [Key] = []
    var rest = text[...]
    while let character = rest.first {
      if character == "<", let end = rest.firstIndex(of: ">"), rest.index(after: rest.startIndex) != end,
        let key = key(named: String(rest[rest.index(after: rest.startIndex)..<end]))
      {
        keys.append(key)
        rest = rest[rest.index(after: end)...]
      } else {
        if !character.isWhitespace { keys.append(.character(character)) }
        rest = rest.dropFirst()
      }
    }
    return keys
  }

  private static func key(named name: String) -> Key? {
    if let key = names[name] { return key }
    guard name.hasPrefix("C-"), let character = name.dropFirst(2).first, name.count == 3 else { return nil }
    return .control(character)
  }
}
