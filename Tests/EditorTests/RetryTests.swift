import Canvas
import Editor
import Scheduling
import Storage
import Testing

/// All failed messages of a phone wait again at once.
@Suite struct RetryTests {
  static let desk = "+4915112345601"

  private func world(failures: Int, readOnly: Bool = false) throws -> World {
    var sample = Sample()
    sample.failures = failures
    var settings = EditorSettings()
    settings.isReadOnly = readOnly
    var world = try World(
      settings: settings, size: Size(width: 80, height: 24), now: MergeTests.now, sample: sample)
    world.open(Self.desk)
    return world
  }

  private func state(_ world: World) throws -> PhoneState {
    try world.store.state(of: Self.desk, now: world.editor.now)
  }

  private func question(_ world: World) throws -> Question { try #require(world.editor.modal as? Question) }

  @Test func whatTheQuestionSaysIsWhatComes() throws {
    // Of these two expired.
    var world = try world(failures: 12)
    #expect(try state(world).failed == 12)
    world.press("<Tab><Right>a")
    let question = try question(world)
    #expect(question.title == "Retry 10 failed messages?")
    #expect(question.lines.contains("2 more expired meanwhile, and stay failed."))
    #expect(try state(world).failed == 12, "Nothing is done before the answer")
    world.press("y")
    #expect(try state(world).failed == 2)
    #expect(world.editor.notice?.text == "10 failed messages wait again; u undoes")
    // They go out when the question said so.
    let forecast = try #require(world.editor.week?.forecast.draft)
    let keys = Set(try world.store.keys(of: Self.desk, in: .failed, now: world.editor.now))
    #expect(keys.count == 2)
    let contacts = try world.store.messages(
      keys: forecast.entries(0..<forecast.count).compactMap { forecast.queue.key(of: $0.message) })
    let times = forecast.entries(0..<forecast.count).filter { entry in
      forecast.queue.key(of: entry.message).flatMap { contacts[$0] }?.id.hasPrefix("failed-") ?? false
    }.compactMap(\.sendAt)
    #expect(times.count == 10)
    let clock = { (instant: Instant) in String(Timestamp.utc(instant).dropFirst(11).prefix(5)) }
    let said = try #require(question.lines.first)
    // On the clock of Berlin, which is an hour ahead then.
    for time in [times.first, times.last] {
      let time = try #require(time)
      #expect(said.contains(clock(time + .hour)), "\(said) \(clock(time + .hour))")
    }
  }

  @Test func itIsUndoneAndDoneAgain() throws {
    var world = try world(failures: 4)
    let keys = try world.store.keys(of: Self.desk, in: .failed, now: world.editor.now)
    let before = try world.store.messages(keys: keys)
    world.press(":retry<Enter>y")
    #expect(try state(world).failed == 0)
    world.press("u")
    #expect(world.editor.notice?.text == "Undone: 4 messages are failed again")
    #expect(try world.store.messages(keys: keys) == before)
    world.press("U")
    #expect(try state(world).failed == 0)
    #expect(world.editor.notice?.text == "Done again: 4 failed messages wait again")
    // What a gateway has since is left.
    try world.store.cancel(["failed-0"], at: .fixed(world.editor.now))
    world.press("u")
    #expect(try state(world).failed == 3)
    #expect(
      world.editor.notice?.text == "Undone: 3 messages are failed again; 1 went on meanwhile, and is left")
  }

  @Test func onlyThoseThatWereFoundAreRetried() throws {
    var world = try world(failures: 5)
    world.press("<Tab><Right>/order<Enter>a")
    #expect(try question(world).title == "Retry 2 failed messages with “order”?")
    world.press("y")
    #expect(try state(world).failed == 3)
    world.press("u")
    world.press("<Tab><Tab><Right>/order<Enter>aa")
    #expect(try question(world).title == "Retry 5 failed messages?")
    world.press("<Esc>")
    #expect(try state(world).failed == 5)
  }

