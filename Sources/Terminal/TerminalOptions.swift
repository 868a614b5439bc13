/// How the user wants the terminal to be used.
package struct TerminalOptions: Sendable {
  /// Draw with plain ASCII only.
  package var ascii: Bool
  /// Let the terminal report the mouse.
  package var mouse: Bool
  /// `NO_COLOR` is set: attributes only.
  package var noColor: Bool
  /// Draw as on a monochrome terminal, whatever it could do.
  package var monochrome: Bool

  package init(ascii: Bool = false, mouse: Bool = false, noColor: Bool = false, monochrome: Bool = false) {
    self.ascii = ascii
    self.mouse = mouse
    self.noColor = noColor
    self.monochrome = monochrome
  }
}

/// Why a terminal cannot be used; the description says what to do.
package enum TerminalError: Error, Equatable, CustomStringConvertible {
  /// Standard input or output is a file or a pipe.
  case notATerminal(stream: String)
  /// `TERM` is not set, or its entry cannot place the cursor, or there is no usable entry at all.
  case unusable(term: String)
  /// The system refused a pipe or a signal action.
  case system(String)

  package var description: String {
    switch self {
    case .notATerminal(let stream):
      "the editor needs a terminal, and standard \(stream) is not one"
    case .unusable(""):
      "TERM is not set; expected the terminal's type, as in TERM=xterm-256color"
    case .unusable(let term):
      "a terminal of type \"\(harmlessName(term))\" (TERM) cannot place the cursor;"
        + " expected a type like xterm-256color, tmux-256color, linux or vt100"
    case .system(let call):
      "\(call) failed"
    }
  }
}

/// A terminal type as an error may print it.
private func harmlessName(_ name: String) -> String {
  String(name.unicodeScalars.prefix(40).map { (0x21...0x7E).contains($0.value) ? Character($0) : "?" })
}
