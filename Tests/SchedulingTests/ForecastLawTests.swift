import TestSupport
import Testing

@testable import Scheduling

/// What no forecast may ever do, whatever the phone and its queue.
@Suite struct ForecastLawTests {
  @Test(arguments: NastyZone.all)
  func neverClosedNeverTooFastNeverOutOfOrder(_ zone: NastyZone) throws {
    var random = SeededRandom(seed: 4)
    let clock = try WallClock(zone.identifier)
    for moment in zone.instants {
      for _ in 0..<100 * caseFactor {
        let phone = random.forecastCase(near: moment)
        let timeline = try #require(ZoneTimeline(identifier: zone.identifier, around: phone.now))
        let forecast = Forecast(queue: SendQueue(phone.messages), rules: phone.rules(timeline))
        let entries = forecast.entries(0..<forecast.count)
        #expect(entries.map(\.position) == Array(0..<forecast.count))
        #expect(Set(entries.map(\.message)).count == phone.messages.count)
        checkTimes(entries, phone, phone.hours(clock))
        checkDates(entries.map(forecast.stated), phone, clock)
        checkSpacing(entries, phone)
        checkOrder(entries)
      }
    }
  }

  private func checkTimes(_ entries: [ForecastEntry], _ phone: ForecastCase, _ hours: ReferenceHours) {
    for entry in entries {
      guard let time = entry.sendAt else {
        #expect([.never, .hold, .expires].contains(entry.cause))
        continue
      }
      #expect(time >= phone.now && time >= entry.readyAt && time <= phone.now + .horizon)
      #expect(time >= phone.heldUntil ?? time, "\(phone): \(entry)")
      #expect(entry.message.isExact || hours.isOpen(time), "\(phone): \(entry)")
    }
  }

  /// No ordinary message goes on a date that has no room left, of the sends of any kind before it.
  private func checkDates(_ entries: [ReferenceEntry], _ phone: ForecastCase, _ clock: WallClock) {
    var sends = Dictionary(uniqueKeysWithValues: phone.sentOn.map { ($0.key.number, $0.value) })
    let exact = Set(phone.messages.filter(\.isExact).map(\.id))
    let expiries = Dictionary(uniqueKeysWithValues: phone.messages.map { ($0.id, $0.expiresAt ?? .max) })
    for entry in entries {
      guard let time = entry.sendAt else { continue }
      #expect(time <= expiries[entry.id] ?? .min, "\(phone): \(entry)")
      let date = clock.date(at: time)
      if phone.messagesPerDay > 0, !exact.contains(entry.id) {
        #expect(sends[date] ?? 0 < phone.messagesPerDay, "\(phone): \(entry)")
      }
      sends[date, default: 0] += 1
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
      if !entry.message.isExact {
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
    for group in [entries.prefix(times.count), entries.dropFirst(times.count)] {
      let ordinary = group.filter { !$0.message.isExact }.map(\.message)
      let exact = group.filter(\.message.isExact).map(\.message)
      #expect(ordinary == ordinary.sorted { Self.index($0) < Self.index($1) })
      #expect(exact == exact.sorted { Self.index($0) < Self.index($1) })
    }
    let unsent = entries.dropFirst(times.count)
    let exactUnsent = unsent.prefix { $0.message.isExact }.count
    #expect(unsent.dropFirst(exactUnsent).allSatisfy { !$0.message.isExact }, "exact ones come first")
    for (a, b) in zip(entries, entries.dropFirst()) where a.sendAt == b.sendAt && a.sendAt != nil {
      #expect(!b.message.isExact || a.message.isExact, "exact goes first at the same instant")
    }
  }

  private static func index(_ message: QueueIndex) -> Int {
    switch message {
    case .ordinary(let index), .exact(let index): index
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
          left.sentOn[timeline.date(at: time), default: 0] += 1
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

  /// More open minutes, a higher rate or fewer messages never make a message later, if none expires: the
  /// place of an expired one is another's.
  @Test(arguments: NastyZone.all)
  func lessLimitIsNeverLater(_ zone: NastyZone) throws {
    var random = SeededRandom(seed: 6)
    for moment in zone.instants {
      for _ in 0..<60 * caseFactor {
        var phone = random.forecastCase(near: moment)
        for index in phone.messages.indices { phone.messages[index].expiresAt = nil }
        let timeline = try #require(ZoneTimeline(identifier: zone.identifier, around: phone.now))
        let tight = stated(phone, phone.messages, timeline)
        var looser = phone
        looser.windows = nil
        checkNotLater(stated(looser, looser.messages, timeline), than: tight)
        looser = phone
        looser.messagesPerMinute = 0
        checkNotLater(stated(looser, looser.messages, timeline), than: tight)
        looser = phone
        looser.messagesPerDay = 0
        looser.heldUntil = nil
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
