import Testing

@testable import Canvas

@Suite("Columns of text")
struct TextWidthTests {
  /// Known cases of the wcwidth test suites, as terminals count them.
  @Test(arguments: [
    ("", 0), ("hello", 5), ("naïve", 5), ("e\u{301}cole", 5), ("コンニチハ", 10), ("ｺﾝﾆﾁﾊ", 5), ("，", 2),
    ("한국어", 6), ("ᄒ\u{1161}\u{11AB}", 2), ("שלום", 4), ("مرحبا", 5), ("नमस्ते", 4), ("👍", 2), ("─│█▒·…", 6),
    ("\u{3000}", 2), ("€", 1), ("ﬁ", 1), ("⌚", 2), ("❤", 1),
  ])
  func knownText(text: String, width: Int) {
    #expect(columns(of: text) == width)
    #expect(harmless(text) == text)
  }

  /// What terminals measure differently is brought to a form that all measure alike.
  @Test(arguments: [
    ("❤\u{FE0F}", "❤", 1), ("👨\u{200D}👩\u{200D}👧", "👨👩👧", 6), ("👍\u{1F3FD}", "👍", 2), ("🇩🇪", "DE", 2),
    ("1\u{FE0F}\u{20E3}", "1\u{20E3}", 1), ("\u{301}x", "◌\u{301}x", 2),
    ("z\u{300}\u{301}\u{302}\u{303}\u{304}", "z\u{300}\u{301}\u{302}", 1),
  ])
  func broughtToOneForm(text: String, form: String, width: Int) {
    #expect(harmless(text) == form)
    #expect(columns(of: text) == width)
  }

  @Test(arguments: [
    ("\u{1B}[31mred\u{7}", "␛[31mred␇"), ("a\nb", "a␤b"), ("a\r\nb", "a␤b"), ("\r\r\n", "␤␤"), ("\t", "␉"),
    ("\u{7F}", "␡"), ("\u{0}", "␀"), ("\u{9B}31m", "�31m"), ("\u{85}", "␤"), ("\u{2028}", "␤"),
    ("a\u{202E}b", "a�b"), ("\u{2066}x\u{2069}", "�x�"), ("\u{200F}", "�"), ("a\u{200B}b", "a�b"),
    ("a\u{200D}b", "a�b"), ("\u{FEFF}", "�"), ("soft\u{AD}hyphen", "soft�hyphen"), ("\u{E0041}", "�"),
    ("\u{3164}", "�"), ("\u{115F}", "�"), ("\u{FFFE}", "�"),
  ])
  func hostileTextIsHarmless(text: String, shown: String) {
    #expect(harmless(text) == shown)
    #expect(columns(of: text) == columns(of: shown))
  }

  @Test func harmlessTwiceIsHarmlessOnce() {
    var random = SystemRandom(seed: 7)
    for _ in 0..<3000 {
      let text = random.text(length: 12)
      let once = harmless(text)
      #expect(harmless(once) == once)
      #expect(columns(of: once) == columns(of: text))
      #expect(once.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value) })
      let plain = harmless(text, ascii: true)
      #expect(plain.utf8.allSatisfy { (0x20...0x7E).contains($0) })
      #expect(plain.utf8.count == columns(of: text))
    }
  }

  @Test(arguments: [
    ("Zürich", "Zurich"), ("“A–B”…", "\"A-B\"~"), ("日本", "????"), ("█·▒", "#.%"), ("e\u{301}", "e"),
    ("\u{1B}", "^"),
  ])
  func textWithoutUnicode(text: String, shown: String) {
    #expect(harmless(text, ascii: true) == shown)
  }

  @Test func clipping() {
    #expect(clipped("hello", columns: 5) == "hello")
    #expect(clipped("hello!", columns: 5) == "hell…")
    #expect(clipped("日本語", columns: 5) == "日本…")
    #expect(clipped("日本語", columns: 4) == "日…")
    #expect(clipped("日本語", columns: 1) == "…")
    #expect(clipped("abc", columns: 0) == "")
    #expect(padded("日本語", columns: 4) == "日… ")
    #expect(padded("ab", columns: 4) == "ab  ")
    #expect(padded("ab", columns: 4, alignedRight: true) == "  ab")
  }
}

/// A small repeatable generator of unpleasant text.
private struct SystemRandom {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  private mutating func next(below limit: UInt32) -> UInt32 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return UInt32(state >> 33) % limit
  }

  mutating func text(length: UInt32) -> String {
    var text = ""
    for _ in 0..<next(below: length + 1) {
      let ranges: [ClosedRange<UInt32>] = [
        0...0x7F, 0x80...0x2FF, 0x300...0x36F, 0x590...0x6FF, 0x1100...0x11FF, 0x2000...0x206F,
        0x3000...0x30FF,
        0xFE00...0xFFFF, 0x1F1E6...0x1F64F, 0xE0000...0xE01EF, 0...0x10FFFF,
      ]
      let range = ranges[Int(next(below: UInt32(ranges.count)))]
      let code = range.lowerBound + next(below: UInt32(range.count))
      if let scalar = Unicode.Scalar(code) { text.unicodeScalars.append(scalar) }
    }
    return text
  }
}
