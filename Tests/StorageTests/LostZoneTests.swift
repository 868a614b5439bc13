import Scheduling
import TestSupport
import Testing

@testable import Storage

/// A phone whose schedule's time zone is no longer in the system's database.
@Suite struct LostZoneTests {
  private let zones = LosableZones()
  private let store: Store
  private let phone = "+18005550199"

  init() throws {
    store = try Store.inMemory(zones: zones)
    let schedule = try store.addSchedule(try .sample(windows: "daily 00:00-24:00"), stamp: someone)
    try store.addPhone(.sample(rate: 0, schedule: schedule.id))
    try store.add("a")
    try store.add("b", exact: true)
  }

  private func lose(switchedOff: Bool, perDay: Int = 0) throws {
    if switchedOff { try store.changeSchedule("Office", stamp: someone) { $0.isActive = false } }
    try store.changePhone(phone) { $0.messagesPerDay = perDay }
    zones.lose(["Europe/Tallinn"])
  }

  private var problem: StoreError {
    .timeZone(
      schedule: "Office",
      .unknown(name: "Europe/Tallinn", path: "/usr/share/zoneinfo/Europe/Tallinn", nearest: nil))
  }

  @Test func nothingGoesOut() throws {
    try lose(switchedOff: false)
    #expect(throws: problem) { try store.claimOne(at: monday) }
    #expect(throws: problem) { try store.forecast(of: phone, now: monday) }
    let state = try store.state(of: phone, now: monday)
    let queue = try store.loadQueue(of: phone, now: monday).queue
    let forecast = Forecast(queue: queue, rules: store.rulesOnAnyClock(for: state, now: monday))
    #expect(forecast.never == 2 && forecast.entry(of: .exact(0))?.cause == .never)
  }

  @Test func whereTheHoursAreIgnoredTheClockIsNotNeeded() throws {
    try lose(switchedOff: true)
    let forecast = try store.forecast(of: phone, now: monday).forecast
    #expect(forecast.never == 0 && forecast.entry(at: 0)?.sendAt == monday)
    #expect(try store.nextSend(of: phone, now: monday) == monday)
    #expect(try store.claimOne(at: monday)?.messageID == "b")
    #expect(try store.sentToday(by: store.state(of: phone, now: monday), now: monday) == 1)
  }

  @Test func aDaysLimitNeedsItsDates() throws {
    try lose(switchedOff: true, perDay: 10)
    #expect(throws: problem) { try store.claimOne(at: monday) }
    #expect(throws: problem) { try store.forecast(of: phone, now: monday) }
  }
}
