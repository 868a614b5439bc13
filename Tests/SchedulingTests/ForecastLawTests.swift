import Testing

@testable import Scheduling

/// What no forecast may ever do, whatever the phone and its queue.
@Suite struct ForecastLawTests {
  @Test(arguments: NastyZone.all)
  func neverClosedNeverTooFastNeverOutOfOrder(_ zone: NastyZone) throws {
    var random = SeededRandom(seed: 4)
    let clock = WallClock(zone.identifier)
    for moment in zone.instants {
      for _ in 0..<100 * caseFactor {
        let phone = random.forecastCase(near: moment)
        let timeline = try #require(ZoneTimeline(identifier: zone.identifier, around: phone.now))
        let forecast = Forecast(queue: SendQueue(phone.messages), rules: phone.rules(timeline))
        let entries = forecast.entries(0..<forecast.count)
        #expect(entries.map(\.position) == Array(0..<forecast.count))
        #expect(Set(entries.map(\.message)).count == phone.messages.count)
        checkTimes(entries, phone, ReferenceHours(clock: clock, windows: phone.windows))
        checkSpacing(entries, phone)
        checkOrder(entries)
      }
    }
  }

  private func checkTimes(_ entries: [ForecastEntry], _ phone: ForecastCase, _ hours: ReferenceHours) {
    for entry in entries {
      guard let time = entry.sendAt else {
        #expect(entry.cause == .never || entry.cause == .exact)
        continue
      }
      #expect(time >= phone.now && time >= entry.readyAt && time <= phone.now + .horizon)
      #expect(entry.cause == .exact || hours.isOpen(time), "\(phone): \(entry)")
    }
  }

  /// An ordinary message comes at least a gap after every send before it, so that no minute of ordinary
  /// sends holds more than the rate allows.
  private func checkSpacing(_ entries: [ForecastEntry], _ phone: ForecastCase) {
    let gap = Rate(messagesPerMinute: phone.messagesPerMinute).gap
    var latest = phone.previous
    var ordinary: [Instant] = []
    for entry in entries {
      guard let time = entry.sendAt else { continue }
      if entry.cause != .exact {
        if let latest { #expect(time >= latest + gap, "\(phone): \(entry)") }
        ordinary.append(time)
      }
      latest = max(latest ?? time, time)
    }
    let rate = phone.messagesPerMinute
    guard rate > 0, ordinary.count > rate else { return }
    for index in rate..<ordinary.count {
      #expect(ordinary[index] - ordinary[index - rate] >= .minute, "\(phone)")
    }
  }

  private func checkOrder(_ entries: [ForecastEntry]) {
    let times = entries.compactMap(\.sendAt)
    #expect(zip(times, times.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(entries.prefix(times.count).allSatisfy { $0.sendAt != nil }, "what never goes out is last")
    var ordinary = 0
    var exact = 0
    for entry in entries {
      switch entry.message {
      case .ordinary(let index):
        #expect(index == ordinary)
        ordinary += 1
      case .exact(let index):
        #expect(index == exact)
        exact += 1
      }
    }
    for (a, b) in zip(entries, entries.dropFirst()) where a.sendAt == b.sendAt {
      #expect(!(b.cause == .exact && a.cause != .exact), "exact goes first at the same instant")
    }
  }

  /// A gateway that claims at exactly the forecast times gets exactly the forecast messages.
  @Test(arguments: NastyZone.all)
  func claimingLeavesTheRestOfTheForecast(_ zone: NastyZone) throws {
    var random = SeededRandom(seed: 5)
    for moment in zone.instants {
      for _ in 0..<60 * caseFactor {
        let phone = random.forecastCase(near: moment)
        let timeline = try #require(ZoneTimeline(identifier: zone.identifier, around: phone.now))
        let whole = stated(phone, phone.messages, timeline)
        let sends = whole.filter { $0.sendAt != nil }
        var left = phone
        for (index, claimed) in sends.enumerated() {
          guard let time = claimed.sendAt else { continue }
          if time > left.now {
            // A millisecond earlier nothing is due, and the forecast is the same.
            left.now = time - 1
            let early = stated(left, left.messages, timeline)
            #expect(early.first?.sendAt == time, "\(phone)")
            #expect(times(early, through: sends) == times(sends[index...], through: sends), "\(phone)")
          }
          left.now = time
          #expect(stated(left, left.messages, timeline).first?.id == claimed.id, "\(phone)")
          left.messages.removeAll { $0.id == claimed.id }
          left.previous = max(left.previous ?? time, time)
        }
      }
    }
  }

  private func stated(_ phone: ForecastCase, _ messages: [ReferenceMessage], _ timeline: ZoneTimeline)
    -> [ReferenceEntry]
  {
    let forecast = Forecast(queue: SendQueue(messages), rules: phone.rules(timeline))
    return forecast.entries(0..<forecast.count).map(forecast.stated)
  }

  /// Who goes when, up to the last of `sends`: a later now sees further.
  private func times(_ entries: some Sequence<ReferenceEntry>, through sends: [ReferenceEntry]) -> [String] {
    let ids = Set(sends.map(\.id))
    return entries.filter { ids.contains($0.id) }.map { "\($0.id) \($0.sendAt ?? -1)" }
  }

  /// More open minutes, a higher rate or fewer messages never make a message later.
  @Test(arguments: NastyZone.all)
  func lessLimitIsNeverLater(_ zone: NastyZone) throws {
    var random = SeededRandom(seed: 6)
    for moment in zone.instants {
      for _ in 0..<60 * caseFactor {
        let phone = random.forecastCase(near: moment)
        let timeline = try #require(ZoneTimeline(identifier: zone.identifier, around: phone.now))
        let tight = stated(phone, phone.messages, timeline)
        var looser = phone
        looser.windows = nil
        checkNotLater(stated(looser, looser.messages, timeline), than: tight)
        looser = phone
        looser.messagesPerMinute = 0
        checkNotLater(stated(looser, looser.messages, timeline), than: tight)
        looser = phone
        if !looser.messages.isEmpty {
          looser.messages.remove(at: random.pick(Array(looser.messages.indices)))
        }
        checkNotLater(stated(looser, looser.messages, timeline), than: tight)
      }
    }
  }

  private func checkNotLater(_ loose: [ReferenceEntry], than tight: [ReferenceEntry]) {
    let times = Dictionary(uniqueKeysWithValues: tight.map { ($0.id, $0.sendAt ?? .max) })
    for entry in loose { #expect((entry.sendAt ?? .max) <= times[entry.id] ?? .min) }
  }
}
