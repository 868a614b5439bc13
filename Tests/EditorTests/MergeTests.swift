import Canvas
import Editor
import Scheduling
import Storage
import TestSupport
import Testing

/// Two administrators on one schedule, unsaved work of before, and undo.
@Suite struct MergeTests {
  static let now: Instant = 1_774_513_200_000
  static let desk = "+4915112345601"

  func world() throws -> World {
    var world = try World(settings: EditorSettings(), size: Size(width: 80, height: 24), now: Self.now)
    world.open(Self.desk)
    return world
  }

  /// Anna saves something else, and the editor hears of it.
  func annaSaves(_ world: inout World, _ change: (inout ScheduleContent) -> Void) throws {
    try world.anna(saves: "office", change)
    world.refresh()
  }

  @Test func aSaveBySomebodyElseAppearsWhereNothingIsUnsaved() throws {
    var world = try world()
    try annaSaves(&world) { $0.windows = [Window(day: 1, startMinute: 0, endMinute: 60)] }
    #expect(world.editor.week?.draft.week.windows == [Window(day: 1, startMinute: 0, endMinute: 60)])
    #expect(world.editor.week?.isChanged == false)
    #expect(world.editor.notice?.text.hasPrefix("anna saved a change") == true)
  }

  @Test func unsavedHoursAreMergedMinuteByMinute() throws {
    var world = try world()
    world.press(":deny<Space>fri<Enter>")
    try annaSaves(&world) { $0.windows.removeAll { $0.day == 1 } }
    let days = Set(world.editor.week?.draft.week.windows.map(\.day) ?? [])
    #expect(days == [2, 3, 4])
    #expect(world.editor.modal == nil)
    // Saving goes on from her revision, and undo takes back only what was mine.
    world.press("s a")
    #expect(try world.schedule("Office hours")?.revision == 3)
    world.press("u")
    #expect(Set(world.editor.week?.draft.week.windows.map(\.day) ?? []) == [2, 3, 4, 5])
  }

  @Test func onlyWhatBothChangedDifferentlyIsAsked() throws {
    var world = try world()
    world.press(":zone<Space>Asia/Tokyo<Enter>")
    try annaSaves(&world) {
      $0.timeZone = "Asia/Kathmandu"
      $0.name = "Desk hours"
    }
    guard let question = world.editor.modal as? Question else {
      Issue.record("expected a question")
      return
    }
    #expect(question.lines == ["Time zone: mine Asia/Tokyo, theirs Asia/Kathmandu"])
    #expect(world.editor.week?.draft.name == "Desk hours")
    world.press("t")
    #expect(world.editor.week?.draft.timeZone == "Asia/Kathmandu")
    #expect(world.editor.week?.isChanged == false)
  }

  private static let friday = ExceptionDate("2026-03-27")

  @Test func exceptionsAreMergedDateByDate() throws {
    var world = try world()
    world.press(":27<Space>mar<Space>closed<Enter>")
    let saturday = try #require(ExceptionDate("2026-03-28"))
    try annaSaves(&world) { $0.exceptions = [ScheduleException(date: saturday, note: "Fair")] }
    #expect(world.editor.modal == nil)
    #expect(world.editor.week?.draft.exceptions.count == 2)
    // Undo takes back only mine.
    world.press("u")
    #expect(world.editor.week?.draft.exceptions.keys.map(\.self) == [saturday])
    world.press("U s a")
    #expect(try world.schedule("Office hours")?.content.exceptions.map(\.note) == ["", "Fair"])
  }

  @Test func aDateThatBothChangedDifferentlyIsAsked() throws {
    var world = try world()
    let friday = try #require(Self.friday)
    world.press(":27<Space>mar<Space>closed<Enter>")
    try annaSaves(&world) {
      $0.exceptions = [
        ScheduleException(date: friday, windows: [DayWindow(startMinute: 540, endMinute: 720)])
      ]
    }
    let question = try #require(world.editor.modal as? Question)
    #expect(question.lines == ["27 Mar 2026: mine closed, theirs 09:00-12:00"])
    #expect(world.editor.week?.draft.exceptions[friday]?.windows.isEmpty == true)
    world.press("t")
    #expect(world.editor.week?.draft.exceptions[friday]?.windows.count == 1)
    #expect(world.editor.week?.isChanged == false)
  }

