extension Canvas {
  /// The screen as text: rows joined by line ends, blanks at the end of a row left out.
  package func text() -> String {
    lines { $0.text }.joined(separator: "\n")
  }

  /// The screen as text, after a line `--` the same with a letter for the role of each cell, and after
  /// another one the roles that the letters stand for.
  ///
  /// Plain cells are blank; a capital letter is a cell that stands on another role, is reversed, bold or
  /// underlined.
  package func styledText() -> String {
    let letters = lines { letter(of: $0.style) }
    var used = Set<Role>()
    for cell in rows.joined() where cell.style != .plain { used.insert(cell.style.role) }
    let names = Role.allCases.filter(used.contains).map { "\($0.letter) \($0)" }
    return text() + "\n--\n" + letters.joined(separator: "\n") + "\n--\n" + names.joined(separator: ", ")
  }

  private func lines(_ describe: (Cell) -> String) -> [String] {
    rows.map { row in
      let line = row.reduce(into: "") { $0 += describe($1) }
      let end = line.lastIndex { $0 != " " }
      return end.map { String(line[...$0]) } ?? ""
    }
  }

  private func letter(of style: Style) -> String {
    if style == .plain { return " " }
    let isSpecial = style.on != nil || style.isReversed || style.isBold || style.isUnderlined
    let letter = String(style.role.letter)
    return isSpecial ? letter.uppercased() : letter
  }
}

extension Role {
  /// A letter for each role, for screens as text.
  package var letter: Character {
    switch self {
    case .plain: "p"
    case .dim: "d"
    case .strong: "s"
    case .title: "t"
    case .key: "k"
    case .hint: "h"
    case .open: "o"
    case .openPast: "q"
    case .denied: "n"
    case .added: "a"
    case .removed: "r"
    case .load: "l"
    case .warning: "w"
    case .error: "e"
    case .good: "g"
    case .selected: "x"
    case .selectedSlot: "y"
    case .cursor: "c"
    case .pen: "i"
    case .rule: "u"
    case .clockChange: "z"
    }
  }
}
