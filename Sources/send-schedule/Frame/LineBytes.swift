import Canvas
import Scheduling

/// Lines for people as bytes under construction, in a buffer that is reused: lists may be long.
///
/// Texts from outside are made harmless. Printable ASCII, which most texts are, is copied.
struct LineBytes {
  private(set) var bytes: [UInt8] = []
  /// The offset that was written last, which most lines share.
  private var lastOffset: (offset: Duration, text: String) = (0, Timestamp.offset(0))
  /// The date that was written last, since 1970, and its bytes.
  private var lastDay: (day: Int64, bytes: [UInt8])?

  /// So many bytes are worth handing over.
  private static let many = 1 << 14

  mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

  /// Prints the lines so far where they are many, or `all`.
  mutating func print(all: Bool = false) throws {
    guard all || bytes.count >= Self.many else { return }
    defer { removeAll() }
    try Output.shared.write(bytes)
  }

  /// A text as wide as it is.
  mutating func text(_ text: String) { append(text) }

  /// A text filled up with blanks to a width in columns, or longer if it does not fit, and two blanks.
  mutating func cell(_ text: String, _ width: Int, alignedRight: Bool = false) {
    if alignedRight { blanks(width - columns(of: text)) }
    let used = append(text)
    blanks((alignedRight ? 0 : width - used) + 2)
  }

  /// A number on the right of a width in columns, and two blanks.
  mutating func cell(_ number: Int, _ width: Int) {
    var power = 1
    var used = 1
    while number / power > 9 {
      power *= 10
      used += 1
    }
    blanks(width - used)
    digits(number, power)
    blanks(2)
  }

  /// A time as ``Timestamp/local(_:offset:)`` writes it, 26 columns wide, and two blanks; `otherwise` for none.
  mutating func time(_ instant: Instant?, zone: ZoneTimeline, otherwise: String = "-") {
    guard let instant else { return cell(otherwise, 26) }
    let offset = zone.offset(at: instant)
    let (day, time) = floorDivide(instant + offset, by: .day)
    if let lastDay, lastDay.day == day {
      bytes += lastDay.bytes
    } else {
      let (start, date) = (bytes.count, CivilTime.date(days: day))
      digits(date.year, 1_000, then: "-")
      digits(date.month, 10, then: "-")
      digits(date.day, 10, then: " ")
      lastDay = (day, Array(bytes[start...]))
    }
    let second = Int(time / .second)
    digits(second / 3_600, 10, then: ":")
    digits(second / 60 % 60, 10, then: ":")
    digits(second % 60, 10, then: " ")
    if offset != lastOffset.offset { lastOffset = (offset, Timestamp.offset(offset)) }
    append(lastOffset.text)
    blanks(2)
  }

  /// Ends the line, without the blanks at its end.
  mutating func end() {
    while bytes.last == UInt8(ascii: " ") { bytes.removeLast() }
    bytes.append(0x0A)
  }

  private mutating func blanks(_ count: Int) {
    if count > 0 { bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: count)) }
  }

  private mutating func digits(_ value: Int, _ first: Int, then separator: Unicode.Scalar? = nil) {
    var power = first
    while power > 0 {
      bytes.append(UInt8(48 + value / power % 10))
      power /= 10
    }
    if let separator { bytes.append(UInt8(ascii: separator)) }
  }

  /// Appends a text that cannot act on a terminal; returns its columns.
  @discardableResult
  private mutating func append(_ text: String) -> Int {
    var text = text
    let used = text.withUTF8 { utf8 -> Int? in
      // All of them are looked at, many at a time.
      guard utf8.reduce(UInt8(0), { $0 | ($1 &- 0x20 < 0x5F ? 0 : 1) }) == 0 else { return nil }
      bytes.append(contentsOf: utf8)
      return utf8.count
    }
    if let used { return used }
    let harmless = harmless(text)
    bytes.append(contentsOf: harmless.utf8)
    return columns(of: harmless)
  }
}
