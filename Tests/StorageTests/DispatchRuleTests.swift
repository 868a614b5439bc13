import Scheduling
import TestSupport
import Testing

@testable import Storage

/// Claims, and what is said of them, by the rule of holds, limits, expiry and failures.
@Suite(.eachEngine) struct DispatchRuleTests {
  let store: Store
  private let phone = "+18005550199"

  init() throws { store = try Store.sample(rate: 0) }

  private func claim(at now: Instant) throws -> String? { try store.claimOne(at: now)?.messageID }

  private func nextAt(_ now: Instant) throws -> Instant? {
    guard case .nothing(let next) = try store.claim(phone: phone, lease: .minute, at: .fixed(now)) else {
      Issue.record("something was claimed")
      return nil
    }
    return next
  }

  private func add(_ id: String, expires: Instant? = nil, exact: Bool = false, attempts: Int? = nil) throws {
    let new = NewMessage(
      id: id, contact: "12345", content: "x", isExact: exact, expiresAt: expires, maxSendAttempts: attempts)
    try store.addMessages([new], to: phone, at: .fixed(monday))
  }

  // MARK: - Holds

  @Test func aHeldPhoneSendsNothing() throws {
    try add("a")
    try add("b", exact: true)
    let prior = try store.hold([phone], until: monday + .hour, reason: "maintenance", stamp: someone)
    #expect(prior == [PriorHold(phoneID: "phone-18005550199", hold: nil)])
    #expect(try nextAt(monday) == monday + .hour)
    let state = try store.state(of: phone, now: monday)
    #expect(state.phone.hold == Hold(until: monday + .hour, reason: "maintenance"))
    #expect(state.heldBy == "mari" && state.heldAt == monday)
    try store.release(phones: [phone], stamp: someone)
    #expect(try claim(at: monday) == "b")
    try store.setHolds([(phone, Hold(until: .untilReleased))], stamp: someone)
    #expect(try store.state(of: phone, now: monday).phone.hold?.until == .untilReleased)
    #expect(try store.revisions(ofPhone: "phone-18005550199").map(\.action) == [.hold, .release, .hold])
  }

  @Test func aHoldByHandIsStillItsAuthorsAfterASuccess() throws {
    try store.changePhone(phone) { ($0.pauseAfterFailures, $0.maxSendAttempts) = (1, 5) }
    try add("a")
    #expect(try claim(at: monday) == "a")
    // Shorter than the phone's own hold, but not over when a success ends that.
    try store.hold([phone], until: monday + 30_000, reason: "maintenance", stamp: someone)
    _ = try store.recordFailure("a", reason: "no", at: .fixed(monday + 1))
    var state = try store.state(of: phone, now: monday + 1)
    #expect(state.phone.hold?.endsWithSuccess == true && state.phone.hold?.byHand != nil)
    #expect(state.heldBy == nil && state.heldAt == nil)
    try store.recordSent("a", at: .fixed(monday + 2))
    state = try store.state(of: phone, now: monday + 2)
    #expect(state.phone.hold == Hold(until: monday + 30_000, reason: "maintenance"))
    #expect(state.heldBy == "mari" && state.heldAt == monday)
  }

  @Test func whoImportsAHoldHolds() throws {
    try store.hold([phone], until: monday + .hour, stamp: someone)
    let bundle = try ImportFixtures.export(store)
    try store.hold([phone], until: .untilReleased, stamp: Stamp(author: "jaan", at: monday + 1))
    try ImportFixtures.load(bundle, into: store, now: monday + 2)
    let state = try store.state(of: phone, now: monday + 2)
    #expect(state.phone.hold?.until == monday + .hour)
    #expect(state.heldBy != "jaan" && state.heldBy != nil && state.heldAt == monday + 2)
  }