  @Test func whatCouldNotBeDoneCanBeTriedAgain() throws {
    for problem in [Outcome.displaced(path: "gateway.sqlite"), .failed("the disk is full")] {
      var world = try world(failures: 3)
      world.press("<Tab><Right>a")
      // What comes of it is not the messages.
      _ = world.editor.handle(.key(.character("y")))
      world.perform(world.editor.receive(problem))
      world.press("<Esc>")
      if world.editor.modal == nil { world.press(":retry<Enter>") }
      #expect(try question(world).title == "Retry 3 failed messages?", "\(problem)")
    }
  }

  @Test func itIsStoppedBetweenTwoTurnsAndUndone() throws {
    var world = try world(failures: 2_700)
    world.press("<Tab><Right>a")
    let asked = world.editor.handle(.key(.character("y")))
    world.performUnwanted(try #require(asked.first), after: 1)
    // A turn of 2,000, and one that brings it onto the disk.
    #expect(try state(world).failed == 2_700 - 2_001)
    #expect(world.editor.notice?.text == "Stopped: 2,001 of 2,250 messages wait again; u undoes")
    #expect(world.editor.modal == nil)
    world.press("u")
    #expect(try state(world).failed == 2_700)
    world.performUnwanted(try #require(world.editor.handle(.key(.character("U"))).first), after: 0)
    #expect(world.editor.notice?.text == "Stopped: 0 of 2,001 messages wait again")
    world.press(":retry<Enter>y")
    #expect(try state(world).failed == 450)
  }

  @Test func itsProgressIsShownAndEscStopsIt() throws {
    var world = try world(failures: 3)
    world.press("<Tab><Right>a")
    let asked = world.editor.handle(.key(.character("y")))
    // Another key takes its notice away, not how far it is.
    world.press("ju")
    #expect(world.editor.notice?.text == "Retrying 3 messages is still under way, 0 %: 0 of 3")
    _ = world.editor.receive(.retrying(RetryStep(.make, looked: 12_000, of: 100_000)))
    let screen = world.editor.render().text()
    #expect(screen.contains("Retrying 100,000 messages") && screen.contains("12 %: 12,000 of 100,000"))
    #expect(screen.contains("Esc stop"))
    #expect(world.editor.handle(.key(.escape)) == [.endRetry])
    #expect(world.editor.render().text().contains("Stopping"))
    world.perform(asked)
    #expect(
      world.editor.modal == nil && world.editor.notice?.text == "3 failed messages wait again; u undoes")
  }

  @Test func whoLeftThePhoneIsToldInTheList() throws {
    var world = try world(failures: 3)
    world.press("<Tab><Right>a")
    let asked = world.editor.handle(.key(.character("y")))
    world.press("q")
    #expect(world.editor.week == nil)
    world.perform(asked)
    #expect(world.editor.notice?.text == "+4915112345601: 3 failed messages wait again")
  }

  @Test func takingItBackIsNotStoppedHalfway() throws {
    var world = try world(failures: 3)
    _ = world.editor.receive(.retrying(RetryStep(.undo, looked: 4_000, of: 9_000)))
    #expect(world.editor.render().text().contains("Undoing the retry of 9,000 messages"))
    #expect(world.editor.handle(.key(.escape)).isEmpty)
    _ = world.editor.receive(.retrying(RetryStep(.undo, looked: 5_000, of: 9_000)))
    #expect(world.editor.modal == nil)
  }

  @Test func whereNothingFailedOrNothingMayBeChangedItSaysSo() throws {
    var world = try world(failures: 0)
    world.press("<Tab><Right>a")
    #expect(world.editor.modal == nil && world.editor.notice?.text == "No message has failed")
    world.press("<Left>a")
    #expect(world.editor.notice?.text == "→ lists the failed messages; a retries them there")
    world.press("<Right><Right>a")
    #expect(world.editor.notice?.text == "a retries what failed: ← → go there")
    var reader = try self.world(failures: 2, readOnly: true)
    reader.press("<Tab><Right>a")
    #expect(reader.editor.modal == nil && reader.editor.notice?.kind == .warning)
  }
}