  @Test func paintingADateLeavesTheWeekAlone() throws {
    var world = try world()
    let week = world.editor.week?.draft.week
    world.press("x V j a d i")
    #expect(world.editor.week?.draft.week == week)
    #expect(world.editor.week?.draft.exceptions.isEmpty == false)
    world.press("s a")
    #expect(try world.schedule("Office hours")?.content.exceptions.isEmpty == false)
  }

  @Test func mineStandsUntilItIsAnswered() throws {
    var world = try world()
    world.press("r<C-u>9<Enter>")
    try world.store.changePhone(Self.desk) { $0.messagesPerMinute = 4 }
    world.refresh()
    #expect(world.editor.week?.draft.messagesPerMinute == 9)
    world.press("m s")
    #expect(try world.phone(Self.desk).messagesPerMinute == 9)
  }

  @Test func whatIsNotDecidedIsAskedAgainBeforeItIsSaved() throws {
    var world = try world()
    let friday = try #require(Self.friday)
    world.press(":27<Space>mar<Space>closed<Enter>")
    try annaSaves(&world) {
      $0.exceptions = [
        ScheduleException(date: friday, windows: [DayWindow(startMinute: 540, endMinute: 720)])
      ]
    }
    world.press("<Esc>s")
    let question = try #require(world.editor.modal as? Question)
    #expect(question.lines == ["27 Mar 2026: mine closed, theirs 09:00-12:00"])
    #expect(try world.schedule("Office hours")?.content.exceptions.first?.windows.count == 1)
    world.press("t")
    #expect(world.editor.week?.isChanged == false)
  }

  @Test func whatWasNotDecidedIsAskedAgainWhereTheDraftIsContinued() throws {
    var world = try world()
    world.press("r<C-u>9<Enter>:deny<Space>fri<Enter>")
    try world.store.changePhone(Self.desk) { $0.messagesPerMinute = 4 }
    world.refresh()
    // Not decided, painted on, and then the line is lost.
    world.press("<Esc>:deny<Space>thu<Enter>")
    var later = try World(
      settings: EditorSettings(), size: Size(width: 80, height: 24), now: Self.now + .hour, on: world.store,
      named: "later")
    later.open(Self.desk)
    later.press("c")
    let question = try #require(later.editor.modal as? Question)
    #expect(question.lines == ["Rate: mine 9 a minute, theirs 4 a minute"])
    // Once more, and then it is decided.
    later.press("<Esc>")
    var last = try World(
      settings: EditorSettings(), size: Size(width: 80, height: 24), now: Self.now + 2 * .hour,
      on: world.store, named: "last")
    last.open(Self.desk)
    last.press("c m")
    #expect(last.editor.modal == nil)
    #expect(last.editor.week?.draft.messagesPerMinute == 9)
    let days = Set(last.editor.week?.draft.week.windows.map(\.day) ?? [])
    #expect(days == [1, 2, 3])
    var decided = try World(
      settings: EditorSettings(), size: Size(width: 80, height: 24), now: Self.now + 3 * .hour,
      on: world.store, named: "decided")
    decided.open(Self.desk)
    decided.press("c")
    #expect(decided.editor.modal == nil)
    decided.press("s a")
    #expect(try decided.phone(Self.desk).messagesPerMinute == 9)
  }

