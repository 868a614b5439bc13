import Canvas

extension Key {
  /// As a person would write it; nil for what cannot be shown.
  var name: String? {
    switch self {
    case .character(" "): "space"
    case .character(let character): harmless(String(character))
    case .control(let character): "^" + String(character).uppercased()
    case .enter: "Enter"
    case .escape: "Esc"
    case .tab: "Tab"
    case .backtab: "Shift-Tab"
    case .backspace: "Backspace"
    case .delete: "Del"
    case .up, .down, .left, .right: "An arrow"
    case .home: "Home"
    case .end: "End"
    case .pageUp: "PgUp"
    case .pageDown: "PgDn"
    case .f1: "F1"
    }
  }
}
