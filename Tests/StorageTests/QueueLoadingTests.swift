import Scheduling
import TestSupport
import Testing

@testable import Storage

@Suite(.eachEngine) struct QueueLoadingTests {
  private let phone = "+18005550199"

  @Test func theQueueStandsInTheOrderOfTheRule() throws {
    let store = try Store.sample()
    try store.add("late", at: monday, sendAt: monday + .hour)
    try store.add("b", at: monday + 5)
    try store.add("exact", at: monday, exact: true)
    try store.add("a", at: monday)
    try store.add("tie", at: monday + .hour)
    let queue = try store.loadQueue(of: phone, now: monday).queue
    let ids = try store.messages(keys: queue.keys)
    #expect(queue.keys.map { ids[$0]?.id } == ["a", "b", "late", "tie"])
    #expect(queue.exactKeys.count == 1 && queue.ready[2] == monday + .hour)
  }

  @Test func loadingCanBeLeft() throws {
    let store = try Store.sample()
    let many = (0..<70_000).lazy.map { NewMessage(id: "\($0)", contact: "12345", content: "x") }
    try store.addMessages(many, to: phone, at: .fixed(monday))
    #expect(throws: StoreError.interrupted) { try store.loadQueue(of: phone, now: monday) { _ in false } }
    #expect(try store.loadQueue(of: phone, now: monday).queue.count == 70_000)
  }

  /// After whatever happened, a refreshed queue is the one that would be read anew.
  @Test(arguments: 0..<30)
  func refreshingIsLoading(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let store = try Store.sample(rate: 0)
    try store.addPhone(.sample("+18005550198"))
    var now = monday
    var ids: [String] = []
    var loaded = try store.loadQueue(of: phone, now: now)
    for step in 0..<200 {
      now += Int64.random(in: 0...2000, using: &random)
      try disturb(store, now: now, step: step, &ids, &random)
      guard Int.random(in: 0..<4, using: &random) == 0 else { continue }
      _ = try store.refresh(&loaded, now: now)
      #expect(loaded.queue == (try store.loadQueue(of: phone, now: now).queue), "seed \(seed), step \(step)")
      #expect(try store.refresh(&loaded, now: now) == .unchanged)
      #expect(try store.state(of: phone, now: now).waiting == loaded.queue.count)
    }
    #expect(try store.check().isEmpty)
  }

  private func disturb(
    _ store: Store, now: Instant, step: Int, _ ids: inout [String], _ random: inout SeededRandom
  ) throws {
    switch Int.random(in: 0..<8, using: &random) {
    case 0, 1, 2:
      let sendAt: Instant? =
        Bool.random(using: &random) ? nil : monday + Int64.random(in: 0...20, using: &random) * 10_000
      let exact = Int.random(in: 0..<4, using: &random) == 0
      try store.add("m\(step)", at: now, sendAt: sendAt, exact: exact)
      ids.append("m\(step)")
    case 3, 4: _ = try store.claimOne(at: now, lease: 3000)
    case 5: if let id = ids.randomElement(using: &random) { _ = try? store.cancel([id], at: .fixed(now)) }
    case 6: if let id = ids.randomElement(using: &random) { _ = try? store.retry([id], at: .fixed(now)) }
    default:
      if let id = ids.randomElement(using: &random) {
        _ = try? store.recordFailure(id, reason: nil, at: .fixed(now))
      }
      if step % 5 == 0 { _ = try store.prune(before: now - 5000, at: .fixed(now)) }
    }
  }

  @Test func aRemovedPhoneIsSaidToBeGone() throws {
    let store = try Store.sample()
    var loaded = try store.loadQueue(of: phone, now: monday)
    try store.removePhone(phone)
    #expect(throws: StoreError.self) { try store.refresh(&loaded, now: monday) }
  }

  @Test func theVersionChangesWithEveryWrite() throws {
    let directory = try TemporaryDirectory()
    let one = try Store.open(directory.file("store.sqlite"), for: .create)
    let other = try Store.open(directory.file("store.sqlite"), for: .write)
    let first = try one.version()
    #expect(try one.version() == first)
    try other.addPhone(.sample())
    let second = try one.version()
    #expect(second != first)
    try one.addPhone(.sample("+18005550198"))
    #expect(try one.version() != second)
  }
}
