import Canvas

extension Palette {
  /// 256 colours: greys and warning colours that do not depend on the user's theme.
  static func manyColors(_ role: Role) -> RoleLook {
    switch role {
    case .plain: RoleLook(onDark: 231)
    // A selected row is of one look but for what its colours say: each change of them takes twenty bytes.
    case .dim, .hint: RoleLook(245, onDark: 231)
    case .strong: RoleLook(-1, Look.bold, onDark: 231)
    case .title: RoleLook(231, on: 24, Look.bold)
    case .key: RoleLook(6, Look.bold, onDark: 80)
    case .open: RoleLook(6, onDark: 80, backdrop: 6, ink: 0)
    case .openPast: RoleLook(66, onDark: 109, backdrop: 66, ink: 0)
    case .denied: RoleLook(243, onDark: 250)
    case .added: RoleLook(71, onDark: 114, backdrop: 71, ink: 0)
    case .removed: RoleLook(167, onDark: 210, backdrop: 167, ink: 0)
    case .load: RoleLook(172, onDark: 215, backdrop: 172, ink: 0, isMeaning: true)
    case .warning: RoleLook(172, onDark: 221, backdrop: 172, ink: 0)
    case .error: RoleLook(167, Look.bold, onDark: 210, backdrop: 167, ink: 0)
    case .good: RoleLook(71, onDark: 114, backdrop: 71, ink: 0)
    case .selected, .selectedSlot: RoleLook(231, on: 24)
    case .cursor: RoleLook(0, on: 3, ink: 0)
    case .pen: RoleLook(15, on: 5, Look.bold, ink: 15)
    case .rule: RoleLook(241, onDark: 109)
    case .clockChange: RoleLook(133, onDark: 182, backdrop: 133, ink: 0)
    }
  }

  /// 16 colours: bright black is the grey.
  static func sixteenColors(_ role: Role) -> RoleLook {
    switch role {
    case .plain: RoleLook(onDark: 15)
    case .dim, .hint: RoleLook(8, onDark: 15)
    case .denied, .rule: RoleLook(8, onDark: 7)
    case .openPast: RoleLook(8, onDark: 7, backdrop: 8, ink: 15)
    case .title: RoleLook(15, on: 4, Look.bold)
    case .selected, .selectedSlot: RoleLook(15, on: 4)
    case .pen: RoleLook(15, on: 5, Look.bold, ink: 15)
    default: eightColors(role)
    }
  }

  /// 8 colours, as on a console: the attributes do more of the work.
  static func eightColors(_ role: Role) -> RoleLook {
    switch role {
    case .plain: RoleLook(onDark: 7)
    case .dim, .hint, .denied, .rule: RoleLook(-1, Look.dim, onDark: 7)
    case .strong: RoleLook(-1, Look.bold, onDark: 7)
    case .title: RoleLook(7, on: 4, Look.bold)
    case .key: RoleLook(6, Look.bold)
    case .open: RoleLook(6, backdrop: 6, ink: 0)
    case .openPast: RoleLook(6, Look.dim, backdrop: 6, ink: 0)
    case .added, .good: RoleLook(2, backdrop: 2, ink: 0)
    case .removed: RoleLook(1, onDark: 7, backdrop: 1, ink: 7)
    case .load: RoleLook(3, backdrop: 3, ink: 0, isMeaning: true)
    case .warning: RoleLook(3, Look.bold, backdrop: 3, ink: 0)
    case .error: RoleLook(1, Look.bold, onDark: 7, backdrop: 1, ink: 7)
    case .selected, .selectedSlot: RoleLook(7, on: 4)
    case .cursor: RoleLook(0, on: 3, ink: 0)
    case .pen: RoleLook(7, on: 5, Look.bold, ink: 7)
    case .clockChange: RoleLook(5, onDark: 7, backdrop: 5, ink: 0)
    }
  }

  /// No colours (NO_COLOR, a VT100): reverse, bold and underlined.
  static func noColors(_ role: Role) -> RoleLook {
    switch role {
    case .plain, .dim, .hint, .denied, .rule, .openPast, .load: RoleLook()
    case .strong, .key, .open, .good, .warning: RoleLook(-1, Look.bold)
    // Reversed, a dark slot would look light and a light one dark.
    case .selectedSlot: RoleLook(-1, Look.bold | Look.underline)
    case .title, .selected: RoleLook(-1, Look.reverse)
    case .cursor: RoleLook(-1, Look.reverse | Look.bold)
    case .pen: RoleLook(-1, Look.reverse | Look.underline)
    case .added: RoleLook(-1, Look.bold | Look.underline)
    case .removed, .clockChange: RoleLook(-1, Look.underline)
    case .error: RoleLook(-1, Look.bold | Look.underline)
    }
  }
}
