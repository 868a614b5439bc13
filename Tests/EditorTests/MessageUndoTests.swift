import Canvas
import Editor
import Scheduling
import Storage
import Testing

/// Undo of what was done to a message restores exactly, and selects what it restored.
@Suite struct MessageUndoTests {
  static let desk = "+4915112345601"

  /// With a message that has failed.
  private func world() throws -> (World, failed: String) {
    var world = try World(
      settings: EditorSettings(), size: Size(width: 80, height: 24), now: MergeTests.now)
    try settings(world.store) { ($0.maxSendAttempts, $0.pauseAfterFailures) = (1, 0) }
    let id = try #require(try failed(world, "modem busy"))
    try settings(world.store) { ($0.maxSendAttempts, $0.messagesPerMinute) = (2, 0) }
    world.open(Self.desk)
    return (world, id)
  }

  private func settings(_ store: Store, _ change: (inout Phone) -> Void) throws {
    try store.changePhone(Self.desk, stamp: Stamp(author: "anna", at: MergeTests.now), change)
  }

  /// The next message is claimed, and fails; its id.
  private func failed(_ world: World, _ reason: String) throws -> String? {
    let time = Time.fixed(world.editor.now)
    let results = try world.store.together([
      QueueRequest { transaction -> String? in
        guard case .claimed(let claim) = try transaction.claim(phone: Self.desk, lease: .minute, at: time)
        else {
          return nil
        }
        return try transaction.failed(claim.messageID, reason: reason, at: time).message.id
      }
    ])
    return try results.first?.get()
  }

  /// The row of the list that is selected.
  private func selected(_ world: World) throws -> Substring {
    try #require(world.editor.render().text().split(separator: "\n").first { $0.hasPrefix("▸") })
  }

  private func message(_ id: String, _ world: World) throws -> Message {
    try world.store.message(id, now: world.editor.now)
  }

  @Test func anUndoneRetryIsFailedAgainWithItsReasonAndAttempts() throws {
    var (world, id) = try world()
    let before = try message(id, world)
    #expect(before.status == .failed && before.sendAttemptCount == 1)
    world.press("<Tab><Right><Enter>r")
    #expect(try message(id, world).status.isWaiting)
    world.press("<Left>u")
    #expect(try message(id, world) == before)
    #expect(world.editor.notice?.text.hasPrefix("Undone: ") ?? false)
    // It is selected in the list in which it stands again.
    #expect(world.editor.render().text().contains("[failed]"))
    #expect(try selected(world).contains(before.contact))
    world.press("U")
    #expect(try message(id, world).status.isWaiting)
    world.press("u")
    #expect(try message(id, world) == before)
  }

  @Test func anUndoneCancelWaitsAgainAsItDidAndIsSelected() throws {
    var (world, _) = try world()
    // It failed once, and waits for its retry.
    try settings(world.store) { $0.retryDelaySeconds = 600 }
    let id = try #require(try failed(world, "modem busy"))
    world.refresh()
    let before = try message(id, world)
    #expect(before.sendAttemptCount == 1 && before.retryAt != nil)
    world.press("<Tab>/\(id)<Enter><Enter>x gG")
    #expect(try message(id, world).status == .canceled)
    world.press("u")
    #expect(try message(id, world) == before)
    #expect(try selected(world).contains(before.contact))
  }

  @Test func whatHappenedSinceIsNotUndone() throws {
    var (world, _) = try world()
    world.press("<Tab>/1000<Enter><Enter>x")
    #expect(try message("1000", world).status == .canceled)
    try world.store.retry(["1000"], at: .fixed(world.editor.now))
    world.press("u")
    #expect(try message("1000", world).status == .pending)
    #expect(world.editor.notice?.kind == .error)
  }
}
