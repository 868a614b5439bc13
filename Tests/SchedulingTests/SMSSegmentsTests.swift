import TestSupport
import Testing

@testable import Scheduling

@Suite struct SMSSegmentsTests {
  private func text(_ character: String, _ count: Int) -> String {
    String(repeating: character, count: count)
  }

  @Test func sevenBits() {
    for (text, length, count) in [
      ("", 0, 1), (text("a", 160), 160, 1), (text("a", 161), 161, 2), (text("a", 306), 306, 2),
      (text("a", 307), 307, 3), (text("€", 80), 160, 1), (text("€", 81), 162, 2),
      // An escape and its character stay together: 76 of them fill 152 of 153 septets.
      (text("€", 153), 306, 3), (text("a", 1_530), 1_530, 10), (text("a", 1_531), 1_531, 11),
    ] {
      let segments = SMSSegments(text)
      #expect(segments.encoding == .gsm7 && segments.length == length && segments.count == count, "\(length)")
    }
    #expect(!SMSSegments(text("a", 1_530)).isTooLong && SMSSegments(text("a", 1_531)).isTooLong)
  }

  @Test func sixteenBits() {
    for (text, length, count) in [
      ("я", 1, 1), (text("я", 70), 70, 1), (text("я", 71), 71, 2), (text("я", 134), 134, 2),
      (text("я", 135), 135, 3),
      // A surrogate pair stays together: 33 of them fill 66 of 67 units.
      (text("😀", 35), 70, 1), (text("😀", 67), 134, 3),
    ] {
      let segments = SMSSegments(text)
      #expect(segments.encoding == .ucs2 && segments.length == length && segments.count == count, "\(length)")
    }
  }

  @Test func theAlphabet() {
    for character in "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ÄÖÑÜ§¿äöñüà\n\r" {
      #expect(SMSSegments(String(character)) == SMSSegments("a"), "\(character)")
    }
    for character in "^{}\\[~]|€\u{C}" { #expect(SMSSegments(String(character)).length == 2, "\(character)") }
    // Letters that look alike, and é as two scalars, are not in it.
    for character in ["`", "ç", "á", "А", "e\u{301}", "“", "\u{1B}", "\t"] {
      #expect(SMSSegments(character).encoding == .ucs2, "\(character)")
    }
  }
}

@Suite struct SuggestionTests {
  private let commands = [
    "phones", "schedules", "queue", "preview", "import", "export", "check", "backup", "demo",
  ]

  @Test(arguments: [
    ("phone", "phones"), ("queu", "queue"), ("preveiw", "preview"), ("Exprot", "export"),
    ("sched", "schedules"),
    ("chek", "check"),
  ])
  func nearest(_ typed: String, _ meant: String) {
    #expect(Suggestion.nearest(to: typed, among: commands) == meant)
  }

  @Test(arguments: ["", "x", "zzzzzz", "ph", "--", "telephone"])
  func nothingNear(_ typed: String) { #expect(Suggestion.nearest(to: typed, among: commands) == nil) }

  @Test func namesOfOtherKinds() {
    let zones = ["Europe/Tallinn", "Europe/Berlin", "America/New_York", "Asia/Kolkata"]
    #expect(Suggestion.nearest(to: "tallinn", among: zones) == "Europe/Tallinn")
    #expect(Suggestion.nearest(to: "New York", among: zones) == "America/New_York")
    #expect(Suggestion.nearest(to: "Europe/Berlni", among: zones) == "Europe/Berlin")
    #expect(Suggestion.nearest(to: "Offce", among: ["Nights", "Office"]) == "Office")
    #expect(Suggestion.nearest(to: "18005550198", among: ["+18005550199", "+4930123456"]) == "+18005550199")
  }

  @Test func editsAreThoseOfTheWholeTable() {
    var random = SeededRandom(seed: 31)
    let letters = Array("abc")
    for _ in 0..<3_000 {
      let word = { (random: inout SeededRandom) in
        (0..<Int.random(in: 0...5, using: &random)).map { _ in random.pick(letters) }
      }
      let (a, b) = (word(&random), word(&random))
      let edits = slowEdits(a[...], b[...])
      #expect(Suggestion.edits(a, b, most: 10) == edits)
      #expect(Suggestion.edits(b, a, most: 10) == edits)
      #expect(Suggestion.edits(a, b, most: 2) == (edits <= 2 ? edits : nil))
    }
  }

  /// The definition, by recursion.
  private func slowEdits(_ a: ArraySlice<Character>, _ b: ArraySlice<Character>) -> Int {
    guard let x = a.last, let y = b.last else { return max(a.count, b.count) }
    let (restA, restB) = (a.dropLast(), b.dropLast())
    var best = min(
      slowEdits(restA, b) + 1, slowEdits(a, restB) + 1, slowEdits(restA, restB) + (x == y ? 0 : 1))
    if let z = restA.last, let w = restB.last, x == w, y == z {
      best = min(best, slowEdits(restA.dropLast(), restB.dropLast()) + 1)
    }
    return best
  }
}
