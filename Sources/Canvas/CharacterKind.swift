/// What a character does on a grid of cells.
enum CharacterKind {
  /// Takes one or two columns.
  case columns(Int)
  /// Draws on the cell before it.
  case mark
  /// Is shown as another character, one column wide.
  case sign(Unicode.Scalar)
  /// Is left out after a wide character, where terminals disagree on what it does; else a sign or nothing.
  case dropped(otherwise: Unicode.Scalar?)

  init(_ scalar: Unicode.Scalar) {
    let code = scalar.value
    switch code {
    case 0x20...0x7E, 0xA1...0xAC, 0xAE...0x2FF: self = .columns(1)
    case 0x0A, 0x0D, 0x85, 0x2028, 0x2029: self = .sign("␤")
    case 0x00...0x1F: self = .sign(Unicode.Scalar(0x2400 + code) ?? "�")
    case 0x7F: self = .sign("␡")
    case 0x200D, 0x1F3FB...0x1F3FF: self = .dropped(otherwise: "�")
    case 0xFE00...0xFE0F, 0xE0100...0xE01EF: self = .dropped(otherwise: nil)
    // Terminals draw two of them as one flag of unclear width; as letters they say the same.
    case 0x1F1E6...0x1F1FF: self = .sign(Unicode.Scalar(0x41 + code - 0x1F1E6) ?? "�")
    default: self = CharacterKind.inTable(code)
    }
  }

  private static func inTable(_ code: UInt32) -> CharacterKind {
    if holds(WidthTable.hidden, code) { return .sign("�") }
    if holds(WidthTable.wide, code) { return .columns(2) }
    return holds(WidthTable.zero, code) ? .mark : .columns(1)
  }

  /// Whether a list of first, last, first, last, … covers the code.
  private static func holds(_ ranges: [UInt32], _ code: UInt32) -> Bool {
    var low = 0
    var high = ranges.count / 2
    while low < high {
      let middle = (low + high) / 2
      if code > ranges[2 * middle + 1] {
        low = middle + 1
      } else if code < ranges[2 * middle] {
        high = middle
      } else {
        return true
      }
    }
    return false
  }
}
