import Canvas
import Editor
import Scheduling
import Storage
import Testing

/// What is on the screen when a hold ends, which may be at any second.
@Suite struct HoldEndTests {
  private static let end = MergeTests.now + 17_300
  private static let minute = MergeTests.now + .minute

  private func world(_ hold: Hold?) throws -> World {
    let world = try World(
      settings: EditorSettings(), size: Size(width: 80, height: 24), now: MergeTests.now)
    try world.store.setHolds([(MergeTests.desk, hold)], stamp: Stamp(author: "anna", at: MergeTests.now))
    return world
  }

  private func screen(_ world: World) -> String { world.editor.render().text() }

  @Test(arguments: [false, true])
  func itChangesWhenTheHoldEnds(isOpen: Bool) throws {
    var world = try world(Hold(until: Self.end))
    if isOpen {
      world.open(MergeTests.desk)
    } else {
      world.refresh()
      world.press("/Front<Enter>")
    }
    #expect(screen(world).contains("held until"))
    #expect(world.editor.nextChange == Self.end)
    #expect(world.editor.advance(to: Self.end - 1) == nil)
    #expect(screen(world).contains("held until"))
    let effects = world.editor.advance(to: Self.end)
    world.perform(try #require(effects))
    #expect(!screen(world).contains("held until"))
    // Then nothing happens until the minute is over.
    #expect(world.editor.nextChange == Self.minute)
    #expect(world.editor.advance(to: Self.minute - 1) == nil)
    #expect(world.editor.advance(to: Self.minute) != nil)
  }

  @Test func theListOfWhatIsHeldIsWithoutIt() throws {
    var world = try world(Hold(until: Self.end))
    world.refresh()
    world.press("/held<Enter>")
    #expect(world.editor.phones.list.shownCount == 1)
    world.perform(world.editor.advance(to: Self.end) ?? [])
    #expect(world.editor.phones.list.shownCount == 0)
  }

  /// What happened to the list while a phone was open is seen when it comes back.
  @Test func theListComesBackWithoutWhatEnded() throws {
    var world = try world(Hold(until: MergeTests.now + .hour))
    let other = try #require(try world.store.phones().first { $0.id != MergeTests.desk }?.id)
    try world.store.setHolds(
      [(other, Hold(until: Self.end))], stamp: Stamp(author: "anna", at: MergeTests.now))
    world.refresh()
    world.press("/held<Enter>")
    #expect(world.editor.phones.list.shownCount == 2)
    world.open(MergeTests.desk)
    #expect(world.editor.advance(to: Self.end) == nil)
    world.press("q")
    #expect(world.editor.phones.list.shownCount == 1)
    #expect(world.editor.nextChange == Self.minute)
  }

  @Test(arguments: [nil, Hold(until: .untilReleased), Hold(until: MergeTests.now + .hour)])
  func otherwiseItChangesWithTheMinute(hold: Hold?) throws {
    var world = try world(hold)
    world.refresh()
    #expect(world.editor.nextChange == Self.minute)
    // A clock that is set back changes what is shown at once.
    #expect(world.editor.advance(to: MergeTests.now - .minute) != nil)
    #expect(world.editor.nextChange == MergeTests.now)
  }
}
