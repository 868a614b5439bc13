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
