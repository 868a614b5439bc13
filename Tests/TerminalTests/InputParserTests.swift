import Canvas
import Testing

@testable import Terminal

@Suite("What the terminal sends")
struct InputParserTests {
  /// The events of bytes that come together and are followed by silence.
  private func events(_ bytes: some Sequence<UInt8>) -> [Event] {
    var parser = InputParser()
    parser.feed(bytes)
    parser.finish()
    return drain(&parser)
  }

  private func events(_ text: String) -> [Event] { events(Array(text.utf8)) }

  private func drain(_ parser: inout InputParser) -> [Event] {
    var events: [Event] = []
    while let event = parser.next() { events.append(event) }
    return events
  }

  @Test func charactersAndControls() {
    #expect(events("a é€😀") == ["a", " ", "é", "€", "😀"].map { .key(.character($0)) })
    #expect(events("\r\n\t\u{8}\u{7F}") == [.enter, .enter, .tab, .backspace, .backspace].map { .key($0) })
    #expect(events("\u{1}\u{C}\u{0}\u{1D}") == ["a", "l", "@", "]"].map { .key(.control($0)) })
    #expect(events("\u{3}\u{1A}") == [.interrupt, .suspend])
  }

  @Test(arguments: [
    ("[A", Key.up), ("OA", .up), ("[1;5A", .up), ("[a", .up), ("[B", .down), ("OC", .right), ("[D", .left),
    ("[H", .home), ("OH", .home), ("[1~", .home), ("[7~", .home), ("[F", .end), ("[4~", .end), ("[8~", .end),
    ("[5~", .pageUp), ("[6;2~", .pageDown), ("[3~", .delete), ("[Z", .backtab), ("OM", .enter),
    ("OP", .f1), ("[11~", .f1), ("[[A", .f1), ("[1;2P", .f1),
  ])
  func keysOfAllTerminals(sequence: String, key: Key) {
    #expect(events("\u{1B}" + sequence + "x") == [.key(key), .key(.character("x"))])
  }

  @Test(arguments: [
    "OQ", "[12~", "[[B", "[2~", "[15;2~", "[?1;2c", "[>0;136;0c", "[I", "[24;80R",
    "]11;rgb:0000/0000/0000\u{7}",
    "]11;rgb:0000/0000/0000\u{1B}\\", "P>|xterm(390)\u{1B}\\", "[?1u", "[27;5;9~", "[99999999999999999999~",
  ])
  func unknownSequencesAreSwallowed(sequence: String) {
    #expect(events("\u{1B}" + sequence + "x") == [.key(.character("x"))])
  }

  @Test func theEscapeKey() {
    #expect(events("\u{1B}") == [.key(.escape)])
    #expect(events("\u{1B}\u{1B}") == [.key(.escape), .key(.escape)])
    #expect(events("\u{1B}\u{1B}[A") == [.key(.escape), .key(.up)])
    #expect(events("\u{1B}j") == [.key(.escape), .key(.character("j"))])
    #expect(events("\u{1B}é") == [.key(.escape), .key(.character("é"))])
    for key in "[]OP" { #expect(events("\u{1B}\(key)") == [.key(.escape), .key(.character(key))]) }
    #expect(events("\u{1B}Pj") == [.key(.escape), .key(.character("P")), .key(.character("j"))])
    #expect(events("\u{1B}]q") == [.key(.escape), .key(.character("]")), .key(.character("q"))])
  }

  @Test func sequencesMayComeInPieces() {
    let bytes = Array("a\u{1B}[1;5C\u{1B}OB€\u{1B}[200~two\rlines\u{1B}[201~z".utf8)
    let whole = events(bytes)
    #expect(whole.contains(.paste("two\nlines")))
    for cut in 1..<bytes.count {
      var parser = InputParser()
      parser.feed(bytes[..<cut])
      parser.feed(bytes[cut...])
      #expect(drain(&parser) == whole)
      #expect(!parser.isUnfinished)
    }
  }

  @Test func silenceEndsWhatIsUnfinished() {
    var parser = InputParser()
    parser.feed("\u{1B}".utf8)
    #expect(parser.isUnfinished && !parser.hasEvents)
    #expect(parser.patience(escapeDelay: 25) == 25)
    parser.finish()
    #expect(drain(&parser) == [.key(.escape)])
    #expect(events("\u{1B}[1;").isEmpty)
    #expect(events([0xE2, 0x82]).isEmpty)
    #expect(events([0xFF, 0xC3, 0x28, 0xC0, 0xAF]) == [.key(.character("("))])
    #expect(events("\u{1B}[200~lost end") == [.paste("lost end")])
  }

  @Test func pastesKeepEscapesAsText() {
    #expect(events("\u{1B}[200~a\u{1B}[Ab\u{1B}[201~") == [.paste("a\u{1B}[Ab")])
    let long = String(repeating: "x", count: InputParser.longestPaste + 10)
    #expect(events("\u{1B}[200~\(long)\u{1B}[201~q").last == .key(.character("q")))
  }

  @Test func theMouse() {
    func mouse(_ row: Int, _ column: Int, _ kind: MouseEvent.Kind) -> [Event] {
      [.mouse(MouseEvent(row: row, column: column, kind: kind))]
    }
    #expect(events("\u{1B}[<0;5;3M") == mouse(2, 4, .press))
    #expect(events("\u{1B}[<0;5;3m") == mouse(2, 4, .release))
    #expect(events("\u{1B}[<32;5;3M") == mouse(2, 4, .drag))
    #expect(events("\u{1B}[<64;1;1M") == mouse(0, 0, .wheelUp))
    #expect(events("\u{1B}[<65;1;1M") == mouse(0, 0, .wheelDown))
    #expect(events("\u{1B}[<0;0;0M").isEmpty)
    #expect(events("\u{1B}[<0;5M").isEmpty)
    #expect(events("\u{1B}[M !!") == mouse(0, 0, .press))
  }

  /// Whatever comes, reading ends, and an ordinary key after silence counts.
  @Test func randomBytesDoNoHarm() {
    let telling = Array("\u{1B}\u{1B}[[O<;1~MP]".utf8)
    var state: UInt64 = 11
    for _ in 0..<5000 {
      var parser = InputParser()
      for _ in 0..<3 {
        let bytes: [UInt8] = (0..<8).map { _ in
          state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          let byte = UInt8(truncatingIfNeeded: state >> 40)
          return byte < 80 ? telling[Int(byte) % telling.count] : byte
        }
        parser.feed(bytes)
      }
      parser.finish()
      _ = drain(&parser)
      parser.feed("q".utf8)
      #expect(drain(&parser) == [.key(.character("q"))])
    }
  }
}