  @Test func aScheduleThatWasDeletedMeanwhileLosesNoWork() throws {
    var world = try world()
    world.press(":allow<Space>sat<Space>10-14<Enter>")
    try world.store.removeSchedule("office", stamp: Stamp(author: "anna", at: Self.now))
    world.refresh()
    world.press("m")
    #expect(world.editor.week?.draft.attachment == .new)
    #expect(
      world.editor.week?.draft.week.windows.contains(Window(day: 6, startMinute: 600, endMinute: 840)) == true
    )
    world.press("s")
    #expect(try world.schedule("Office hours") != nil)
  }

  @Test func hoursOfAScheduleThatWasTakenOffThePhoneAreSavedUnderANameOfTheirOwn() throws {
    var world = try world()
    world.press(":allow<Space>sat<Space>10-14<Enter>")
    try world.store.attach(nil, toPhones: [Self.desk], stamp: Stamp(author: "anna", at: Self.now))
    world.refresh()
    world.press("ms")
    #expect(world.editor.render().text().contains("“Office hours” is another one"))
    world.press("<Enter>")
    let own = try #require(try world.schedule("Office hours (Front desk)"))
    #expect(try world.phone(Self.desk).scheduleID == own.id)
    #expect(own.content.windows.contains(Window(day: 6, startMinute: 600, endMinute: 840)))
    #expect(try world.schedule("Office hours")?.revision == 1)
  }

  @Test func aSaveThatWasOvertakenIsMergedAndCanBeSavedAgain() throws {
    var world = try world()
    world.press(":deny<Space>fri<Enter>")
    // Anna saves, and the editor has not heard of it yet.
    try world.anna(saves: "office") { $0.windows.removeAll { $0.day == 1 } }
    world.press("s a")
    #expect(try world.schedule("Office hours")?.revision == 2)
    #expect(world.editor.week?.isChanged == true)
    world.press("s a")
    #expect(try Set(world.schedule("Office hours")?.content.windows.map(\.day) ?? []) == [2, 3, 4])
  }

  @Test func unsavedWorkIsKeptAndOffered() throws {
    var world = try world()
    world.press(":deny<Space>fri<Enter>")
    let kept = try #require(try world.kept()[Self.desk])
    var later = try World(
      settings: EditorSettings(), size: Size(width: 80, height: 24), now: Self.now + .hour, on: world.store,
      named: "later")
    later.open(Self.desk)
    guard later.editor.modal is Question else {
      Issue.record("expected the draft to be offered")
      return
    }
    later.press("c")
    #expect(later.editor.week?.draft == kept.draft)
    later.press("s a")
    #expect(try later.kept()[Self.desk] == nil)
    #expect(try later.schedule("Office hours")?.content.windows.contains { $0.day == 5 } == false)
  }

  @Test func undoAfterANewScheduleWasSavedGoesBackInIt() throws {
    var world = try World(settings: EditorSettings(), size: Size(width: 80, height: 24), now: Self.now)
    world.open("+33655512345")
    world.press("a L a s <Enter>")
    let saved = world.editor.week?.saved
    #expect(try world.schedule("Spare")?.content.windows.count == 2)
    world.press("u")
    #expect(world.editor.week?.draft.week.windows.count == 1)
    #expect(world.editor.week?.draft.attachment == saved?.attachment)
    world.press("s")
    #expect(try world.schedules().filter { $0.content.name == "Spare" }.map(\.revision) == [2])
  }

  @Test func takingAChangeBackDropsTheKeptDraft() throws {
    var world = try world()
    world.press("<Space>")
    #expect(try world.kept()[Self.desk] != nil)
    world.press("u")
    #expect(try world.kept()[Self.desk] == nil)
  }

  @Test func mergingIsThreeWayForAnyWeeks() throws {
    let base = try world().editor.week?.draft
    var random = SeededRandom(seed: 5)
    for _ in 0..<30 {
      let weeks = (0..<3).map { _ in WeekMinutes.random(using: &random) }
      let drafts = weeks.compactMap { week in
        base.map { base in
          var draft = base
          draft.week = week
          return draft
        }
      }
      let merged = DraftMerge(ancestor: drafts[0], mine: drafts[1], theirs: drafts[2]).merged
      for minute in 0..<WeekMinutes.count {
        let expected =
          weeks[1][minute] != weeks[0][minute] ? weeks[1][minute] : weeks[2][minute]
        if merged.week[minute] != expected {
          Issue.record("minute \(minute)")
          return
        }
      }
    }
  }
}

extension WeekMinutes {
  static func random(using random: inout some RandomNumberGenerator) -> WeekMinutes {
    var week = WeekMinutes()
    for _ in 0..<8 {
      let start = Int.random(in: 0..<count - 1, using: &random)
      week.toggle(start..<Int.random(in: start + 1...count, using: &random))
    }
    return week
  }
}
