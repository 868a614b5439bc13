/// One key, whatever bytes the terminal sent for it; modified arrows count as plain ones.
package enum Key: Hashable, Sendable {
  /// A printable character, the space included.
  case character(Character)
  /// Ctrl with a lowercase letter or one of `@ [ \ ] ^ _`: `^L` is `.control("l")`.
  case control(Character)
  case enter, escape, tab, backtab, backspace, delete
  case up, down, left, right, home, end, pageUp, pageDown
  /// The one function key that means something everywhere.
  case f1
}

/// What the mouse did, on the cell where it did it; row 0, column 0 is the top left.
package struct MouseEvent: Hashable, Sendable {
  package enum Kind: Hashable, Sendable { case press, drag, release, wheelUp, wheelDown }

  package var row: Int
  package var column: Int
  package var kind: Kind

  package init(row: Int, column: Int, kind: Kind) {
    self.row = row
    self.column = column
    self.kind = kind
  }
}

/// What can happen to a program at a terminal.
package enum Event: Hashable, Sendable {
  case key(Key)
  /// Text that the terminal marked as pasted, as it came: line ends are `\n`, anything may be in it.
  case paste(String)
  case mouse(MouseEvent)
  case resize(Size)
  /// The time is up that was given to wait.
  case tick
  /// A watched file descriptor is readable.
  case wake
  /// The line is gone (SIGHUP, or the end of input): leave.
  case hangup
  /// SIGTERM: leave.
  case terminate
  /// ^C or SIGINT.
  case interrupt
  /// ^Z or SIGTSTP.
  case suspend
  /// The program was stopped from outside and goes on; the screen has been drawn again.
  case resumed
}
