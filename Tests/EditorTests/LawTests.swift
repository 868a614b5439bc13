import Canvas
import Foundation
import Scheduling
import Storage
import Testing

@testable import Editor

/// What holds for any keys in any order.
@Suite struct LawTests {
  static let keys: [Key] =
    "hjklHLwb0$tvVadADiypPuUfxXe+-<>so!:rzSR/?q[] 9c-17mnty".map { Key.character($0) }
    + [
      .enter, .escape, .tab, .up, .down, .left, .right, .home, .end, .pageUp, .pageDown, .backspace,
      .control("r"),
    ]

  /// A generator whose sequence depends on its seed alone.
  struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 16 ^ state << 40
    }
  }

  @Test(arguments: 0..<12)
  func noKeysBreakTheScreen(_ seed: Int) throws {
    var random = Seeded(state: UInt64(seed))
    var world = try World(settings: EditorSettings(), size: Size(width: 80, height: 24), now: MergeTests.now)
    for _ in 0..<250 {
      if Int.random(in: 0..<30, using: &random) == 0 {
        let size = Size(
          width: Int.random(in: 1...200, using: &random), height: Int.random(in: 1...70, using: &random))
        world.perform(world.editor.handle(.resize(size)))
      }
      world.press([Self.keys.randomElement(using: &random) ?? .escape])
      let canvas = world.editor.render()
      #expect(canvas.size == world.editor.size)
      // What was drawn before and is put down again is what would be drawn now.
      var anew = world.editor
      anew.week?.drawnForecast = DrawnPart()
      anew.week?.drawnGrid = DrawnPart()
      #expect(canvas == anew.render())
      if let week = world.editor.week {
        #expect((0..<7).contains(week.grid.cursor.row))
        #expect(
          (0..<1440).contains(week.grid.cursor.minute) && week.grid.cursor.minute % week.grid.slotMinutes == 0
        )
      }
    }
    // Whatever was saved is a schedule.
    for schedule in try world.schedules() { #expect(Window.check(schedule.content.windows) == nil) }
  }

  @Test(arguments: 0..<8)
  func undoGoesAllTheWayBackAndRedoForthAgain(_ seed: Int) throws {
    var random = Seeded(state: UInt64(seed + 100))
    var world = try World(settings: EditorSettings(), size: Size(width: 80, height: 24), now: MergeTests.now)
    world.open(MergeTests.desk)
    let start = try #require(world.editor.week?.draft)
    let editing: [Key] = "hjklHLwbadAD viyp+-oxX".map { .character($0) } + [.escape]
    for _ in 0..<300 { world.press([editing.randomElement(using: &random) ?? .escape]) }
    let end = try #require(world.editor.week?.draft)
    var steps = 0
    while true {
      world.press("u")
      if world.editor.notice?.text == "Nothing to undo" { break }
      steps += 1
    }
    #expect(world.editor.week?.draft == start)
    for _ in 0..<steps { world.press("U") }
    #expect(world.editor.week?.draft == end)
  }

  /// Such names cannot be saved; a database that something else wrote may have them.
  @Test func hostileNamesKeepTheLayout() throws {
    let hostile = "\u{1B}[2J\u{1B}]0;x\u{7} \u{202E}gnp.exe a\u{301}\u{301} 👩‍👩‍👧 明日\r\n\t\u{0}"
    let store = try Sample().store(now: MergeTests.now)
    try store.engine.write { session in
      try session.run("UPDATE phone SET label = ?1 WHERE id = ?2", [.text(hostile), .text(MergeTests.desk)])
      try session.run("UPDATE schedule SET name = ?1 WHERE id = 'office'", [.text(hostile)])
    }
    var world = try World(
      settings: EditorSettings(), size: Size(width: 80, height: 24), now: MergeTests.now, on: store)
    for keys in ["", "<Enter>", "<Tab>", "S", "<Esc>R", "<Esc><Space>s", "<Esc>q"] {
      world.press(keys)
      let text = world.editor.render().text()
      #expect(
        !text.unicodeScalars.contains { $0.value < 32 && $0 != "\n" || $0.value == 127 || $0.value == 0x202E }
      )
      #expect(
        text.split(separator: "\n", omittingEmptySubsequences: false).allSatisfy {
          columns(of: String($0)) <= 80
        })
    }
  }

  /// The README's table of keys comes from the same list as the keymap and the help.
  @Test func theReadmeHasTheKeysOfTheKeymap() throws {
    let readme = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "README.md")
    let text = try String(contentsOf: readme, encoding: .utf8)
    for group in Keymap.groups {
      let line = "| `\(group.keys)` | \(group.help) |"
      #expect(text.contains(line), "the README lacks: \(line)")
    }
  }
}
