import CNcurses

/// The entry of terminfo to draw with.
///
/// Machines behind SSH often lack the entry of a new terminal. Nearly all of those understand xterm, so
/// names of that family fall back to it, all others to the VT100, which asks for the least.
struct TerminalType: Equatable {
  var name: String
  /// What to tell the user if it is not the one asked for.
  var notice: String?

  /// Nil if no entry is usable: none was asked for, or the machine has none.
  static func choose(term: String, isKnown: (String) -> Bool) -> TerminalType? {
    if term.isEmpty { return nil }
    if isKnown(term) { return TerminalType(name: term, notice: nil) }
    for name in fallbacks(for: term) where isKnown(name) {
      return TerminalType(name: name, notice: "terminal type \(term) is unknown here, drawing as \(name)")
    }
    return nil
  }

  private static func fallbacks(for term: String) -> [String] {
    let family = ["xterm", "kitty", "ghostty", "alacritty", "foot", "wezterm", "contour", "rio", "konsole"]
    let others = ["vt100", "vt102", "ansi"]
    if term.hasPrefix("tmux") || term.hasPrefix("screen") { return ["screen-256color", "screen"] + others }
    let isFamily = family.contains { term.contains($0) } || term.contains("256color")
    return isFamily ? ["xterm-256color", "xterm"] + others : others
  }
}
