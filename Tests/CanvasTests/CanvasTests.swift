import Testing

@testable import Canvas

@Suite("Drawing on a canvas")
struct CanvasTests {
  private func canvas(_ width: Int, _ height: Int = 1) -> Canvas {
    Canvas(size: Size(width: width, height: height))
  }

  @Test func writesAndSaysHowMuch() {
    var screen = canvas(10, 2)
    #expect(screen.write("hello", row: 0, column: 2, style: Style(.key)) == 5)
    #expect(screen.text() == "  hello\n")
    #expect(screen[0, 2] == Cell(text: "h", style: Style(.key)))
    #expect(screen[0, 1] == Cell(text: " ", style: .plain))
  }

  @Test func clipsAtTheEdgesAndAtTheWidth() {
    var screen = canvas(6, 2)
    #expect(screen.write("abcdefgh", row: 0, column: 3) == 3)
    #expect(screen.write("abcdefgh", row: 1, column: 0, width: 2) == 2)
    #expect(screen.text() == "   abc\nab")
    #expect(screen.write("x", row: 2, column: 0) == 0)
    #expect(screen.write("x", row: -1, column: 0) == 0)
    #expect(screen.write("x", row: 0, column: 6) == 0)
    #expect(screen.write("x", row: 0, column: 0, width: 0) == 0)
    screen.write("0123", row: 1, column: -2)
    #expect(screen.text() == "   abc\n23")
  }

  @Test func neverCutsAWideCharacter() {
    var screen = canvas(5)
    #expect(screen.write("日本語", row: 0, column: 0) == 4)
    #expect(screen.text() == "日本")
    #expect(screen[0, 1].text == "")
    screen.write("x", row: 0, column: 1)
    #expect(screen.text() == " x本")
    screen.write("y", row: 0, column: 2)
    #expect(screen.text() == " xy")
    screen.write("語", row: 0, column: -1)
    #expect(screen.text() == " xy")
    screen.write("日本", row: 0, column: 0)
    screen.write("語", row: 0, column: 1)
    #expect(screen.text() == " 語")
  }

  @Test func fillsWithoutLeavingHalves() {
    var screen = canvas(6, 2)
    screen.write("日本語", row: 0, column: 0)
    screen.fill(Rect(row: 0, column: 1, height: 9, width: 2), text: "#", style: Style(.open))
    #expect(screen.text() == " ## 語\n ##")
    screen.fill(Rect(row: -3, column: -3, height: 90, width: 90), text: "日", style: .plain)
    #expect(screen == canvas(6, 2))
  }

  @Test func restylesWhatStandsThere() {
    var screen = canvas(4)
    screen.write("ab", row: 0, column: 0, style: Style(.key))
    screen.restyle(Rect(row: 0, column: 1, height: 1, width: 9)) { $0.standing(on: .selected) }
    #expect(screen[0, 0].style == Style(.key))
    #expect(screen[0, 1] == Cell(text: "b", style: Style(.key, on: .selected)))
    #expect(screen[0, 3].style == Style(.plain, on: .selected))
  }

  @Test func framesWithATitle() {
    var screen = canvas(14, 3)
    screen.frame(Rect(row: 0, column: 0, height: 3, width: 14), title: "Title", glyphs: .unicode)
    #expect(screen.text() == "┌─ Title ────┐\n│            │\n└────────────┘")
    screen.frame(Rect(row: 0, column: 0, height: 3, width: 14), title: "A long title", glyphs: .ascii)
    #expect(screen.text() == "+- A long ~ -+\n|            |\n+------------+")
    screen.frame(Rect(row: 1, column: 1, height: 1, width: 1), title: nil, glyphs: .ascii)
    #expect(screen[1, 1].text == " ")
  }

  @Test func rolesAsText() {
    var screen = canvas(6, 2)
    screen.write("ab", row: 0, column: 1, style: Style(.open))
    screen.write("c", row: 1, column: 0, style: Style(.load, on: .open))
    #expect(screen.styledText() == " ab\nc\n--\n oo\nL\n--\no open, l load")
    #expect(Set(Role.allCases.map(\.letter)).count == Role.allCases.count)
  }

  @Test func anEmptyCanvasTakesAnything() {
    var screen = canvas(0, 0)
    #expect(screen.write("x", row: 0, column: 0) == 0)
    screen.fill(Rect(row: 0, column: 0, height: 2, width: 2), style: .plain)
    screen[3, 3] = Cell(text: "x", style: .plain)
    #expect(screen.text() == "")
  }

  @Test(arguments: [Glyphs.unicode, Glyphs.ascii])
  func glyphsTakeOneColumn(glyphs: Glyphs) {
    for child in Mirror(reflecting: glyphs).children {
      let texts = child.value as? [String] ?? (child.value as? String).map { [$0] } ?? []
      for text in texts {
        #expect(columns(of: text) == 1, "\(child.label ?? "")")
        #expect(
          !glyphs.isASCII || text.utf8.allSatisfy { (0x20...0x7E).contains($0) }, "\(child.label ?? "")")
      }
    }
    // The eighth of the block elements is the sign of an allowed slot.
    #expect(glyphs.heat.count == (glyphs.isASCII ? 6 : 7))
    #expect(!glyphs.heat.contains(glyphs.open))
  }
}
