/// Telephone numbers as they are stored.
package enum PhoneNumber {
  /// A number in E.164, with its `+`; nil if it is none.
  ///
  /// One of ten digits or more may come without its `+`, as httpSMS reads it; a shorter one is national, and
  /// a `+` would make it a number of another country.
  package static func e164(_ text: some StringProtocol) -> String? {
    let hasPlus = text.utf8.first == UInt8(ascii: "+")
    let digits = hasPlus ? text.dropFirst() : text[...]
    guard (hasPlus ? 7...15 : 10...15).contains(digits.utf8.count), isDigits(digits),
      digits.utf8.first != UInt8(ascii: "0")
    else { return nil }
    return hasPlus ? String(text) : "+" + digits
  }

  /// Whom a message may go to: a number in E.164, or a short code or national number of 3 to 15 digits, which
  /// has no `+`.
  package static func contact(_ text: some StringProtocol) -> String? {
    if let number = e164(text) { return number }
    return (3...15).contains(text.utf8.count) && isDigits(text) ? String(text) : nil
  }

  private static func isDigits(_ text: some StringProtocol) -> Bool {
    text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }
}
