import Canvas
import Editor
import Scheduling
import Testing

/// What the user does while the database has not answered yet.
@Suite struct SlowAnswerTests {
  private static let night = "+61255501001"

  private func world() throws -> World {
    var world = try World(
      settings: EditorSettings(), size: Size(width: 80, height: 24), now: MergeTests.now)
    world.open(Self.night)
    return world
  }

  /// Presses keys whose effects nobody performs yet.
  private func press(_ text: String, in world: inout World) -> [Effect] {
    KeyNotation.parse(text).flatMap { world.editor.handle(.key($0)) }
  }

  @Test func whatIsPaintedWhileASaveIsUnderWayStaysUnsaved() throws {
    var world = try world()
    world.press(":week<Space>mon<Space>9-10<Enter>")
    let saving = press("s", in: &world)
    _ = press(":week<Space>mon<Space>9-10;<Space>tue<Space>1-2<Enter>", in: &world)
    world.perform(saving)
    #expect(try world.schedule("Night shift")?.content.windows.map(\.day) == [1])
    #expect(world.editor.week?.draft.week.windows.map(\.day) == [1, 2])
    #expect(world.editor.week?.isChanged == true)
    #expect(try world.kept()[Self.night]?.draft.week.windows.map(\.day) == [1, 2])
    world.press("s")
    #expect(try world.schedule("Night shift")?.content.windows.map(\.day) == [1, 2])
    #expect(world.editor.week?.isChanged == false)
    #expect(try world.kept().isEmpty)
  }

  @Test func takingBackWhatIsBeingSavedIsNotUndoneByTheAnswer() throws {
    var world = try world()
    world.press(":week<Space>mon<Space>9-10<Enter>")
    let saving = press("s", in: &world)
    _ = press("u", in: &world)
    world.perform(saving)
    #expect(world.editor.week?.draft.week.windows.contains { $0.day == 6 } == true)
    #expect(world.editor.week?.isChanged == true)
  }

  /// An editor on a phone that is open, before it is known which phones share its schedule.
  private func beforeTheGateway() throws -> World {
    var world = try world()
    world.editor = Editor(settings: EditorSettings(), size: Size(width: 80, height: 24), now: MergeTests.now)
    world.open(Self.night)
    #expect(press(":week<Space>mon<Space>9-10<Enter> s", in: &world).allSatisfy { $0 != .loadGateway })
    #expect(try world.schedule("Night shift")?.revision == 1)
    return world
  }

  @Test func aSaveWaitsForWhatIsStillLoading() throws {
    var world = try beforeTheGateway()
    world.perform([.loadGateway])
    #expect(try world.schedule("Night shift")?.content.windows.map(\.day) == [1])
    #expect(world.editor.week?.isChanged == false)
  }

  @Test func aSaveThatWaitsIsGivenUpForWhatIsAskedMeanwhile() throws {
    var world = try beforeTheGateway()
    _ = press(":", in: &world)
    world.perform([.loadGateway])
    #expect(world.editor.notice?.text == "Not saved yet; s saves")
    world.press("<Esc>")
    world.perform([.loadGateway])
    #expect(try world.schedule("Night shift")?.revision == 1)
    world.press("s")
    #expect(try world.schedule("Night shift")?.revision == 2)
  }

  @Test func anAnswerForAPhoneThatWasLeftDoesNotOpenItAgain() throws {
    var world = try world()
    let phone = try world.phone(Self.night)
    let answer = Outcome.followed(
      OpenedPhone(phone: phone, schedule: try world.schedule("Night shift"), savedBy: "anna"))
    world.press("q")
    world.perform(world.editor.receive(answer))
    #expect(world.editor.week == nil)
    world.open(MergeTests.desk)
    world.perform(world.editor.receive(answer))
    #expect(world.editor.week?.phone.number == MergeTests.desk)
  }

  @Test func aQuestionThatComesWithAPhoneIsNotAnsweredByWhatWasPressedBefore() throws {
    var first = try world()
    first.press(":week<Space>mon<Space>9-10<Enter>")
    var second = try World(
      settings: EditorSettings(), size: Size(width: 80, height: 24), now: MergeTests.now, on: first.store,
      named: "second")
    second.press(":clock<Space>Asia/Tokyo<Enter>")
    let opening = press(":phone<Space>\(Self.night)<Enter> d", in: &second)
    second.perform(opening)
    #expect((second.editor.modal as? Question)?.title == "Unsaved work from before")
    #expect(try second.kept()[Self.night] != nil)
  }
}
