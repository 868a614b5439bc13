/// What a piece of text is for; the terminal decides what that looks like.
package enum Role: UInt8, Sendable, CaseIterable {
  /// Text, secondary text, emphasised text.
  case plain, dim, strong
  /// The top bar; the name of a key in a hint; the words of a hint.
  case title, key, hint
  /// A slot of the grid in which sending is allowed, the same when it has gone by, and a denied one.
  case open, openPast, denied
  /// Slots and lines that differ from what is saved.
  case added, removed
  /// Heat bars; caution; failure; success or open now.
  case load, warning, error, good
  /// The selected row or block; the cell of the cursor.
  case selected, cursor
  /// The pen is down.
  case pen
  /// Separators and frames.
  case rule
  /// An hour that a clock change skips or repeats.
  case clockChange
}

/// How a cell is drawn: a role, and what it stands on.
package struct Style: Hashable, Sendable {
  package var role: Role
  /// A second role whose background this one stands on, as `.load` on `.open`, or `.plain` on `.selected`.
  package var on: Role?
  package var isReversed: Bool
  package var isBold: Bool
  package var isUnderlined: Bool

  package init(
    _ role: Role, on: Role? = nil,
    isReversed: Bool = false, isBold: Bool = false, isUnderlined: Bool = false
  ) {
    self.role = role
    self.on = on
    self.isReversed = isReversed
    self.isBold = isBold
    self.isUnderlined = isUnderlined
  }

  package static let plain = Style(.plain)

  /// The same on the background of another role.
  package func standing(on role: Role?) -> Style {
    var style = self
    style.on = role
    return style
  }
}
