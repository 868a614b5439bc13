import Canvas
import Editor
import Scheduling
import Storage
import TestSupport
import Testing

/// Undo of what somebody else changed since.
@Suite struct OvertakenUndoTests {
  private var world: World
  private let desk = MergeTests.desk
  private let phoneWords = "somebody else changed the phone since"
  private let scheduleWords = "somebody else changed the schedule since"

  init() throws {
    world = try World(
      settings: EditorSettings(), size: Size(width: 80, height: 24), now: MergeTests.now)
    world.open(desk)
  }

  private var week: WeekScreen? { world.editor.week }
  private var notice: String? { world.editor.notice?.text }

  private mutating func somebodyChanges(_ change: (inout Phone) -> Void) throws {
    try world.store.changePhone(desk, change)
    world.refresh()
  }

  @Test mutating func aRateThatSomebodyElseSetIsNotUndone() throws {
    world.press(":deny<Space>fri<Enter>:rate<Space>20<Enter>s a")
    #expect(try world.phone(desk).messagesPerMinute == 20)
    try somebodyChanges { $0.messagesPerMinute = 30 }
    world.press("u")
    #expect(notice == "Not undone: \(phoneWords)")
    #expect(week?.draft.messagesPerMinute == 30 && week?.isChanged == false)
    // What came before can be undone.
    world.press("u")
    #expect(notice?.hasPrefix("Undone: ") == true)
    #expect(week?.draft.messagesPerMinute == 30 && week?.draft.week.windows.contains { $0.day == 5 } == true)
    world.press("s a")
    #expect(try world.phone(desk).messagesPerMinute == 30)
    // And nothing before that.
    world.press("U u u")
    #expect(notice == "Nothing to undo")
    #expect(week?.draft.messagesPerMinute == 30)
  }

  @Test mutating func aRateThatSomebodyElseSetIsNotDoneAgain() throws {
    world.press(":rate<Space>20<Enter>u")
    try somebodyChanges { $0.messagesPerMinute = 30 }
    world.press("U")
    #expect(notice == "Not done: \(phoneWords)")
    #expect(week?.draft.messagesPerMinute == 30 && week?.isChanged == false)
  }

  @Test mutating func aDaysLimitThatSomebodyElseSetIsNotUndone() throws {
    world.press(":rate<Space>20,<Space>100<Enter>s")
    try somebodyChanges { $0.messagesPerDay = 50 }
    // The rate is still the one that was set here.
    world.press("u")
    #expect(notice?.hasPrefix("Undone: rate 2 ") == true)
    #expect(week?.draft.messagesPerMinute == 2 && week?.draft.messagesPerDay == 50)
  }

  @Test mutating func aScheduleThatSomebodyElseAttachedStays() throws {
    world.press(":attach<Space>Night<Space>shift<Enter>s")
    try #require(try world.phone(desk).scheduleID == "night")
    let other = try world.store.addSchedule(
      ScheduleContent(
        name: "Other", timeZone: "UTC", windows: [Window(day: 1, startMinute: 0, endMinute: 60)]),
      stamp: Stamp(author: "anna", at: MergeTests.now))
    try somebodyChanges { $0.scheduleID = other.id }
    world.press("u")
    #expect(notice == "Not undone: \(phoneWords)")
    #expect(week?.draft.scheduleID == other.id)
  }

  @Test mutating func aZoneThatSomebodyElseChoseIsNotUndone() throws {
    world.press(":zone<Space>Asia/Tokyo<Enter>s a")
    try world.anna(saves: "office") { $0.timeZone = "Asia/Kathmandu" }
    world.refresh()
    world.press("u")
    #expect(notice == "Not undone: \(scheduleWords)")
    #expect(week?.draft.timeZone == "Asia/Kathmandu")
  }

  @Test mutating func unsavedWorkIsUndoneStepByStep() throws {
    world.press(":rate<Space>20<Enter>s:rate<Space>40<Enter>:rate<Space>50<Enter>")
    try somebodyChanges { $0.messagesPerMinute = 30 }
    world.press("m u")
    #expect(week?.draft.messagesPerMinute == 40)
    world.press("u")
    #expect(week?.draft.messagesPerMinute == 30 && week?.isChanged == false)
    world.press("u")
    #expect(notice == "Not undone: \(phoneWords)")
    #expect(week?.draft.messagesPerMinute == 30)
  }

  @Test mutating func theListDoesTheSameForWhateverItChanges() throws {
    world.press("q")
    world.press("/Front<Enter>:label<Space>Reception<Enter>")
    try #require(try world.phone(desk).label == "Reception")
    try somebodyChanges { $0.label = "Entrance" }
    world.press("u")
    #expect(notice == "Not undone: \(phoneWords)")
    #expect(try world.phone(desk).label == "Entrance")
  }
}
