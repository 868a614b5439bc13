/// Telephone numbers as they are stored.
package enum PhoneNumber {
  /// A number in E.164, with its `+`; nil if it is none.
  ///
  /// One of ten digits or more may come without its `+`, as httpSMS reads it; a shorter one is national, and
  /// a `+` would make it a number of another country.
  package static func e164(_ text: String) -> String? {
    var text = text
    return text.withUTF8 { e164($0) }?.string
  }

  /// The same of UTF-8.
  package static func e164(_ text: UnsafeBufferPointer<UInt8>) -> NumberText? {
    switch kind(of: text) {
    case .complete: NumberText(text)
    case .withoutPlus: NumberText(text, hasPlus: true)
    case .short, nil: nil
    }
  }

  /// Whom a message may go to: a number in E.164, or a short code or national number of 3 to 15 digits, which
  /// has no `+`.
  package static func contact(_ text: String) -> String? {
    var text = text
    return text.withUTF8 { contact($0) }?.string
  }

  /// The same of UTF-8.
  package static func contact(_ text: UnsafeBufferPointer<UInt8>) -> NumberText? {
    switch kind(of: text) {
    case .complete, .short: NumberText(text)
    case .withoutPlus: NumberText(text, hasPlus: true)
    case nil: nil
    }
  }

  private enum Kind {
    case complete, withoutPlus
    /// Three digits or more that are no number in E.164.
    case short
  }

  private static func kind(of text: UnsafeBufferPointer<UInt8>) -> Kind? {
    let hasPlus = text.first == UInt8(ascii: "+")
    let start = hasPlus ? 1 : 0
    let count = text.count - start
    guard count > 0, count <= 15 else { return nil }
    for place in start..<text.count where text[place] &- 0x30 > 9 { return nil }
    let isComplete = count >= (hasPlus ? 7 : 10) && text[start] != UInt8(ascii: "0")
    if isComplete { return hasPlus ? .complete : .withoutPlus }
    return !hasPlus && count >= 3 ? .short : nil
  }
}

/// A telephone number as it is written, in place: files have millions of them.
package struct NumberText: Hashable, Sendable {
  /// Its characters, the first ones in the lowest bits, then zeros.
  package private(set) var words: SIMD2<UInt64> = .zero
  /// From 3 to 16.
  package let count: Int

  /// At most 16 characters of ASCII, or 15 behind a `+`.
  fileprivate init(_ text: UnsafeBufferPointer<UInt8>, hasPlus: Bool = false) {
    count = text.count + (hasPlus ? 1 : 0)
    withUnsafeMutableBytes(of: &words) { bytes in
      if hasPlus { bytes[0] = UInt8(ascii: "+") }
      for place in text.indices { bytes[place + (hasPlus ? 1 : 0)] = text[place] }
    }
  }

  package func hash(into hasher: inout Hasher) {
    // Once is faster than three times.
    hasher.combine(words.x ^ words.y &* 0x9E37_79B9_7F4A_7C15)
  }

  package var string: String { withUTF8 { String(decoding: $0, as: UTF8.self) } }

  /// Hands the characters to `body`, which has them while it runs.
  @inlinable package func withUTF8<T>(_ body: (UnsafeBufferPointer<UInt8>) throws -> T) rethrows -> T {
    try withUnsafeBytes(of: words) {
      try body(UnsafeBufferPointer(rebasing: $0.assumingMemoryBound(to: UInt8.self)[..<count]))
    }
  }
}
