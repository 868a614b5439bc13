import Canvas

/// Reads the escape sequences of terminals: VT, xterm, rxvt, the Linux console, tmux and screen.
enum EscapeSequence {
  enum Meaning: Equatable {
    case key(Key)
    case mouse(MouseEvent)
    case pasteBegins
    /// A function key, an answer, something new: swallowed.
    case nothing
  }

  enum Reading: Equatable {
    case complete(Meaning, count: Int)
    /// It could go on.
    case incomplete
    /// The escape stands for itself.
    case none
  }

  /// No sequence that means something is longer.
  private static let longest = 64
  private static let longestString = 4096

  /// Reads what begins with an escape.
  static func read(_ bytes: ArraySlice<UInt8>) -> Reading {
    let bytes = Array(bytes)
    guard bytes.count > 1 else { return .incomplete }
    switch bytes[1] {
    case UInt8(ascii: "["): return readControl(bytes)
    case UInt8(ascii: "O"): return readSingleShift(bytes)
    case UInt8(ascii: "]"): return readString(bytes) { (0x30...0x39).contains($0) }
    case UInt8(ascii: "P"): return readString(bytes) { (0x20...0x3F).contains($0) }
    default: return .none
    }
  }

  // MARK: ESC O

  private static func readSingleShift(_ bytes: [UInt8]) -> Reading {
    guard bytes.count > 2 else { return .incomplete }
    switch bytes[2] {
    case UInt8(ascii: "M"): return .complete(.key(.enter), count: 3)
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"):
      return .complete(arrow(bytes[2]), count: 3)
    default: return .none
    }
  }

  // MARK: ESC [

  private static func readControl(_ bytes: [UInt8]) -> Reading {
    var index = 2
    while index < bytes.count && (0x20...0x3F).contains(bytes[index]) { index += 1 }
    if index > longest { return .complete(.nothing, count: index) }
    guard index < bytes.count else { return .incomplete }
    let final = bytes[index]
    // A control or a character of several bytes breaks it off and counts for itself.
    guard (0x40...0x7E).contains(final) else { return .complete(.nothing, count: index) }
    if final == UInt8(ascii: "[") && index == 2 {
      // The Linux console's function keys have one byte more.
      guard bytes.count > 3 else { return .incomplete }
      return .complete(bytes[3] == UInt8(ascii: "A") ? .key(.f1) : .nothing, count: 4)
    }
    if final == UInt8(ascii: "M") && index == 2 { return readOldMouse(bytes) }
    return .complete(control(bytes[2..<index], final), count: index + 1)
  }

  private static func control(_ parameters: ArraySlice<UInt8>, _ final: UInt8) -> Meaning {
    guard let first = parameters.first else { return arrow(final) }
    if first == UInt8(ascii: "<") { return mouse(numbers(parameters.dropFirst()), final) }
    guard (0x30...0x39).contains(first) || first == UInt8(ascii: ";") else { return .nothing }
    let numbers = numbers(parameters)
    guard final == UInt8(ascii: "~") else { return arrow(final) }
    switch numbers[0] {
    case 1, 7: return .key(.home)
    case 4, 8: return .key(.end)
    case 3: return .key(.delete)
    case 5: return .key(.pageUp)
    case 11: return .key(.f1)
    case 6: return .key(.pageDown)
    case 200: return .pasteBegins
    default: return .nothing
    }
  }

  private static func arrow(_ final: UInt8) -> Meaning {
    switch final {
    case UInt8(ascii: "A"), UInt8(ascii: "a"): .key(.up)
    case UInt8(ascii: "B"), UInt8(ascii: "b"): .key(.down)
    case UInt8(ascii: "C"), UInt8(ascii: "c"): .key(.right)
    case UInt8(ascii: "D"), UInt8(ascii: "d"): .key(.left)
    case UInt8(ascii: "H"): .key(.home)
    case UInt8(ascii: "F"): .key(.end)
    case UInt8(ascii: "P"): .key(.f1)
    case UInt8(ascii: "Z"): .key(.backtab)
    default: .nothing
    }
  }

  /// Numbers between semicolons, at least one; 0 for what is missing, too large or not a number.
  private static func numbers(_ parameters: ArraySlice<UInt8>) -> [Int] {
    parameters.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false).map { digits in
      Int(String(decoding: digits.prefix(9), as: UTF8.self)) ?? 0
    }
  }

  // MARK: Mouse

  private static func mouse(_ numbers: [Int], _ final: UInt8) -> Meaning {
    guard numbers.count == 3 else { return .nothing }
    return mouse(
      button: numbers[0], column: numbers[1], row: numbers[2], isRelease: final == UInt8(ascii: "m"))
  }

  private static func readOldMouse(_ bytes: [UInt8]) -> Reading {
    guard bytes.count >= 6 else { return .incomplete }
    let values = bytes[3..<6].map { Int($0) - 32 }
    let isRelease = values[0] & 3 == 3
    let meaning = mouse(button: values[0], column: values[1], row: values[2], isRelease: isRelease)
    return .complete(meaning, count: 6)
  }

  private static func mouse(button: Int, column: Int, row: Int, isRelease: Bool) -> Meaning {
    guard row >= 1, column >= 1, button >= 0 else { return .nothing }
    let kind: MouseEvent.Kind
    // Without the bits for shift, alt and control.
    switch button & ~28 {
    case 64: kind = .wheelUp
    case 65: kind = .wheelDown
    case 0, 3: kind = isRelease ? .release : .press
    case 32: kind = .drag
    default: return .nothing
    }
    return .mouse(MouseEvent(row: row - 1, column: column - 1, kind: kind))
  }

  // MARK: ESC ] and ESC P

  /// An answer that ends with BEL or ESC \; the keys `]` and `P` after an escape do not begin like one.
  private static func readString(_ bytes: [UInt8], beginsWith isBeginning: (UInt8) -> Bool) -> Reading {
    guard bytes.count > 2 else { return .incomplete }
    guard isBeginning(bytes[2]) else { return .none }
    for index in 2..<bytes.count {
      if bytes[index] == 0x07 { return .complete(.nothing, count: index + 1) }
      if bytes[index] == UInt8(ascii: "\\") && bytes[index - 1] == 0x1B {
        return .complete(.nothing, count: index + 1)
      }
    }
    return bytes.count > longestString ? .complete(.nothing, count: bytes.count) : .incomplete
  }
}
