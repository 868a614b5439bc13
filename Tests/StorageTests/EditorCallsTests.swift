import Scheduling
import Testing

@testable import Storage

/// What the editor alone asks of a store.
@Suite(.eachEngine) struct EditorCallsTests {
  private let number = "+18005550199"

  private func ids(_ store: Store, _ group: MessageGroup, at now: Instant) throws -> [String] {
    let keys = try store.keys(of: number, in: group, now: now)
    let messages = try store.messages(keys: keys)
    return keys.compactMap { messages[$0]?.id }
  }

  @Test func theMessagesOfAGroupComeTheLatestFirst() throws {
    let store = try Store.sample(rate: 0)
    try store.changePhone(number) { $0.maxSendAttempts = 1 }
    try store.add("first", "second", "third", "fourth", "waiting")
    for (offset, id) in ["first", "second", "third"].enumerated() {
      #expect(try store.claimOne(at: monday + Int64(offset))?.messageID == id)
    }
    try store.cancel(["fourth"], at: .fixed(monday))
    _ = try store.recordSent("first", at: .fixed(monday + 10))
    #expect(try ids(store, .claimed, at: monday + 20) == ["third", "second"])
    #expect(try ids(store, .sent, at: monday + 20) == ["first"])
    #expect(try ids(store, .canceled, at: monday + 20) == ["fourth"])
    #expect(try ids(store, .failed, at: monday + 20) == [])
    // Their leases are over, and there is no further attempt.
    #expect(try ids(store, .failed, at: monday + .hour) == ["third", "second"])
    #expect(try ids(store, .claimed, at: monday + .hour) == [])
  }

  @Test func arrivalsAreCountedFromAnInstantOn() throws {
    let store = try Store.sample()
    #expect(try store.arrivals(of: number, since: 0) == 0)
    for hour in 0..<5 as Range<Int64> {
      try store.add("early \(hour)", "late \(hour)", at: monday + hour * .hour)
    }
    for (start, count) in [(monday, 10), (monday + 1, 8), (monday + 4 * .hour, 2), (monday + 5 * .hour, 0)] {
      #expect(try store.arrivals(of: number, since: start) == count)
    }
  }

  @Test func deletedSchedulesCanBeHadBack() throws {
    let store = try Store.sample()
    let office = try store.addSchedule(try .sample(), stamp: someone)
    let night = try store.addSchedule(try .sample("Night", windows: "mon 22-24"), stamp: someone)
    #expect(try store.deletedSchedules().isEmpty)
    try store.removeSchedule("Office", stamp: someone)
    try store.removeSchedule("Night", stamp: Stamp(author: "mari", at: monday + 1))
    let deleted = try store.deletedSchedules()
    #expect(deleted.map(\.id) == [night.id, office.id])
    #expect(deleted.map(\.revision.content.name) == ["Night", "Office"])
    try store.restore(office.id, to: 1, stamp: someone)
    #expect(try store.deletedSchedules().map(\.id) == [night.id])
  }

  @Test func whatWasDoneToAMessageIsPutBackExactly() throws {
    let store = try Store.sample(rate: 0)
    try store.changePhone(number) { $0.maxSendAttempts = 1 }
    try store.add("failed", "waiting")
    #expect(try store.claimOne(at: monday)?.messageID == "failed")
    _ = try store.recordFailure("failed", reason: "modem busy", at: .fixed(monday + 1))
    let edits: [(id: String, edit: (Store) throws -> Void)] = [
      ("failed", { try $0.retry(["failed"], at: .fixed(monday + 2)) }),
      ("waiting", { try $0.cancel(["waiting"], at: .fixed(monday + 2)) }),
      ("waiting", { _ = try $0.reschedule("waiting", sendAt: monday + .day, at: .fixed(monday + 2)) }),
      ("waiting", { try $0.mark("waiting", exact: true, at: .fixed(monday + 2)) }),
    ]
    for (id, edit) in edits {
      let before = try store.message(id, now: monday + 2)
      try edit(store)
      let after = try store.message(id, now: monday + 2)
      #expect(after != before)
      try store.putBack(before, from: after, at: .fixed(monday + 3))
      #expect(try store.message(id, now: monday + 3) == before)
      // What it is not any more cannot be taken back once more.
      #expect(throws: StoreError.self) { try store.putBack(before, from: after, at: .fixed(monday + 4)) }
    }
    #expect(try store.state(of: number, now: monday + 4).waiting == 1)
    #expect(try store.state(of: number, now: monday + 4).failed == 1)
  }

  @Test func whatAnEditReturnsIsUndoneByIt() throws {
    let store = try Store.sample(rate: 0)
    try store.add("a")
    let edits: [() throws -> MessageEdit?] = [
      { try store.mark("a", exact: true, at: .fixed(monday)) },
      { try store.reschedule("a", sendAt: monday + .day, at: .fixed(monday)) },
      { try store.cancel(["a"], at: .fixed(monday)).first },
    ]
    for edit in edits {
      let before = try store.message("a", now: monday)
      let edit = try #require(try edit())
      #expect(edit.before == before)
      #expect(try edit.after == store.message("a", now: monday))
      #expect(try store.messages(keys: [edit.key])[edit.key]?.id == "a")
      try store.putBack(edit.before, from: edit.after, at: .fixed(monday))
      #expect(try store.message("a", now: monday) == before)
    }
    #expect(try store.check().isEmpty)
  }

  /// A gateway that waits takes a message as soon as it is there.
  @Test func whatAGatewayHasIsNotPutBack() throws {
    let store = try Store.sample(rate: 0)
    try store.add("a")
    try store.cancel(["a"], at: .fixed(monday))
    let edit = try #require(try store.retry(["a"], at: .fixed(monday)).first)
    #expect(edit.after.status == .pending)
    let claim = try store.claimOne(at: monday)
    #expect(claim?.messageID == "a")
    for status in [MessageStatus.sending, .sent] {
      let seen = try store.message("a", now: monday)
      #expect(seen.status == status)
      for after in [edit.after, seen] {
        #expect(throws: StoreError.wrongState(message: "a", status: status, action: "put back as it was")) {
          try store.putBack(edit.before, from: after, at: .fixed(monday))
        }
      }
      #expect(try store.message("a", now: monday) == seen)
      try store.recordSent("a", at: .fixed(monday))
    }
  }

  @Test func aWaitingMessageIsMadeExactAndOrdinaryAgain() throws {
    let store = try Store.sample()
    try store.add("a", "b")
    for isExact in [true, false] {
      try store.mark("b", exact: isExact, at: .fixed(monday), by: "mari")
      #expect(try store.message("b", now: monday).isExact == isExact)
    }
    #expect(try store.claimOne(at: monday)?.messageID == "a")
    #expect(throws: StoreError.wrongState(message: "a", status: .sending, action: "marked exact")) {
      try store.mark("a", exact: true, at: .fixed(monday))
    }
    #expect(try store.check().isEmpty)
  }
}
