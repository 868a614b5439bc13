/// How many SMS a text takes: GSM 03.38's seven bits a character where its alphabet has them all, else UCS-2.
package struct SMSSegments: Equatable, Sendable {
  package enum Encoding: Sendable {
    /// 160 septets in one SMS, 153 in each of several.
    case gsm7
    /// 70 units of UTF-16 in one SMS, 67 in each of several.
    case ucs2
  }

  package let encoding: Encoding
  /// Septets of GSM 03.38, or units of UTF-16.
  package let length: Int
  /// 1 for an empty text too.
  package let count: Int

  /// The most that one message may take.
  package static let most = 10

  package init(_ text: String) {
    if let septets = Self.septets(text) {
      encoding = .gsm7
      (length, count) = Self.packed(septets, one: 160, several: 153)
    } else {
      encoding = .ucs2
      (length, count) = Self.packed(
        text.unicodeScalars.map { $0.value > 0xFFFF ? 2 : 1 }, one: 70, several: 67)
    }
  }

  /// Whether it may be sent.
  package var isTooLong: Bool { count > Self.most }

  /// What is expected of somebody who queues a text that is empty or too long; nil if it is neither.
  package static func expected(insteadOf content: String) -> String? {
    if content.isEmpty { return "a text" }
    let segments = SMSSegments(content)
    return segments.isTooLong ? "at most \(most) SMS, not \(segments.count)" : nil
  }

  /// Units of some characters, none of which is cut between two SMS.
  private static func packed(_ units: [Int], one: Int, several: Int) -> (length: Int, count: Int) {
    let length = units.reduce(0, +)
    if length <= one { return (length, 1) }
    var count = 1
    var used = 0
    for unit in units {
      if used + unit > several {
        count += 1
        used = 0
      }
      used += unit
    }
    return (length, count)
  }

  /// Septets of each character; nil if the alphabet lacks one.
  private static func septets(_ text: String) -> [Int]? {
    var septets: [Int] = []
    for scalar in text.unicodeScalars {
      if basic.contains(scalar) {
        septets.append(1)
      } else if escaped.contains(scalar) {
        septets.append(2)
      } else {
        return nil
      }
    }
    return septets
  }

  /// The default alphabet (3GPP TS 23.038, 6.2.1).
  private static let basic = Set(
    ("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
      + "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà").unicodeScalars)
  /// Its extension, each after an escape (6.2.1.1).
  private static let escaped = Set("\u{C}^{}\\[~]|€".unicodeScalars)
}
