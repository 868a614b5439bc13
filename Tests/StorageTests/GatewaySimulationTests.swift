import Scheduling
import TestSupport
import Testing

@testable import Storage

/// The forecast says what claims do: a gateway with a virtual clock, with failures, leases that run out,
/// and edits of schedule, rate and queue in between.
@Suite(.eachEngine) struct GatewaySimulationTests {
  /// The days before clocks go forward in Europe.
  private let start: Instant = 1_774_598_400_000

  @Test(arguments: 0..<40)
  func claimsAreTheForecast(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var gateway = try Gateway(start: start, random: &random)
    for _ in 0..<60 {
      try gateway.step(&random)
    }
    #expect(try gateway.store.check().isEmpty)
  }

  private struct Gateway {
    let store: Store
    let schedule: Schedule
    var now: Instant
    var claimed: [String] = []

    init(start: Instant, random: inout SeededRandom) throws {
      now = start
      store = try Store.sample()
      schedule = try store.addSchedule(try .sample(zone: "UTC"), stamp: someone)
      try change(&random)
      for _ in 0..<Int.random(in: 1...20, using: &random) { try queue(&random) }
    }

    mutating func step(_ random: inout SeededRandom) throws {
      switch Int.random(in: 0..<10, using: &random) {
      case 0: try change(&random)
      case 1, 2: try queue(&random)
      case 3: try report(&random)
      case 4: now += Int64.random(in: 0...3 * .hour, using: &random)
      default: try followForecast(&random)
      }
    }

    /// Claims at exactly the forecast's first time, and one millisecond earlier.
    private mutating func followForecast(_ random: inout SeededRandom) throws {
      let forecast = try store.forecast(of: "+18005550199", now: now).forecast
      guard let entry = forecast.entry(at: 0) else {
        #expect(try claim(at: now) == nil)
        return
      }
      guard let sendAt = entry.sendAt else { return }
      let id = try id(of: entry, in: forecast)
      guard sendAt > now else {
        #expect(try claim(at: now) == id)
        return
      }
      guard case .nothing(let nextAt) = try store.claim(phone: "+18005550199", lease: 1, at: .fixed(now))
      else {
        Issue.record("claimed before its time")
        return
      }
      guard let nextAt, nextAt <= sendAt else {
        Issue.record("the next claim is said to find something at \(nextAt ?? 0), not at \(sendAt)")
        return
      }
      if nextAt < sendAt {
        // A message may come back before; the forecast is another one then.
        now = nextAt
        return
      }
      #expect(try claim(at: sendAt - 1) == nil)
      let phone = try store.state(of: "+18005550199", now: now).key
      let lapse = try store.read { try Lapsed.nextEnd($0, phoneKey: phone, now: now) }
      now = sendAt
      // A message that comes back at this very instant may be the first.
      if lapse != sendAt { #expect(try claim(at: now) == id) }
    }

    private mutating func claim(at now: Instant) throws -> String? {
      let lease = [Duration.second, .minute, .hour][Int(now % 3)]
      guard let id = try store.claimOne(at: now, lease: lease)?.messageID else { return nil }
      claimed.append(id)
      return id
    }

    private func id(of entry: ForecastEntry, in forecast: Forecast) throws -> String? {
      let key =
        switch entry.message {
        case .ordinary(let index): forecast.queue.keys[index]
        case .exact(let index): forecast.queue.exactKeys[index]
        }
      return try store.messages(keys: [key])[key]?.id
    }

    private func queue(_ random: inout SeededRandom) throws {
      let sendAt: Instant? =
        Bool.random(using: &random) ? nil : now + Int64.random(in: -Duration.hour...(.day), using: &random)
      let new = NewMessage(
        contact: "+18005550100", content: "x", sendAt: sendAt,
        isExact: Int.random(in: 0..<5, using: &random) == 0)
      try store.addMessages([new], to: "+18005550199", at: .fixed(now))
    }

    private func report(_ random: inout SeededRandom) throws {
      guard let id = claimed.last, try store.message(id, now: now).status == .sending else { return }
      if Bool.random(using: &random) {
        _ = try store.recordSent(id, at: .fixed(now))
      } else {
        _ = try store.recordFailure(id, reason: "no network", at: .fixed(now))
      }
    }

    private func change(_ random: inout SeededRandom) throws {
      let windows = try WindowNotation.parse(weeks.randomElement(using: &random) ?? "daily")
      let zone = zones.randomElement(using: &random) ?? "UTC"
      try store.changeSchedule(schedule.id, stamp: someone) {
        $0.windows = windows
        $0.timeZone = zone
        $0.isActive = Int.random(in: 0..<6, using: &random) > 0
      }
      try store.changePhone("+18005550199") {
        $0.messagesPerMinute = [0, 1, 7, 60, 1000].randomElement(using: &random) ?? 1
        $0.scheduleID = Int.random(in: 0..<6, using: &random) > 0 ? schedule.id : nil
      }
    }
  }
}

private let weeks = ["mon-fri 09:00-17:00", "daily 08:00-08:01, 20-24", "sat 22:00-06:00", "wed 12-13"]
private let zones = ["UTC", "Europe/Tallinn", "Australia/Lord_Howe", "America/Havana"]
