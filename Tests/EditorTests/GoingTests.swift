import Canvas
import Editor
import Scheduling
import Storage
import Testing

/// Going from phone to phone and out, and what comes between.
@Suite struct GoingTests {
  private func world() throws -> World {
    var world = try World(
      settings: EditorSettings(), size: Size(width: 80, height: 24), now: MergeTests.now)
    world.open(MergeTests.desk)
    return world
  }

  @Test(arguments: [
    ":phone<Enter>", ":phone<Space>\(MergeTests.desk)<Enter>", ":phone<Space>Front<Space>desk<Enter>",
  ])
  func aPhoneThatIsOpenOrNotNamedLeavesTheKeysAlive(_ keys: String) throws {
    var world = try world()
    world.press(keys)
    world.press("<Esc><Esc><Space>")
    #expect(world.editor.week?.isChanged == true)
  }

  @Test func nothingThatIsPressedWhileItSavesKeepsItFromLeaving() throws {
    var world = try world()
    world.open("+61255501001")
    world.press(":deny<Space>fri<Enter>")
    let saving = KeyNotation.parse(":wq<Enter>").flatMap { world.editor.handle(.key($0)) }
    let more = world.editor.handle(.key(.character("s")))
    world.perform(saving + more)
    #expect(world.hasQuit)
    #expect(try world.schedule("Night shift")?.revision == 2)
  }

  @Test func aPhoneThatIsRemovedTakesNoWorkUnnamed() throws {
    var world = try world()
    world.press(":deny<Space>fri<Enter>")
    try world.store.removePhone(MergeTests.desk)
    world.refresh()
    #expect(world.editor.week == nil)
    let question = try #require(world.editor.modal as? Question)
    #expect(question.lines.contains { $0.contains("Fri") })
    #expect(try world.kept().isEmpty)
  }

  @Test func aPhoneWhoseTimeZoneIsGoneSendsNothing() throws {
    let store = try Sample().store(now: MergeTests.now)
    try store.engine.write { session in
      _ = try session.run("UPDATE schedule SET time_zone = 'No/Where' WHERE id = 'office'")
    }
    var world = try World(
      settings: EditorSettings(), size: Size(width: 80, height: 24), now: MergeTests.now, on: store)
    world.open(MergeTests.desk)
    // Those that are exact neither: no claim is answered.
    #expect(world.editor.week?.forecast.draft?.never == 300)
  }

  @Test func deletingAScheduleFreesOnlyThePhonesThatWereNamed() throws {
    var world = try world()
    world.press("Sx")
    try world.store.changePhone("+33655512345") { $0.scheduleID = "office" }
    world.press("y")
    #expect(try world.schedule("Office hours") != nil)
    #expect(world.editor.notice?.text.contains("3 phones by now") == true)
  }
}
