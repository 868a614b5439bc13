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
  /// A slot of the grid in the selection.
  case selectedSlot
  /// The pen is down.
  case pen
  /// Separators and frames.
  case rule
  /// An hour that a clock change skips or repeats.
  case clockChange
}

/// How a cell is drawn: a role, and what it stands on.
///
/// It is four bytes without a gap; see ``Cell``.
package struct Style: Hashable, Sendable {
  package var role: Role
  private var ground: UInt8
  private var flags: UInt8
  private var unused: UInt8 = 0

  private static let noGround: UInt8 = 255

  package init(
    _ role: Role, on: Role? = nil,
    isReversed: Bool = false, isBold: Bool = false, isUnderlined: Bool = false
  ) {
    self.role = role
    ground = on?.rawValue ?? Self.noGround
    flags = (isReversed ? 1 : 0) | (isBold ? 2 : 0) | (isUnderlined ? 4 : 0)
  }

  /// A second role whose background this one stands on, as `.load` on `.open`, or `.plain` on `.selected`.
  package var on: Role? {
    get { Role(rawValue: ground) }
    set { ground = newValue?.rawValue ?? Self.noGround }
  }

  package var isReversed: Bool {
    get { flags & 1 != 0 }
    set { flags = flags & ~1 | (newValue ? 1 : 0) }
  }

  package var isBold: Bool {
    get { flags & 2 != 0 }
    set { flags = flags & ~2 | (newValue ? 2 : 0) }
  }

  package var isUnderlined: Bool {
    get { flags & 4 != 0 }
    set { flags = flags & ~4 | (newValue ? 4 : 0) }
  }

  package static let plain = Style(.plain)

  /// All of it as a number.
  package var number: UInt32 { UInt32(role.rawValue) | UInt32(ground) << 8 | UInt32(flags) << 16 }

  package static func == (a: Style, b: Style) -> Bool { a.number == b.number }

  package func hash(into hasher: inout Hasher) { hasher.combine(number) }

  /// The same on the background of another role.
  package func standing(on role: Role?) -> Style {
    var style = self
    style.on = role
    return style
  }
}
