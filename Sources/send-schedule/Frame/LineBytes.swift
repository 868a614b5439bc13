import Canvas
import Scheduling

/// A line for people as bytes under construction, in a buffer that is reused: lists may be long.
///
/// Texts from outside are made harmless. Printable ASCII, which most texts are, is copied.
struct LineBytes {
  private(set) var bytes: [UInt8] = []

  mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

  /// A text as wide as it is.
  mutating func text(_ text: String) {
    if Self.isPlain(text) {
      bytes.append(contentsOf: text.utf8)
    } else {
      bytes.append(contentsOf: harmless(text).utf8)
    }
  }

  /// A text filled up with blanks to a width in columns, or longer if it does not fit, and two blanks.
  mutating func cell(_ text: String, _ width: Int, alignedRight: Bool = false) {
    let used = Self.isPlain(text) ? text.utf8.count : columns(of: text)
    if alignedRight { blanks(width - used) }
    self.text(text)
    if !alignedRight { blanks(width - used) }
    blanks(2)
  }

  /// A time as ``Timestamp/local(_:offset:)`` writes it, 26 columns wide, and two blanks; `otherwise` for none.
  mutating func time(_ instant: Instant?, zone: ZoneTimeline, otherwise: String = "-") {
    guard let instant else { return cell(otherwise, 26) }
    let offset = zone.offset(at: instant)
    let time = CivilTime(local: instant + offset)
    digits(time.year, 4, then: "-")
    digits(time.month, 2, then: "-")
    digits(time.day, 2, then: " ")
    digits(time.hour, 2, then: ":")
    digits(time.minute, 2, then: ":")
    digits(time.second, 2, then: " ")
    text(Timestamp.offset(offset))
    blanks(2)
  }

  /// Ends the line, without the blanks at its end.
  mutating func end() {
    while bytes.last == UInt8(ascii: " ") { bytes.removeLast() }
    bytes.append(0x0A)
  }

  private mutating func blanks(_ count: Int) {
    for _ in 0..<max(0, count) { bytes.append(UInt8(ascii: " ")) }
  }

  private mutating func digits(_ value: Int, _ count: Int, then separator: Unicode.Scalar) {
    var power = 1
    for _ in 1..<count { power *= 10 }
    while power > 0 {
      bytes.append(UInt8(48 + value / power % 10))
      power /= 10
    }
    bytes.append(UInt8(ascii: separator))
  }

  private static func isPlain(_ text: String) -> Bool { text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } }
}
