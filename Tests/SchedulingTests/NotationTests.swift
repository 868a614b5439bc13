import TestSupport
import Testing

@testable import Scheduling

@Suite struct NotationTests {
  @Test(arguments: [
    ("mon-fri 09:00-12:00, 13:00-17:30; sat 10-14", "mon-fri 09:00-12:00, 13:00-17:30; sat 10:00-14:00"),
    ("daily 08:00-20:00", "daily 08:00-20:00"),
    ("weekdays", "mon-fri 00:00-24:00"),
    ("weekend", "sat,sun 00:00-24:00"),
    ("mon 22:00-06:00", "mon 22:00-24:00; tue 00:00-06:00"),
    ("sat 22-6", "sat 22:00-24:00; sun 00:00-06:00"),
    ("Mon, Wed 9-12", "mon,wed 09:00-12:00"),
    ("mon wed 9-12", "mon,wed 09:00-12:00"),
    ("fri-mon 9-12", "mon,fri-sun 09:00-12:00"),
    ("monday 9–12 13–14", "mon 09:00-12:00, 13:00-14:00"),
    ("mon 9am-5:30pm", "mon 09:00-17:30"),
    ("mon all day; tue 0-24", "mon,tue 00:00-24:00"),
    ("mon 9-12, 12-17", "mon 09:00-12:00, 12:00-17:00"),
    ("daily 22-00:00", "daily 22:00-24:00"),
    ("mon-fri: 0930-1200;", "mon-fri 09:30-12:00"),
    ("thu 23:59-24:00", "thu 23:59-24:00"),
  ])
  func reads(_ text: String, _ printed: String) throws {
    #expect(WindowNotation.text(try WindowNotation.parse(text)) == printed)
  }

  @Test(arguments: [
    ("", 0, ""), ("mon 9-", 6, ""), ("mon 25-26", 4, "25"), ("foo 9-12", 0, "foo"), ("mon 9-9", 6, "9"),
    ("mon 9-12, 11-13", 10, "11"), ("mon 9:60-12", 4, "9:60"), ("9-12", 0, "9"), ("mon 24-25", 4, "24"),
    ("mon,mon 9-12", 4, "mon"), ("mon 22-6; tue 5-7", 14, "5"), ("mon 9-12 tue 9-12", 9, "tue"),
    ("m 9-12", 0, "m"), ("mon 9-12 x", 9, "x"), ("mon -5-7", 4, "-"), ("mon 9-12,", 9, ""),
    ("mon 9 12", 6, "12"), ("mon 13pm-14", 4, "13pm"), ("mon 009-12", 4, "009"),
  ])
  func refuses(_ text: String, _ position: Int, _ found: String) {
    let error = #expect(throws: NotationError.self) { try WindowNotation.parse(text) }
    #expect(error?.position == position)
    #expect(error?.found == found)
  }

  @Test func aDaysNameAloneOpensNoNight() throws {
    for text in ["mon", "mon-fri", "tue 9-17; mon"] {
      #expect(throws: NotationError.self, "\(text)") { try WindowNotation.parseDays(text) }
    }
    for text in ["weekdays", "weekend", "daily"] {
      #expect(try WindowNotation.parseDays(text).windows == WindowNotation.parse(text), "\(text)")
    }
    #expect(try WindowNotation.parse("mon") == [Window(day: 1, startMinute: 0, endMinute: 1440)])
  }

  @Test func dayText() throws {
    #expect(try WindowNotation.parse("", day: 3).isEmpty)
    #expect(try WindowNotation.parse("closed", day: 3).isEmpty)
    #expect(
      try WindowNotation.text(WindowNotation.parse("9:07-12, 22-2", day: 6))
        == "sat 09:07-12:00, 22:00-24:00; sun 00:00-02:00")
    #expect(throws: NotationError.self) { try WindowNotation.parse("mon 9-12", day: 3) }
  }

  @Test func whatIsPrintedReadsBack() throws {
    var random = SeededRandom(seed: 1)
    for _ in 0..<2_000 {
      let windows = random.windows()
      #expect(Window.check(windows) == nil)
      #expect(try WindowNotation.parse(WindowNotation.text(windows)) == windows.sorted())
      #expect(try WindowNotation.parse(WindowNotation.words(windows)) == windows.sorted())
    }
  }

  @Test func daysInASentence() throws {
    let words = { (text: String) in try WindowNotation.words(WindowNotation.parse(text)) }
    #expect(try words("thu,fri 12-17") == "Thu, Fri 12:00-17:00")
    #expect(try words("mon-fri 9-12,13-17; sun 10-11") == "Mon-Fri 09:00-12:00, 13:00-17:00; Sun 10:00-11:00")
    #expect(try words("daily 8-9") == "Daily 08:00-09:00")
  }

  @Test(arguments: ["mon..fri 9-17", "mon 9..17", "mon 9…17"])
  func aRangeWithDotsIsToldHowItIsWritten(_ text: String) {
    let error = #expect(throws: NotationError.self) { try WindowNotation.parse(text) }
    #expect(error?.expected.contains("a range is written with -") ?? false)
  }

  @Test func everyGarbageIsAnErrorOrAWeek() {
    var random = SeededRandom(seed: 2)
    let pieces = [
      "mon", "fri", "-", ",", ";", ":", "9", "24", "12:30", "daily", "all", "day", " ", "é", "\n", "0",
      "\u{0}", "—",
    ]
    for _ in 0..<20_000 {
      let text = (0..<Int.random(in: 0...8, using: &random)).map { _ in
        pieces.randomElement(using: &random) ?? ""
      }.joined()
      if let windows = try? WindowNotation.parse(text) { #expect(Window.check(windows) == nil, "\(text)") }
    }
  }
}
