import Canvas
import Editor
import Scheduling
import Storage
import Testing

/// What is asked before a change that other phones feel, and what is said of it.
@Suite struct SharingTests {
  private static let now: Instant = 1_774_513_200_000
  private static let desk = "+4915112345601"
  private static let howe = "+61255501001"

  private func world() throws -> World {
    try World(settings: EditorSettings(), size: Size(width: 80, height: 24), now: Self.now)
  }

  private func lines(_ world: World) -> [String] { (world.editor.modal as? Question)?.lines ?? [] }

  /// A phone of which the first and the last message go out whatever its hours are, and one between them does not.
  private func addSpare(_ world: inout World) throws {
    try addSpareBehindTheEditor(world)
    let saturday: Instant = 1_774_681_200_000
    try world.store.addMessages(
      [
        NewMessage(contact: "+495550001", content: "first", isExact: true),
        NewMessage(contact: "+495550002", content: "middle", sendAt: saturday),
        NewMessage(contact: "+495550003", content: "last", sendAt: saturday + 5 * .day, isExact: true),
      ], to: "spare", at: .fixed(Self.now))
    world.perform([.loadGateway])
  }

  @Test func aMessageInTheMiddleThatMovesIsSaid() throws {
    var world = try world()
    try addSpare(&world)
    world.open(Self.desk)
    world.press("S x")
    let line = try #require(lines(world).first { $0.contains("+4915112345609") })
    #expect(line.contains("1 at other times"))
    world.press("<Esc> :sat<Space>9-17<Enter> s")
    #expect(lines(world).contains { $0.contains("+4915112345609") && $0.contains("1 at other times") })
  }

  @Test func whatAnotherScheduleWouldBecomeIsSaid() throws {
    var world = try world()
    world.open(Self.howe)
    world.press(":attach<Space>Office<Space>hours<Enter> :zone<Space>UTC<Enter> :sun<Space>9-12<Enter>")
    let expected = [
      "Schedule “Office hours”", "Time zone Europe/Berlin -> UTC", "Sun 09:00-12:00 added, 3 h more a week",
    ]
    world.press("q")
    #expect(lines(world) == expected)
    world.press("<Esc> s")
    #expect(Array(lines(world).prefix(3)) == expected)
    // Saved for all of them, undo gives this phone its hours back, and says whose the others are.
    world.press("a u u u")
    #expect(
      world.editor.notice?.text.hasSuffix("; “Office hours” stays as saved for the others") == true,
      "\(world.editor.notice?.text ?? "")")
  }

  @Test func aScheduleThatIsDeletedFromItsOwnWeekIsNobodyElsesChange() throws {
    var world = try world()
    world.open(Self.desk)
    world.press(":deny<Space>fri<Enter> :rate<Space>9<Enter> S x y")
    #expect(world.editor.modal == nil)
    #expect(world.editor.notice?.text == "Deleted “Office hours”: sends at any time; S d brings it back")
    #expect(world.editor.week?.draft.hasSchedule == false)
    #expect(world.editor.week?.draft.messagesPerMinute == 9)
    world.press("s")
    #expect(try world.phone(Self.desk).messagesPerMinute == 9)
  }

  @Test func aDeletionThatFailedIsSomebodyElsesWhenItComes() throws {
    var world = try world()
    world.open(Self.desk)
    world.press("S x")
    try addSpareBehindTheEditor(world)
    world.press("y")
    #expect(world.editor.notice?.text.hasPrefix("Not deleted: it serves 3 phones") == true)
    _ = try world.store.removeSchedule("office", stamp: Stamp(author: "anna", at: Self.now))
    world.refresh()
    #expect(world.editor.notice?.text.hasPrefix("Somebody saved a change") == true)
  }

  private func addSpareBehindTheEditor(_ world: World) throws {
    try world.store.addPhone(Phone(id: "spare", number: "+4915112345609", scheduleID: "office"))
  }

  @Test func aMessageIsMarkedExactOnlyOnceThatIsConfirmed() throws {
    var world = try world()
    world.open(Self.desk)
    world.press("<Tab> jjj e 2")
    #expect((world.editor.modal as? Question)?.title == "Mark it exact?")
    let id = try #require(world.editor.week?.forecast.draft?.entry(at: 3)).message
    #expect(!id.isExact)
    world.press("<Esc>")
    #expect(world.editor.week?.forecast.draft?.entry(at: 3)?.message == id)
    world.press("e 2 y")
    #expect(world.editor.notice?.text.contains("exact") == true)
  }

  @Test func whatAPhoneDoesAfterFailuresIsInItsForm() throws {
    var world = try world()
    world.press("/Front<Enter> e")
    world.press("<Tab><Tab><Tab><Tab><Tab>7<Tab>2<Space>min<Tab>3<Enter>")
    let phone = try world.phone(Self.desk)
    #expect(phone.pauseAfterFailures == 3)
    #expect(phone.retryDelaySeconds == 120)
    #expect(phone.maxSendAttempts == 7)
    world.press("u")
    #expect(try world.phone(Self.desk).maxSendAttempts == 2)
  }
}