  @Test func nobodyIsSaidToHoldAPhoneThatASuccessFreed() throws {
    try store.changePhone(phone) { ($0.pauseAfterFailures, $0.maxSendAttempts) = (1, 5) }
    try add("a")
    try store.hold([phone], until: monday, reason: "over by then", stamp: someone)
    #expect(try claim(at: monday) == "a")
    _ = try store.recordFailure("a", reason: "no", at: .fixed(monday + 1))
    try store.recordSent("a", at: .fixed(monday + 2))
    let state = try store.state(of: phone, now: monday + 2)
    #expect(state.phone.hold == nil && state.heldBy == nil && state.heldAt == nil)
  }

  @Test func releasingForgetsFailuresInARowOfAPhoneThatIsNotHeldToo() throws {
    try store.changePhone(phone) { $0.maxSendAttempts = 5 }
    try add("a")
    #expect(try claim(at: monday) == "a")
    _ = try store.recordFailure("a", reason: "no", at: .fixed(monday + 1))
    #expect(try store.phone(named: phone).failuresInARow == 1)
    try store.release(phones: [phone], stamp: someone)
    #expect(try store.phone(named: phone).failuresInARow == 0)
  }

  @Test func holdingManyIsForAllOrNone() throws {
    #expect(throws: StoreError.unknownPhone("none")) {
      try store.hold([phone, "none"], until: .untilReleased, stamp: someone)
    }
    #expect(try store.phone(named: phone).hold == nil)
  }

  // MARK: - The day's limit

  /// What was counted before is kept, and what was claimed since is added.
  @Test func recentSendsAreFollowed() throws {
    var random = SeededRandom(seed: 9)
    for number in 0..<60 { try add("m\(number)") }
    var (now, known) = (monday, RecentSends())
    var readAt = now
    for _ in 0..<40 {
      now += Int64.random(in: 0...3 * .hour, using: &random)
      _ = try claim(at: now)
      let state = try store.state(of: phone, now: now)
      known = try store.recentSends(of: state, now: now, after: (known, at: readAt))
      readAt = now
      #expect(try known == store.recentSends(of: state, now: now))
    }
    #expect(known != RecentSends())
  }

  /// A limit, a clock or both that a phone does not have yet count what it has sent.
  @Test func otherSettingsCountWhatWasSent() throws {
    let zones = ["UTC", "Asia/Kathmandu", "America/New_York", "Pacific/Kiritimati", "Australia/Lord_Howe"]
    var random = SeededRandom(seed: 5)
    for number in 0..<40 { try add("m\(number)") }
    var now = monday
    for _ in 0..<35 {
      now += Int64.random(in: 0...3 * .hour, using: &random)
      #expect(try claim(at: now) != nil)
    }
    let state = try store.state(of: phone, now: now)
    #expect(state.sentOn.isEmpty)
    for zone in zones {
      let changed = try store.state(state, now: now) {
        $0.phone.messagesPerDay = 3
        $0.schedule = Schedule(id: "s", content: try .sample(windows: "daily 0-24", zone: zone))
      }
      let timeline = try store.zones.clock(of: zone, now: now)
      let today = timeline.day(at: now)
      #expect(
        changed.sentOn[today] == (try store.sentToday(by: changed, now: now)) && changed.sentOn[today] != nil)
      #expect(try store.recentSends(of: state, now: now).onDates(of: timeline, now: now) == changed.sentOn)
      // Saved, it is the same.
      let id = try store.addSchedule(
        .sample(zone, windows: "daily 0-24", zone: zone), stamp: someone
      ).id
      try store.changePhone(phone) { ($0.messagesPerDay, $0.scheduleID) = (3, id) }
      #expect(try store.state(of: phone, now: now).sentOn == changed.sentOn)
      #expect(
        try store.nextSend(of: phone, now: now)
          == Forecast(
            queue: store.loadQueue(of: phone, now: now).queue, rules: store.rules(for: changed, now: now)
          ).entry(at: 0)?.sendAt)
      try store.changePhone(phone) { ($0.messagesPerDay, $0.scheduleID) = (0, nil) }
    }
  }

  /// What would be enough for today is found from all that was sent, not only from as much as the limit allows.
  @Test func sendsBeyondALimitThatWasLoweredCount() throws {
    for id in ["a", "b", "c"] {
      try add(id)
      #expect(try claim(at: monday) == id)
    }
    try store.changePhone(phone) { $0.messagesPerDay = 1 }
    #expect(try store.state(of: phone, now: monday).sentOn.values.max() == 3)
  }

  @Test func theDayHasRoomForSoMany() throws {
    try store.changePhone(phone) { $0.messagesPerDay = 2 }
    for id in ["a", "b", "c"] { try add(id) }
    try add("exact", exact: true)
    #expect(try claim(at: monday) == "exact")
    #expect(try claim(at: monday) == "a")
    #expect(try nextAt(monday) == monday + .minute)
    for id in ["exact", "a"] { try store.recordSent(id, at: .fixed(monday)) }
    let midnight = monday + 16 * .hour
    #expect(try nextAt(monday) == midnight)
    #expect(try claim(at: midnight - 1) == nil)
    // Forgotten sends count on.
    #expect(try store.prune(before: midnight - 1, at: .fixed(midnight - 1)) == 2)
    #expect(try claim(at: midnight - 1) == nil)
    #expect(try claim(at: midnight) == "b")
  }

  /// Each claim is a send, of the same message too; one that was released was none.
  @Test func eachAttemptCountsForTheDay() throws {
    try store.changePhone(phone) {
      $0.messagesPerDay = 3
      $0.retryDelaySeconds = 0
      $0.maxSendAttempts = 9
    }
    try add("a")
    #expect(try claim(at: monday) == "a")
    try store.recordFailure("a", reason: nil, at: .fixed(monday))
    #expect(try claim(at: monday + 1) == "a")
    try store.release(claimOf: "a", at: .fixed(monday + 1))
    #expect(try claim(at: monday + 2) == "a")
    try store.recordFailure("a", reason: nil, at: .fixed(monday + 2))
    #expect(try claim(at: monday + 3) == "a")
    try store.recordFailure("a", reason: nil, at: .fixed(monday + 3))
    #expect(try nextAt(monday + 4) == monday + 16 * .hour)
    let copy = try Store.inMemory()
    try ImportFixtures.load(try ImportFixtures.export(store), into: copy)
    #expect(try copy.nextSend(of: phone, now: monday + 4) == monday + 16 * .hour)
  }

  // MARK: - What cannot have been

  @Test func aClaimOfTheFutureBlocksNobody() throws {
    try store.changePhone(phone) { $0.messagesPerMinute = 1 }
    try add("a")
    try add("b")
    #expect(try claim(at: monday + 1000 * .day) == "a")
    #expect(try claim(at: monday) == "a")
    #expect(try nextAt(monday) == monday + .minute)
    #expect(try claim(at: monday + .minute) != nil)
  }

  // MARK: - Expiry

  @Test func whatHasExpiredIsDroppedWithoutAGap() throws {
    try store.changePhone(phone) { $0.messagesPerMinute = 1 }
    try add("code", expires: monday + 10)
    try add("b")
    try add("last", expires: monday + .minute)
    #expect(try claim(at: monday + 11) == "b")
    let dropped = try store.message("code", now: monday + 11)
    #expect(dropped.status == .failed && dropped.failureReason == Expired.reason)
    #expect(try store.history(ofMessage: "code").map(\.kind) == [.queued, .expired])
    // Its gap ends after its expiry: it takes no place.
    try store.recordSent("b", at: .fixed(monday + 12))
    #expect(try nextAt(monday + 12) == nil)
    #expect(try store.state(of: phone, now: monday + 12).waiting == 1)
    // A claim that finds nothing changes nothing; the next one that finds something drops it.
    #expect(try nextAt(monday + 2 * .minute) == nil)
    #expect(try store.message("last", now: monday + 2 * .minute).status == .pending)
    try add("next")
    #expect(try claim(at: monday + 2 * .minute) == "next")
    #expect(try store.message("last", now: monday + 2 * .minute).status == .failed)
    #expect(try store.state(of: phone, now: monday + 2 * .minute).failed == 2)
    #expect(try store.check().isEmpty)
  }

  /// What nobody claims past is failed by a prune at the latest.
  @Test func aPruneFailsWhatHasExpired() throws {
    try add("code", expires: monday + 10)
    #expect(try store.prune(before: monday, at: .fixed(monday + 11)) == 0)
    #expect(try store.message("code", now: monday + 11).status == .failed)
    #expect(try store.prune(before: monday + .day, at: .fixed(monday + 2 * .day)) == 1)
  }

  @Test func anExpiryIsTheLastMoment() throws {
    try add("a", expires: monday + 10)
    try add("b", expires: monday + 10, exact: true)
    #expect(try claim(at: monday + 10) == "b")
    #expect(try claim(at: monday + 10) == "a")
  }

  // MARK: - Failures

  @Test func aMessageWaitsTwiceAsLongAfterEachFailure() throws {
    try store.changePhone(phone) {
      $0.maxSendAttempts = 20
      $0.pauseAfterFailures = 0
      $0.retryDelaySeconds = 600
    }
    try add("a")
    var now = monday
    for minutes in [10, 20, 40, 60, 60] as [Int64] {
      #expect(try claim(at: now) == "a")
      try store.recordFailure("a", reason: "no network", at: .fixed(now))
      #expect(try nextAt(now) == now + minutes * .minute)
      now += minutes * .minute
    }
  }

  @Test func failuresInARowHoldThePhoneUntilASuccess() throws {
    try store.changePhone(phone) {
      $0.maxSendAttempts = 100
      $0.retryDelaySeconds = 0
      $0.pauseAfterFailures = 3
    }
    try add("a")
    var now = monday
    for minutes in [0, 0, 1, 2, 4, 8, 16, 30, 30] as [Int64] {
      #expect(try claim(at: now) == "a")
      try store.recordFailure("a", reason: "no modem", at: .fixed(now))
      #expect(try store.phone(named: phone).hold?.until == (minutes == 0 ? nil : now + minutes * .minute))
      now += minutes * .minute
    }
    #expect(try store.phone(named: phone).hold?.reason == "9 failures in a row")
    #expect(try claim(at: now) == "a")
    try store.recordSent("a", at: .fixed(now))
    #expect(try store.phone(named: phone).hold == nil)
    #expect(try store.phone(named: phone).failuresInARow == 0)
  }

  @Test func aHoldByHandStaysBesideThoseOfFailures() throws {
    try store.changePhone(phone) { $0.pauseAfterFailures = 1 }
    try add("a")
    #expect(try claim(at: monday) == "a")
    try store.hold([phone], until: monday + .day, reason: "night", stamp: someone)
    try store.recordFailure("a", reason: nil, at: .fixed(monday))
    #expect(try store.phone(named: phone).hold == Hold(until: monday + .day, reason: "night"))
    try store.release(phones: [phone], stamp: someone)
    #expect(try claim(at: monday + .minute) == "a")
    try store.hold([phone], until: monday + .day, reason: "night", stamp: someone)
    try store.recordSent("a", at: .fixed(monday + .minute))
    #expect(try store.phone(named: phone).hold?.until == monday + .day)
  }

  /// A success ends the hold of failures, not the shorter one by hand behind it.
  @Test func aHoldByHandGoesOnBehindOneOfFailures() throws {
    try store.changePhone(phone) { $0.pauseAfterFailures = 1 }
    for id in ["a", "b"] { try add(id) }
    #expect(try claim(at: monday) == "a" && claim(at: monday) == "b")
    try store.hold([phone], until: monday + .second, reason: "stop", stamp: someone)
    try store.recordFailure("a", reason: nil, at: .fixed(monday))
    #expect(try nextAt(monday) == monday + .minute)
    let exported = try ImportFixtures.export(store)
    let copy = try Store.inMemory()
    try ImportFixtures.load(exported, into: copy)
    #expect(try ImportFixtures.export(copy) == exported)
    for store in [store, copy] {
      try store.recordSent("b", at: .fixed(monday))
      #expect(try store.phone(named: phone).hold == Hold(until: monday + .second, reason: "stop"))
    }
  }

  /// A modem that is down for two hours, at no limit of the rate: a dozen tries, and none of a thousand is lost.
  @Test func anOutageLosesNothing() throws {
    let many = (0..<1000).map { NewMessage(id: "m\($0)", contact: "12345", content: "x") }
    try store.addMessages(many, to: phone, at: .fixed(monday))
    var now = monday
    var tries = 0
    while now < monday + 2 * .hour {
      switch try store.claim(phone: phone, lease: .minute, at: .fixed(now)) {
      case .claimed(let claim):
        try store.recordFailure(claim.messageID, attempt: claim.attempt, reason: "no modem", at: .fixed(now))
        tries += 1
        now += 10
      case .nothing(let next): now = max(now + 1, next ?? .max)
      }
    }
    #expect(tries == 12)
    #expect(try store.state(of: phone, now: now).failed == 0)
    var sent = 0
    while case .claimed(let claim) = try store.claim(phone: phone, lease: .minute, at: .fixed(now)) {
      try store.recordSent(claim.messageID, at: .fixed(now))
      sent += 1
    }
    #expect(sent == 1000)
  }

  // MARK: - Whose claim it is

  @Test func aLateFailureOfAnOlderClaimChangesNothing() throws {
    try add("a")
    #expect(try claim(at: monday) == "a")
    #expect(try claim(at: monday + .minute) == "a")
    let before = try store.message("a", now: monday + .minute)
    #expect(throws: StoreError.lateReport(message: "a", attempt: 1, current: 2)) {
      try store.recordFailure("a", attempt: 1, reason: "late", at: .fixed(monday + .minute))
    }
    #expect(try store.message("a", now: monday + .minute) == before)
    try store.recordFailure("a", attempt: 2, reason: "now", at: .fixed(monday + .minute))
    #expect(throws: StoreError.lateReport(message: "a", attempt: 2, current: 2)) {
      try store.recordFailure("a", attempt: 2, reason: "again", at: .fixed(monday + .minute))
    }
    #expect(try store.phone(named: phone).failuresInARow == 1)
  }

  /// Many claims that lapsed without attempts left hide none that waits again.
  @Test func whatMayBeSentAgainIsFoundBehindWhatMayNot() throws {
    let store = try Store.sample(rate: 0)
    let many = (0..<300).map { NewMessage(id: "m\($0)", contact: "12345", content: "x", maxSendAttempts: 1) }
    try store.addMessages(many, to: "+18005550199", at: .fixed(monday))
    try store.add("again")
    for _ in 0...300 { _ = try store.claimOne(at: monday, lease: .second) }
    #expect(try store.nextSend(of: "+18005550199", now: monday + 2_000) == monday + 2_000)
    #expect(try store.claimOne(at: monday + 2_000)?.messageID == "again")
    #expect(try store.claimOne(at: monday + 3_000) == nil)
    #expect(try store.check() == [])
  }

  /// A phone's number of attempts counts for what is out already.
  @Test func attemptsThatAreChangedCountForWhatIsOut() throws {
    let store = try Store.sample(rate: 0)
    try store.add("a")
    try store.changePhone("+18005550199") { $0.maxSendAttempts = 1 }
    #expect(try store.claimOne(at: monday, lease: .second)?.attempt == 1)
    try store.changePhone("+18005550199") { $0.maxSendAttempts = 2 }
    #expect(try store.check() == [])
    #expect(try store.claimOne(at: monday + 2_000, lease: .second)?.attempt == 2)
    #expect(try store.claimOne(at: monday + 4_000) == nil)
    try store.changePhone("+18005550199") { $0.maxSendAttempts = 3 }
    try store.changePhone("+18005550199") { $0.maxSendAttempts = 2 }
    #expect(try store.check() == [])
    #expect(try store.claimOne(at: monday + 4_000) == nil)
  }

  @Test func aLapsedClaimMayBeReportedOnUntilTheNext() throws {
    try add("a", attempts: 3)
    try add("b")
    #expect(try claim(at: monday) == "a")
    #expect(try claim(at: monday) == "b")
    // Claiming one message stores that another one's lease ran out; it makes no difference.
    let now = monday + .minute
    #expect(try claim(at: now) == "a")
    #expect(try store.recordFailure("b", attempt: 1, reason: "slow", at: .fixed(now)).warning != nil)
    #expect(try store.message("b", now: now).retryAt == now + .minute)
  }

  @Test func aReleasedClaimLeavesNoTrace() throws {
    try store.changePhone(phone) { $0.messagesPerMinute = 1 }
    try add("a")
    try add("b")
    let before = try store.message("a", now: monday)
    #expect(try claim(at: monday) == "a")
    #expect(throws: StoreError.lateReport(message: "a", attempt: 7, current: 1)) {
      try store.release(claimOf: "a", attempt: 7, at: .fixed(monday))
    }
    #expect(try store.release(claimOf: "a", attempt: 1, at: .fixed(monday + 1)) == before)
    #expect(try store.state(of: phone, now: monday + 1).previous == nil)
    #expect(try store.claimOne(at: monday + 2)?.attempt == 1)
    // Whoever had it may have sent it all the same.
    try store.release(claimOf: "a", at: .fixed(monday + 3))
    #expect(try store.recordSent("a", at: .fixed(monday + 4)).message.status == .sent)
    #expect(try store.check().isEmpty)
  }

  @Test func anExtendedClaimRunsOn() throws {
    try add("a")
    #expect(try claim(at: monday) == "a")
    try store.extend("a", attempt: 1, lease: .hour, at: .fixed(monday + 1000))
    #expect(try nextAt(monday + .minute) == monday + .hour + 1000)
    #expect(throws: StoreError.self) {
      try store.extend("a", lease: .hour, at: .fixed(monday + 2 * .hour))
    }
  }

  @Test func aMessageHasAHistory() throws {
    try add("a")
    _ = try store.claim(phone: phone, lease: .minute, at: .fixed(monday), by: "gw1/77")
    try store.recordFailure("a", reason: "no\tcredit\n", at: .fixed(monday + 5), by: "gw1/77")
    try store.cancel(["a"], at: .fixed(monday + 6), by: "mari")
    #expect(
      try store.history(ofMessage: "a") == [
        MessageEvent(at: monday, kind: .queued),
        MessageEvent(at: monday, kind: .claimed, attempt: 1, by: "gw1/77"),
        MessageEvent(at: monday + 5, kind: .failed, attempt: 1, by: "gw1/77", reason: "no credit "),
        MessageEvent(at: monday + 6, kind: .canceled, by: "mari"),
      ])
  }

  @Test func aMessageGetsAnotherTime() throws {
    try add("a")
    try store.reschedule("a", sendAt: monday + .hour, at: .fixed(monday))
    #expect(try nextAt(monday) == monday + .hour)
    try store.reschedule("a", sendAt: nil, at: .fixed(monday))
    #expect(try claim(at: monday) == "a")
    #expect(throws: StoreError.wrongState(message: "a", status: .sending, action: "rescheduled")) {
      try store.reschedule("a", sendAt: nil, at: .fixed(monday))
    }
  }

  // MARK: - Together

  @Test func requestsThatComeTogetherHaveTheirOwnResults() throws {
    try add("a")
    try add("b")
    let requests: [QueueRequest<String>] = [
      QueueRequest(.queue(ofPhone: phone)) { transaction in
        guard
          case .claimed(let claim) = try transaction.claim(phone: phone, lease: .minute, at: .fixed(monday))
        else { return "" }
        return claim.messageID
      },
      QueueRequest(.message("x")) { try $0.sent("x", at: .fixed(monday)).message.id },
      QueueRequest(.message("a")) { try $0.sent("a", at: .fixed(monday)).message.id },
      QueueRequest(.messageAndPhone(message: "b")) {
        try $0.failed("b", reason: nil, at: .fixed(monday)).message.id
      },
    ]
    let results = try store.together(requests)
    #expect(results[0] == .success("a") && results[2] == .success("a"))
    #expect(results[1] == .failure(.unknownMessage("x")))
    #expect(results[3] == .failure(.wrongState(message: "b", status: .pending, action: "reported as failed")))
    #expect(try store.message("a", now: monday).status == .sent)
    #expect(try store.check().isEmpty)
  }
}
