import Canvas
import Testing

@testable import Terminal

@Suite("Which terminal it is")
struct TerminalChoiceTests {
  @Test(
    arguments: [
      ([:], true), (["LANG": ""], true), (["LANG": "en_US.UTF-8"], true), (["LANG": "C.utf8"], true),
      (["LANG": "C"], false), (["LANG": "POSIX"], false), (["LANG": "de_DE"], false),
      (["LANG": "de_DE.ISO-8859-15@euro"], false), (["LANG": "de_DE.UTF-8@euro"], true),
      (["LANG": "C", "LC_ALL": "C.UTF-8"], true), (["LANG": "C.UTF-8", "LC_CTYPE": "C"], false),
      (["LC_ALL": "", "LANG": "C.UTF-8"], true),
    ] as [([String: String], Bool)])
  func encoding(environment: [String: String], isUTF8: Bool) {
    #expect(wantsUTF8(environment) == isUTF8)
  }

  @Test func typeAndFallback() {
    let known = Set(["xterm-256color", "xterm", "vt100", "screen", "linux"])
    func choose(_ term: String, _ known: Set<String>) -> String? {
      TerminalType.choose(term: term, isKnown: known.contains)?.name
    }
    #expect(choose("linux", known) == "linux")
    #expect(choose("xterm-ghostty", known) == "xterm-256color")
    #expect(choose("tmux-direct", known) == "screen")
    #expect(choose("xyz", known) == "vt100")
    #expect(choose("xyz", []) == nil)
    #expect(choose("", known) == nil)
    #expect(TerminalType.choose(term: "vt100", isKnown: known.contains)?.notice == nil)
    let notice = TerminalType.choose(term: "xyz", isKnown: known.contains)?.notice
    #expect(notice == "terminal type xyz is unknown here, drawing as vt100")
  }

  @Test func errorsSayWhatWasExpected() {
    #expect("\(TerminalError.unusable(term: ""))".contains("TERM is not set"))
    #expect("\(TerminalError.unusable(term: "a\u{1B}b"))".contains("\"a?b\""))
    #expect("\(TerminalError.notATerminal(stream: "input"))".contains("standard input"))
  }
}

@Suite("Roles as colours and attributes")
struct PaletteTests {
  private static let depths = [0, 8, 16, 256]

  /// What must not be mistaken for each other, on each kind of terminal that has colours.
  @Test(arguments: [8, 16, 256])
  func rolesDiffer(colors: Int) {
    let palette = Palette(colors: colors)
    for pair: (Role, Role) in [
      (.open, .denied), (.open, .openPast), (.added, .removed), (.selected, .cursor), (.selected, .plain),
      (.warning, .plain), (.error, .good), (.pen, .cursor),
    ] { #expect(palette.look(of: Style(pair.0)) != palette.look(of: Style(pair.1)), "\(pair)") }
  }

  @Test func monochromeHasNoColours() {
    let palette = Palette(colors: 0)
    for role in Role.allCases {
      for on in [nil] + Role.allCases.map(Optional.some) {
        let look = palette.look(of: Style(role, on: on))
        #expect(look.foreground == -1 && look.background == -1)
      }
    }
    #expect(palette.look(of: Style(.cursor)) != palette.look(of: Style(.plain)))
    #expect(palette.look(of: Style(.cursor, on: .selected)) != palette.look(of: Style(.plain, on: .selected)))
    #expect(palette.look(of: Style(.open)) != palette.look(of: Style(.denied)))
  }

  /// A background always comes with an ink of its own, or text would vanish on light or on dark terminals.
  @Test(arguments: depths)
  func inkOnEveryBackground(colors: Int) {
    let palette = Palette(colors: colors)
    for role in Role.allCases {
      for on in [nil] + Role.allCases.map(Optional.some) {
        let look = palette.look(of: Style(role, on: on))
        #expect(look.background == -1 || look.foreground != -1, "\(role) on \(String(describing: on))")
        #expect(
          look.background == -1 || look.foreground != look.background, "\(role) on \(String(describing: on))")
        #expect(look.foreground < max(1, Int32(colors)) && look.background < max(1, Int32(colors)))
      }
    }
  }

  @Test func stylesAddAttributes() {
    let look = Palette(colors: 256).look(
      of: Style(.plain, isReversed: true, isBold: true, isUnderlined: true))
    #expect(look.attributes == Look.reverse | Look.bold | Look.underline)
  }
}
