import Canvas
import Editor
import Scheduling
import Storage
import Testing

/// What stands over the forecast.
@Suite struct HeadlineTests {
  @Test func whatExpiresMoreAndHowMuchLaterTheQueueIsEmptyAreBothSaid() throws {
    let now = try #require(Timestamp.parse("2026-03-26T08:20:00Z"))
    var world = try World(
      settings: EditorSettings(), size: Size(width: 120, height: 24), now: now)
    let code = NewMessage(contact: "+4955512345", content: "Your code", expiresAt: now + 5 * .hour)
    _ = try world.store.addMessages([code], to: "+4915112345601", at: .fixed(now))
    world.open("+4915112345601")
    world.press(":rate<Space>1<Enter>")
    let text = world.editor.render().text()
    #expect(text.contains("301 waiting, 1 would expire (1 more), empty by Thu 26 Mar "), "\(text)")
    #expect(text.contains(" min later"), "\(text)")
  }

  @Test(arguments: [
    (60, 15, 12, " 312 waiting, 12 expire, by 18 May 2027, 417 days later"),
    (60, 15, 1_200, " 1,500 waiting, 1,200 expire, by 18 May 2027, +417 days"),
    (80, 24, 12, " 312 waiting, 12 expire, empty by Tue 18 May 2027 09:07, 417 days 18 h later"),
  ])
  func whetherItIsSoonerOrLaterIsNotCut(width: Int, height: Int, count: Int, words: String) throws {
    let now = try #require(Timestamp.parse("2026-03-26T08:20:00Z"))
    var world = try World(
      settings: EditorSettings(), size: Size(width: width, height: height), now: now)
    let codes = (0..<count).map { _ in
      NewMessage(contact: "+4955512345", content: "Your code", expiresAt: now + 5 * .hour)
    }
    _ = try world.store.addMessages(codes, to: "+4915112345601", at: .fixed(now))
    world.open("+4915112345601")
    world.press(":rate<Space>1,<Space>1<Enter>")
    let text = world.editor.render().text()
    #expect(text.contains(words), "\(text)")
  }
}
