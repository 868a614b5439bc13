import Scheduling
import Testing

@testable import Storage

/// Many failed messages that wait again at once.
@Suite(.eachEngine) struct ManyRetriesTests {
  private let number = "+18005550199"

  /// A phone on which so many messages failed, and others wait; with the keys of the failed ones, the latest first.
  private func store(failed count: Int) throws -> (store: Store, keys: [Int64]) {
    let store = try Store.sample(rate: 60)
    try store.changePhone(number) { ($0.maxSendAttempts, $0.pauseAfterFailures) = (1, 0) }
    let old = (0..<count).map {
      NewMessage(id: "f\($0)", contact: "12345", content: "x", isExact: $0 % 5 == 4)
    }
    try store.addMessages(old, to: number, at: .fixed(monday - .day))
    for index in 0..<count {
      let now = monday - .day + Int64(index) * .second
      guard let claim = try store.claimOne(at: now) else { break }
      _ = try store.recordFailure(claim.messageID, reason: "modem busy", at: .fixed(now))
    }
    try store.add("w0", "w1")
    let keys = try store.keys(of: number, in: .failed, now: monday)
    #expect(keys.count == count)
    return (store, keys)
  }

  @Test func allOfThemWaitAgainAndThatIsTakenBack() throws {
    // More than the last transaction takes.
    let (store, keys) = try store(failed: 230)
    let before = try store.messages(keys: keys)
    var edits: [MessageEdit] = []
    var looked = 0
    try store.retryFailed(keys, of: number, at: .fixed(monday), by: "mari") {
      edits += $0
      looked += $1
    }
    #expect(looked == 230 && Set(edits.map(\.key)) == Set(keys))
    #expect(try store.keys(of: number, in: .failed, now: monday).isEmpty)
    let state = try store.state(of: number, now: monday)
    #expect(state.waiting == 232 && state.failed == 0)
    #expect(try store.history(ofMessage: "f0").last?.by == "mari")
    var undone = 0
    try store.putBack(
      edits.map { ($0.key, $0.before, $0.after) }, of: number, at: .fixed(monday + 1)
    ) { some, _ in undone += some.count }
    #expect(undone == 230)
    #expect(try store.messages(keys: keys) == before)
    #expect(try store.state(of: number, now: monday).failed == 230)
  }

  @Test func whatIsNotFailedAnyMoreOrExpiredIsLeft() throws {
    let (store, keys) = try store(failed: 4)
    let late = NewMessage(
      id: "late", contact: "12345", content: "x", isExact: true, expiresAt: monday - .hour)
    try store.addMessages([late], to: number, at: .fixed(monday - 2 * .hour))
    #expect(try store.claimOne(at: monday - 2 * .hour)?.messageID == "late")
    _ = try store.recordFailure("late", reason: "modem busy", at: .fixed(monday - 2 * .hour))
    try store.retry(["f1"], at: .fixed(monday))
    try store.cancel(["f1"], at: .fixed(monday))
    let all = keys + (try store.keys(of: number, in: .failed, now: monday)) + [keys[0] + 1_000_000]
    var edits: [MessageEdit] = []
    try store.retryFailed(all, of: number, at: .fixed(monday)) { some, _ in edits += some }
    #expect(Set(edits.map(\.after.id)) == ["f0", "f2", "f3"] && edits.count == 3)
    #expect(try store.message("f1", now: monday).status == .canceled)
    #expect(try store.message("late", now: monday).status == .failed)
    // One is handed out before that is taken back.
    let out = try #require(try store.claimOne(at: monday))
    var undone: [MessageEdit] = []
    try store.putBack(edits.map { ($0.key, $0.before, $0.after) }, of: number, at: .fixed(monday)) {
      some, _ in
      undone += some
    }
    #expect(undone.count == (edits.contains { $0.after.id == out.messageID } ? 2 : 3))
    #expect(try store.message(out.messageID, now: monday).status == .sending)
  }

  @Test func whereItIsNotWantedAnyMoreTheRestIsLeft() throws {
    let (store, keys) = try store(failed: 3)
    let unknown = (1...2_000).map { keys[0] + 1_000_000 + Int64($0) }
    for most in 0...1 {
      var (looks, looked, edited) = (0, 0, 0)
      let isWanted = {
        looks += 1
        return looks <= most
      }
      try store.retryFailed(unknown + keys, of: number, at: .fixed(monday), isWanted: isWanted) {
        edited += $0.count
        looked += $1
      }
      // A turn, of which what it did is brought onto the disk with one more message.
      #expect(most == 0 ? looked == 0 : (2...2_001).contains(looked) && edited <= 1)
      #expect(try store.state(of: number, now: monday).failed == 3 - edited)
    }
  }

  @Test func theQueueWithThemIsTheOneThatComes() throws {
    let (store, keys) = try store(failed: 12)
    let waiting = try store.loadQueue(of: number, now: monday).queue
    for wanted in [nil, Array(keys.prefix(5))] {
      let foreseen = try store.queue(waiting, retrying: wanted, of: number, now: monday)
      #expect(Set(foreseen.keys) == Set(wanted ?? keys) && foreseen.expired == 0)
      let (copy, _) = try self.store(failed: 12)
      try copy.retryFailed(wanted ?? keys, of: number, at: .fixed(monday)) { _, _ in }
      #expect(try copy.loadQueue(of: number, now: monday).queue == foreseen.queue)
    }
  }
}
