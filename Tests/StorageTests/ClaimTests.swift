import Foundation
import Scheduling
import TestSupport
import Testing

@testable import Storage

@Suite(.eachEngine) struct ClaimTests {
  let store: Store

  init() throws { store = try Store.sample() }

  private func status(_ id: String, at now: Instant) throws -> MessageStatus {
    try store.message(id, now: now).status
  }

  @Test func aClaimHandsOutTheFirstThatIsDue() throws {
    try store.add("a", "b")
    #expect(
      try store.claim(phone: "18005550199", lease: .minute, at: .fixed(monday))
        == .claimed(
          Claim(
            messageID: "a", owner: "+18005550199", sim: .sim1, contact: "+18005550100", content: "text of a",
            attempt: 1,
            leaseExpiresAt: monday + .minute)))
    #expect(try status("a", at: monday) == .sending)
    #expect(
      try store.claim(phone: "18005550199", lease: .minute, at: .fixed(monday + 999))
        == .nothing(nextAt: monday + 1000))
    #expect(try store.claimOne(at: monday + 1000)?.messageID == "b")
    #expect(
      try store.claim(phone: "18005550199", lease: .minute, at: .fixed(monday + 2000))
        == .nothing(nextAt: monday + .minute))
  }

  @Test func nothingDueChangesNothingInTheFile() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("store.sqlite")
    let store = try Store.open(path, for: .create)
    try store.addPhone(.sample(schedule: nil))
    try store.add("a", sendAt: monday + .hour)
    let version = try Store.open(path, for: .read)
    let before = try version.version()
    #expect(
      try store.claim(phone: "18005550199", lease: .minute, at: .fixed(monday))
        == .nothing(nextAt: monday + .hour))
    #expect(try version.version() == before)
  }

  @Test func nothingIsHandedOutAfterClosing() throws {
    let schedule = try store.addSchedule(try .sample(windows: "mon 09:00-10:00", zone: "UTC"), stamp: someone)
    try store.changePhone("18005550199") { $0.scheduleID = schedule.id }
    try store.add("a")
    let opening = monday + .hour
    #expect(try store.claimOne(at: opening + .hour) == nil)
    #expect(try status("a", at: opening + .hour) == .pending)
    #expect(try store.claimOne(at: opening + .hour - 1)?.messageID == "a")
  }

  @Test func aLeaseThatRunsOutPutsTheMessageBackUntilItsAttemptsAreUsedUp() throws {
    try store.add("a")
    #expect(try store.claimOne(at: monday)?.attempt == 1)
    #expect(try status("a", at: monday + .minute - 1) == .sending)
    #expect(try status("a", at: monday + .minute) == .pending)
    #expect(try store.state(of: "18005550199", now: monday + .minute).waiting == 1)
    #expect(try store.claimOne(at: monday + .minute)?.attempt == 2)
    let end = monday + 2 * .minute
    #expect(try status("a", at: end) == .failed)
    #expect(try store.message("a", now: end).failureReason == "lease ran out after 2 attempts")
    #expect(try store.claimOne(at: end) == nil)
    try store.add("b", at: end)
    #expect(try store.claimOne(at: end)?.messageID == "b")
    #expect(try store.message("a", now: monday).failureReason == "lease ran out after 2 attempts")
    #expect(try store.check().isEmpty)
  }

  @Test func aFailureIsTriedAgainThenFinal() throws {
    try store.add("a")
    _ = try store.claimOne(at: monday)
    let first = try store.recordFailure("a", reason: "no network", at: .fixed(monday + 10))
    #expect(first.message.status == .pending && first.message.failureReason == "no network")
    #expect(first.message.retryAt == monday + 10 + .minute)
    #expect(try store.claimOne(at: monday + .minute) == nil)
    _ = try store.claimOne(at: monday + 10 + .minute)
    let second = try store.recordFailure("a", reason: "no credit", at: .fixed(monday + 20 + .minute))
    #expect(second.message.status == .failed && second.message.failureReason == "no credit")
    #expect(try store.claimOne(at: monday + .hour) == nil)
  }

  @Test func aLateReportIsRecordedWithAWarning() throws {
    try store.add("a")
    _ = try store.claimOne(at: monday)
    #expect(try store.recordSent("a", at: .fixed(monday + .hour)).warning != nil)
    #expect(try store.message("a", now: monday + .hour).sentAt == monday + .hour)
    #expect(try store.check().isEmpty)
    try store.add("b", at: monday + .hour)
    for attempt in 0..<2 { _ = try store.claimOne(at: monday + .hour + Int64(attempt) * .minute) }
    let late = try store.recordSent("b", at: .fixed(monday + 2 * .hour))
    #expect(late.warning != nil && late.message.status == .sent && late.message.failureReason == nil)
  }

  @Test func misuseIsAnErrorAndChangesNothing() throws {
    try store.add("a", "b")
    _ = try store.claimOne(at: monday)
    try store.cancel(["b"], at: .fixed(monday))
    let before = try ["a", "b"].map { try store.message($0, now: monday) }
    for (id, step) in [
      ("a", { try store.cancel(["a"], at: .fixed(monday)) }),
      ("b", { try store.cancel(["b"], at: .fixed(monday)) }),
      ("b", { _ = try store.recordSent("b", at: .fixed(monday)) }),
      ("b", { _ = try store.recordFailure("b", reason: nil, at: .fixed(monday)) }),
      ("a", { try store.retry(["a"], at: .fixed(monday)) }),
    ] as [(String, () throws -> Void)] {
      #expect(throws: StoreError.self, "\(id)") { try step() }
    }
    #expect(throws: StoreError.unknownMessage("x")) { try store.recordSent("x", at: .fixed(monday)) }
    #expect(throws: StoreError.unknownMessage("x")) { try store.retry(["b", "x"], at: .fixed(monday)) }
    #expect(try ["a", "b"].map { try store.message($0, now: monday) } == before)
    #expect(try store.recordSent("a", at: .fixed(monday)).warning == nil)
    #expect(try store.recordSent("a", at: .fixed(monday + .hour)).message.sentAt == monday)
    #expect(throws: StoreError.messageExists("a")) { try store.add("c", "a") }
    #expect(throws: StoreError.unknownMessage("c")) { try store.message("c", now: monday) }
    #expect(try store.check().isEmpty)
  }

  @Test func retryGivesAllAttemptsBack() throws {
    try store.add("a", "b")
    _ = try store.claimOne(at: monday)
    try store.cancel(["b"], at: .fixed(monday))
    let end = monday + .hour
    _ = try store.claimOne(at: end)
    try store.retry(["a", "b"], at: .fixed(end + .hour))
    #expect(try store.message("a", now: end + .hour).sendAttemptCount == 0)
    #expect(try store.claimOne(at: end + .hour)?.messageID == "a")
    #expect(try store.claimOne(at: end + .hour + 1000)?.messageID == "b")
  }

  @Test func pruningLeavesWhatStillHoldsBackTheNext() throws {
    try store.add("a", "b", "c")
    _ = try store.claimOne(at: monday)
    _ = try store.recordSent("a", at: .fixed(monday))
    _ = try store.claimOne(at: monday + .hour)
    _ = try store.recordSent("b", at: .fixed(monday + .hour))
    let now = monday + .hour + 500
    #expect(try store.prune(before: now, at: .fixed(now)) == 2)
    #expect(throws: StoreError.unknownMessage("b")) { try store.message("b", now: now) }
    #expect(
      try store.claim(phone: "18005550199", lease: .minute, at: .fixed(now))
        == .nothing(nextAt: monday + .hour + 1000))
    #expect(try store.prune(before: monday + .day, at: .fixed(monday + .day)) == 0)
    #expect(try store.check().isEmpty)
  }

  /// Monitoring asks when a phone last sent.
  @Test func pruningLeavesWhenAPhoneLastSent() throws {
    try store.add("a", "b", "c")
    for (place, id) in ["a", "b"].enumerated() {
      _ = try store.claimOne(at: monday + Int64(place) * .hour)
      _ = try store.recordSent(id, at: .fixed(monday + Int64(place) * .hour + 1_000))
    }
    let now = monday + 20 * .day
    func lastSent(at now: Instant) throws -> Instant? {
      try store.phoneStates(now: now).first { $0.phone.number == "+18005550199" }?.lastSentAt
    }
    #expect(try store.prune(before: monday + .hour, at: .fixed(now)) == 1)
    #expect(try lastSent(at: now) == monday + .hour + 1_000)
    #expect(try store.prune(before: now, at: .fixed(now)) == 1)
    #expect(try lastSent(at: now) == monday + .hour + 1_000)
    #expect(try lastSent(at: monday) == nil)
    _ = try store.claimOne(at: now)
    _ = try store.recordSent("c", at: .fixed(now + 1))
    #expect(try lastSent(at: now + 1) == now + 1)
    try store.removePhone("18005550199")
    #expect(try store.read { try $0.exists("SELECT 1 FROM counter WHERE name LIKE 'last sent%'") } == false)
    #expect(try store.check().isEmpty)
  }

  /// What was queued long ago and came to its end just now is not forgotten, however it came to it.
  @Test func pruningCountsFromTheEnd() throws {
    try store.add("canceled", "kept", "used up")
    try store.addMessages(
      [
        NewMessage(id: "failed", contact: "+18005550100", content: "x", maxSendAttempts: 1),
        NewMessage(id: "expired", contact: "+18005550100", content: "x", expiresAt: monday + 10 * .day),
      ], to: "18005550199", at: .fixed(monday))
    try store.cancel(["kept"], at: .fixed(monday + .hour))
    let now = monday + 10 * .day + .hour
    for place in 0..<3 {
      _ = try store.claimOne(at: monday + .day + Int64(place) * .minute, lease: 30 * .day)
    }
    for id in ["canceled", "used up"] {
      _ = try store.recordFailure(id, reason: "no network", at: .fixed(monday + .day + 3 * .minute))
    }
    _ = try store.recordFailure("failed", reason: "barred", at: .fixed(now))
    try store.cancel(["canceled"], at: .fixed(now))
    try store.changePhone("18005550199", stamp: Stamp(author: "ann", at: now)) { $0.maxSendAttempts = 1 }
    #expect(try store.history(ofMessage: "used up").last?.kind == .failed)
    #expect(try store.prune(before: now - .day, at: .fixed(now)) == 1)
    #expect(throws: StoreError.unknownMessage("kept")) { try store.message("kept", now: now) }
    for id in ["canceled", "failed", "used up", "expired"] {
      let status = try store.message(id, now: now).status
      #expect(status == (id == "canceled" ? .canceled : .failed), "\(id)")
    }
    #expect(try store.check().isEmpty)
    #expect(try store.prune(before: now + 1, at: .fixed(now + 2 * .day)) == 4)
    #expect(try store.check().isEmpty)
    // What is forgotten is not queued again under its id.
    #expect(throws: StoreError.messageForgotten("kept")) { try store.add("kept") }
  }

  @Test func pruningWithAClockThatIsBehindTakesNoClaimFromWhoSends() throws {
    try store.add("a")
    _ = try store.claimOne(at: monday)
    _ = try store.prune(before: monday - 30 * .day, at: .fixed(monday - .day))
    #expect(try store.message("a", now: monday + 1).status == .sending)
    _ = try store.prune(before: monday - 30 * .day, at: .fixed(monday + .day))
    #expect(try store.message("a", now: monday + 1).status == .pending)
    #expect(try store.recordSent("a", at: .fixed(monday + .day)).warning != nil)
  }

  @Test func exactMessagesIgnoreWindowsAndRate() throws {
    let schedule = try store.addSchedule(try .sample(windows: "sun 09:00-10:00", zone: "UTC"), stamp: someone)
    try store.changePhone("18005550199") { $0.scheduleID = schedule.id }
    try store.add("a")
    try store.add("now", "too", exact: true)
    #expect(try store.claimOne(at: monday)?.messageID == "now")
    #expect(try store.claimOne(at: monday)?.messageID == "too")
    #expect(try store.claimOne(at: monday) == nil)
  }

  @Test func filtersSeeMessagesAsTheyStand() throws {
    try store.add("a", "b", "c")
    _ = try store.claimOne(at: monday, lease: .second)
    func ids(_ filter: MessageFilter, at now: Instant) throws -> [String] {
      var ids: [String] = []
      try store.forEachMessage(of: "18005550199", now: now, filter: filter) { ids.append($0.id) }
      return ids
    }
    #expect(try ids(MessageFilter(), at: monday) == ["a", "b", "c"])
    #expect(try ids(MessageFilter(statuses: [.pending]), at: monday) == ["b", "c"])
    #expect(try ids(MessageFilter(statuses: [.pending]), at: monday + .second) == ["a", "b", "c"])
    #expect(try ids(MessageFilter(statuses: [.sending]), at: monday) == ["a"])
    #expect(try ids(MessageFilter(contact: "+1"), at: monday).isEmpty)
  }
}
