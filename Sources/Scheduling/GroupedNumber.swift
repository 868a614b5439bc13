extension Int {
  /// `1,234,567`.
  package var grouped: String {
    let digits = String(magnitude)
    if digits.utf8.count <= 3 { return self < 0 ? "-" + digits : digits }
    var text = self < 0 ? "-" : ""
    for (index, digit) in digits.utf8.enumerated() {
      if index > 0, (digits.utf8.count - index) % 3 == 0 { text.append(",") }
      text.unicodeScalars.append(Unicode.Scalar(digit))
    }
    return text
  }

  /// `1 message`, `1,234 messages`; for nouns whose plural ends in s.
  package func counted(_ noun: String) -> String { "\(grouped) \(noun)\(self == 1 ? "" : "s")" }
}
