import Scheduling
import Testing

@testable import Storage

/// Requests that come together: each has its own result, whatever becomes of the others.
@Suite(.eachEngine) struct TogetherTests {
  let store: Store
  private static let first = "+18005550199"
  private static let second = "+18005550100"
  private static let time = Time.fixed(monday)

  init() throws {
    store = try Store.sample(rate: 0)
    try store.addPhone(.sample(Self.second, rate: 0))
  }

  private func queue(_ id: String, on phone: String) throws {
    let new = NewMessage(id: id, contact: "12345", content: "x")
    try store.addMessages([new], to: phone, at: Self.time)
  }

  private func claim(_ phone: String) -> QueueRequest<String> {
    QueueRequest(.queue(ofPhone: phone)) {
      guard case .claimed(let claim) = try $0.claim(phone: phone, lease: .minute, at: Self.time) else {
        return ""
      }
      return claim.messageID
    }
  }

  private func add(_ id: String, to phone: String, _ change: (inout NewMessage) -> Void = { _ in })
    -> QueueRequest<String>
  {
    var new = NewMessage(id: id, contact: "12345", content: "x")
    change(&new)
    return QueueRequest(.phone(phone)) { [new] in try $0.add([new], to: phone, at: Self.time)[0].id }
  }

  @Test func phonesWithADaysLimitAreServedTogether() throws {
    for phone in [Self.first, Self.second] {
      try store.changePhone(phone) { $0.messagesPerDay = 1 }
      try queue("of \(phone)", on: phone)
      try queue("more of \(phone)", on: phone)
    }
    let requests = [claim(Self.first), claim(Self.second), claim(Self.second), claim(Self.first)]
    #expect(
      try store.together(requests)
        == [.success("of \(Self.first)"), .success("of \(Self.second)"), .success(""), .success("")])
    #expect(try store.check().isEmpty)
  }

  @Test func messagesWithIDsAreQueuedTogether() throws {
    let requests = [
      add("a", to: Self.first), add("b", to: Self.second), add("a", to: Self.second),
      add("c", to: Self.second),
    ]
    #expect(
      try store.together(requests)
        == [.success("a"), .success("b"), .failure(.messageExists("a")), .success("c")])
    #expect(try store.message("a", now: monday).owner == Self.first)
    #expect(try store.check().isEmpty)
  }

  @Test func aTimeThatCannotBeStoredIsRefusedByItself() throws {
    try queue("waiting", on: Self.second)
    let requests = [
      add("late", to: Self.first) { $0.sendAt = .untilReleased + 1 }, claim(Self.second),
      add("early", to: Self.first) { $0.expiresAt = Instant.storable.lowerBound - 1 },
    ]
    let results = try store.together(requests)
    #expect(results[1] == .success("waiting"))
    for (result, field) in [(results[0], "send_at"), (results[2], "expires_at")] {
      guard case .failure(.invalid(let found, _)) = result else {
        Issue.record("\(result)")
        continue
      }
      #expect(found == field)
    }
    #expect(throws: StoreError.self) {
      try store.reschedule("waiting", sendAt: .untilReleased + 1, at: Self.time)
    }
    #expect {
      try store.hold([Self.first], until: .untilReleased + 1, stamp: someone)
    } throws: {
      "\($0)".hasPrefix("held_until: expected a time")
    }
    #expect(try store.check().isEmpty)
  }

  /// What no check foresaw: the database refuses it, at the end of all perhaps, and says so in words of its own.
  @Test func whatTheDatabaseRefusesIsRefusedByItself() throws {
    try queue("a", on: Self.first)
    try queue("b", on: Self.second)
    let broken = QueueRequest<String>(.phone(Self.first)) {
      try $0.session.send("UPDATE phone SET messages_per_minute = -1 WHERE number = ?1", [.text(Self.first)])
      return ""
    }
    let results = try store.together([claim(Self.first), broken, claim(Self.second)])
    #expect(results == [.success("a"), .failure(.refusedRecord), .success("b")])
    #expect(!"\(StoreError.refusedRecord)".contains("check"))
    #expect(try store.phone(named: Self.first).messagesPerMinute == 0)
    #expect(try store.check().isEmpty)
  }

  @Test func aScheduleWithoutAClockStopsItsOwnPhonesAlone() throws {
    let schedule = try store.addSchedule(.sample(windows: "daily 0-24"), stamp: someone)
    try store.changePhone(Self.first) { $0.scheduleID = schedule.id }
    try store.write { try $0.run("UPDATE schedule SET time_zone = 'No/Where'") }
    try queue("a", on: Self.first)
    try queue("b", on: Self.second)
    let results = try store.together([claim(Self.first), claim(Self.second)])
    #expect(results[1] == .success("b"))
    guard case .failure(.timeZone) = results[0] else {
      Issue.record("\(results[0])")
      return
    }
  }

  @Test func aReasonWithNULIsRefused() throws {
    try queue("a", on: Self.first)
    _ = try store.together([claim(Self.first)])
    #expect {
      try store.recordFailure("a", reason: "no\u{0}net", at: Self.time)
    } throws: {
      "\($0)" == "reason: expected a text without NUL characters"
    }
    #expect(throws: StoreError.self) { try store.recordSent("a\u{0}b", at: Self.time) }
    #expect(try store.message("a", now: monday).status == .sending)
  }
}
