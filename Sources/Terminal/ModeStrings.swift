import CNcurses

/// What is sent to the terminal beside ncurses: bracketed paste, the mouse, and left-to-right cells.
struct ModeStrings {
  let enter: String
  let leave: String
  /// All that brings the terminal back when ncurses cannot do it any more.
  let restore: String

  init(mouse: Bool) {
    var (enter, leave) = ("", "")
    // Only terminals that know bracketed paste get the other modes: those are the ones that parse them.
    if let begin = capability("BE"), let end = capability("BD") {
      // Without this, terminals with bidirectional text reorder the cells of a row that holds Hebrew or
      // Arabic, the grid's and the neighbouring columns' with them.
      (enter, leave) = (begin + "\u{1B}[8l", end + "\u{1B}[8h")
    }
    if mouse {
      enter += "\u{1B}[?1002h\u{1B}[?1006h"
      leave = "\u{1B}[?1006l\u{1B}[?1002l" + leave
    }
    self.enter = enter
    self.leave = leave
    let ending = ["sgr0", "op", "cnorm", "rmcup"].compactMap { capability($0) }
    restore = leave + ending.joined()
  }
}

private func capability(_ name: String) -> String? {
  cn_capability(name).map { String(cString: $0) }
}
