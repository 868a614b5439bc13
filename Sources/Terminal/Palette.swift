import CNcurses
import Canvas

/// What the terminal is told about a cell: colours (-1 is the terminal's own) and attributes.
struct Look: Hashable {
  var foreground: Int32 = -1
  var background: Int32 = -1
  var attributes: UInt32 = 0

  static let bold = UInt32(CN_BOLD)
  static let dim = UInt32(CN_DIM)
  static let reverse = UInt32(CN_REVERSE)
  static let underline = UInt32(CN_UNDERLINE)
}

/// One role in one palette.
struct RoleLook {
  var look: Look
  /// The foreground where it stands on a dark background, as the selection is.
  var onDark: Int32
  /// Its background for what stands on it, and the ink to use there; nil leaves each its own foreground.
  var backdrop: Int32
  var ink: Int32?
  /// Its own colour says something, and stays on every background.
  var isMeaning: Bool

  init(
    _ foreground: Int32 = -1, on background: Int32 = -1, _ attributes: UInt32 = 0,
    onDark: Int32? = nil, backdrop: Int32? = nil, ink: Int32? = nil, isMeaning: Bool = false
  ) {
    look = Look(foreground: foreground, background: background, attributes: attributes)
    self.onDark = onDark ?? foreground
    self.backdrop = backdrop ?? background
    self.ink = ink
    self.isMeaning = isMeaning
  }
}

/// The looks of all roles for one kind of terminal.
///
/// Plain text keeps the terminal's own colours. One accent, teal, is the painted time; amber is the
/// cursor; the rest is grey or says trouble. Every colour is of middle lightness, so that it reads on
/// black and on white. The first sixteen colours take fewer bytes, so what changes with each key uses them.
struct Palette {
  private let looks: [RoleLook]
  private let isMonochrome: Bool

  init(colors: Int) {
    looks = Role.allCases.map(Palette.table(colors: colors))
    isMonochrome = colors < 8
  }

  private static func table(colors: Int) -> (Role) -> RoleLook {
    switch colors {
    case 256...: manyColors
    case 16...: sixteenColors
    case 8...: eightColors
    default: noColors
    }
  }

  func look(of style: Style) -> Look {
    var look = isMonochrome ? monochromeLook(style) : colorLook(style)
    if style.isBold { look.attributes |= Look.bold }
    if style.isUnderlined { look.attributes |= Look.underline }
    if style.isReversed { look.attributes ^= Look.reverse }
    return look
  }

  private func colorLook(_ style: Style) -> Look {
    let role = looks[Int(style.role.rawValue)]
    guard let on = style.on, role.look.background == -1 else { return role.look }
    let ground = looks[Int(on.rawValue)]
    var look = role.look
    guard ground.backdrop != -1 else {
      // A role without a background shows through its attributes alone.
      look.attributes |= ground.look.attributes
      return look
    }
    look.background = ground.backdrop
    let isOwn = role.isMeaning && role.onDark != ground.backdrop
    look.foreground = isOwn ? role.onDark : ground.ink ?? role.onDark
    // Bold ink is grey on many terminals, and takes more bytes.
    if !isOwn, ground.ink != nil { look.attributes &= ~Look.bold }
    return look
  }

  private func monochromeLook(_ style: Style) -> Look {
    var look = looks[Int(style.role.rawValue)].look
    guard let on = style.on, on != style.role else { return look }
    let ground = looks[Int(on.rawValue)].look.attributes
    // Reversed on reversed is plain again, so that the cursor shows on a selection.
    look.attributes = (look.attributes | ground) & ~Look.reverse | (look.attributes ^ ground) & Look.reverse
    return look
  }
}
