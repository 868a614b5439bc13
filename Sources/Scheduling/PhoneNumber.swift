/// Telephone numbers as they are stored.
package enum PhoneNumber {
  /// A number in E.164, with its `+`; nil if it is none.
  ///
  /// One of ten digits or more may come without its `+`, as httpSMS reads it; a shorter one is national, and
  /// a `+` would make it a number of another country.
  package static func e164(_ text: String) -> String? {
    switch kind(of: text) {
    case .complete: text
    case .withoutPlus: "+" + text
    case .short, nil: nil
    }
  }

  /// Whom a message may go to: a number in E.164, or a short code or national number of 3 to 15 digits, which
  /// has no `+`.
  package static func contact(_ text: String) -> String? {
    switch kind(of: text) {
    case .complete, .short: text
    case .withoutPlus: "+" + text
    case nil: nil
    }
  }

  private enum Kind {
    case complete, withoutPlus
    /// Three digits or more that are no number in E.164.
    case short
  }

  /// Files have millions of them: it looks at bytes.
  private static func kind(of text: String) -> Kind? {
    var text = text
    return text.withUTF8 { bytes in
      let hasPlus = bytes.first == UInt8(ascii: "+")
      let digits = bytes.dropFirst(hasPlus ? 1 : 0)
      for byte in digits where byte < UInt8(ascii: "0") || byte > UInt8(ascii: "9") { return nil }
      guard digits.count <= 15 else { return nil }
      let isComplete = digits.count >= (hasPlus ? 7 : 10) && digits.first != UInt8(ascii: "0")
      if isComplete { return hasPlus ? .complete : .withoutPlus }
      return !hasPlus && digits.count >= 3 ? .short : nil
    }
  }
}
