import Scheduling

/// Who saves something, from where, and when.
package struct Stamp: Equatable, Sendable {
  /// The login name; behind sudo, that of the user who called it.
  package var author: String
  /// The address that the SSH connection came from; nil for somebody at the machine.
  package var origin: String?
  package var at: Instant

  package init(author: String, origin: String? = nil, at: Instant) {
    self.author = author
    self.origin = origin
    self.at = at
  }
}

/// Identifiers for new records: UUIDs of version 7.
package enum NewID {
  /// A UUID that begins with `instant`, so that an index of them grows at its end.
  ///
  /// `sequence` (0 to 4095) orders identifiers of the same millisecond.
  package static func make(at instant: Instant, sequence: Int = 0) -> String {
    let time = UInt64(clamping: max(0, instant)) & 0xFFFF_FFFF_FFFF
    let random = UInt64.random(in: .min ... .max)
    let high = time << 16 | 0x7000 | UInt64(sequence & 0xFFF)
    let low = 0x8000_0000_0000_0000 | random >> 2
    return hex(high >> 32, 8) + "-" + hex(high >> 16 & 0xFFFF, 4) + "-" + hex(high & 0xFFFF, 4) + "-"
      + hex(low >> 48, 4) + "-" + hex(low & 0xFFFF_FFFF_FFFF, 12)
  }

  private static func hex(_ value: UInt64, _ width: Int) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: width - digits.count) + digits
  }
}

/// Telephone numbers as they are stored.
package enum PhoneNumber {
  /// A number in E.164, with its `+`, which may be left out when it is read; nil if it is none.
  package static func e164(_ text: some StringProtocol) -> String? {
    let digits = text.hasPrefix("+") ? text.dropFirst() : text[...]
    guard (7...15).contains(digits.utf8.count), isDigits(digits), digits.utf8.first != UInt8(ascii: "0")
    else {
      return nil
    }
    return "+" + digits
  }

  /// Whom a message may go to: a number in E.164, or a short code of 3 to 6 digits, which has no `+`.
  package static func contact(_ text: some StringProtocol) -> String? {
    if (3...6).contains(text.utf8.count), isDigits(text) { return String(text) }
    return e164(text)
  }

  private static func isDigits(_ text: some StringProtocol) -> Bool {
    text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }
}
