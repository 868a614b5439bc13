import Canvas
import Editor
import Scheduling
import Storage
import Testing
import TimeZones

/// A long queue is shown from its beginning, and never wrongly, before it is read.
@Suite struct LongQueueTests {
  private static let desk = MergeTests.desk

  private func world(opening: Bool = true) throws -> World {
    var world = try World(
      settings: EditorSettings(zones: TimeZoneDatabase.system), size: Size(width: 80, height: 24),
      now: MergeTests.now)
    if opening { world.openLong(Self.desk, firstRead: 20) }
    return world
  }

  @Test func theFirstScreenIsThatOfTheWholeQueue() throws {
    var world = try world()
    #expect(world.editor.week?.forecast.queue?.isWhole == false)
    let first = world.editor.render().text()
    #expect(first.contains("300 waiting, empty by"))
    world.readQueue()
    #expect(world.editor.week?.forecast.queue?.isWhole == true)
    // What is warned of is known only now; nothing else may differ.
    let lines = zip(
      first.split(separator: "\n", omittingEmptySubsequences: false),
      world.editor.render().text().split(separator: "\n", omittingEmptySubsequences: false))
    #expect(lines.filter { $0 != $1 }.count <= 1)
  }

  @Test func paintingMovesTheSameMessages() throws {
    var (part, whole) = (try world(), try world(opening: false))
    whole.open(Self.desk)
    for keys in ["f", "<Space>", "llV<Space>", "u", ":rate<Space>1<Enter>", "<Tab>jjjj"] {
      part.press(keys)
      whole.press(keys)
      #expect(part.editor.week?.forecast.draft?.lastSendAt == whole.editor.week?.forecast.draft?.lastSendAt)
      let rows = { (world: World) in
        world.editor.render().text().split(separator: "\n").filter { !$0.contains("W read more") }.prefix(18)
      }
      #expect(rows(part) == rows(whole), "\(keys)")
    }
  }

  @Test func whatIsNotReadIsSaidToBeLoading() throws {
    var world = try world()
    world.press("<Tab>G")
    #expect(world.editor.render().text().contains("300"))
    for (keys, words) in [("50k", "loading"), ("e", "loading")] {
      if keys == "50k" { for _ in 0..<150 { world.press("k") } } else { world.press(keys) }
      if keys == "e" { #expect(world.editor.notice?.text.contains(words) == true) }
    }
    world.press("<Enter>")
    #expect(world.editor.notice?.text == "Still loading")
    let selected = world.editor.week?.forecast.selected
    world.readQueue()
    #expect(world.editor.week?.forecast.selected == selected)
    world.press("e")
    #expect(world.editor.modal != nil)
  }

  /// Where some expire, the totals do not follow from a few seeks.
  @Test func whatCannotBeSoughtIsCounted() throws {
    var world = try world(opening: false)
    try world.store.addMessages(
      [NewMessage(contact: "+495551", content: "x", expiresAt: MergeTests.now + .hour)], to: Self.desk,
      at: .fixed(MergeTests.now))
    world.openLong(Self.desk, firstRead: 20)
    #expect(world.editor.render().text().contains("301 waiting, counting …"))
    world.press("<Tab>G<Enter>e")
    world.readQueue()
    #expect(world.editor.render().text().contains("301 waiting"))
    #expect(world.editor.week?.forecast.queue?.isWhole == true)
  }

  /// What is handed out while the queue is read is not in it any more.
  @Test func claimsMeanwhileAreSeen() throws {
    var world = try world()
    _ = try world.store.claim(phone: Self.desk, lease: .minute, at: .fixed(MergeTests.now))
    world.refresh()
    world.readQueue()
    #expect(world.editor.week?.forecast.draft?.count == 299)
  }

  /// A phone that is opened again is there at once: its queue is known.
  @Test func aKnownQueueIsNotReadAgain() throws {
    var world = try world()
    world.readQueue()
    world.press("q")
    world.readsLongQueues = false
    world.open(Self.desk)
    #expect(world.editor.week?.forecast.queue?.isWhole == true)
  }
}
