import Foundation
import Testing

@testable import Scheduling

/// Spans of constant offset, against Foundation's time zones asked instant by instant.
@Suite struct ZoneTimelineTests {
  private static let now: Instant = 1_767_225_600_000  // 2026-01-01

  /// What Foundation adds to UTC at an instant.
  private func offset(_ zone: TimeZone, _ instant: Instant) -> Duration {
    Duration(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant) / 1000))) * 1000
  }

  @Test func everyZoneKeepsItsOffsets() throws {
    for name in ZoneName.all {
      let zone = try #require(TimeZone(identifier: name))
      let timeline = try #require(ZoneTimeline(identifier: name, around: Self.now), "\(name)")
      let wrong = stride(from: Self.now - 390 * .day, through: Self.now + .horizon, by: 3 * 3_600_000).first {
        timeline.offset(at: $0) != offset(zone, $0)
      }
      #expect(wrong == nil, "\(name) at \(Timestamp.utc(wrong ?? 0))")
      for change in timeline.changes(in: Self.now - 390 * .day..<Self.now + .horizon) {
        #expect(offset(zone, change.at - 1000) == change.before, "\(name) before \(Timestamp.utc(change.at))")
        #expect(offset(zone, change.at) == change.after, "\(name) at \(Timestamp.utc(change.at))")
        #expect(change.before != change.after)
      }
    }
  }

  @Test(arguments: ZoneName.all.filter { $0.hasPrefix("A") })
  func spansFollowEachOther(_ name: String) throws {
    let spans = try #require(ZoneTimeline(identifier: name, around: Self.now)).spans
    #expect(spans.first?.start == .min)
    #expect(spans.last?.end == .max)
    for (a, b) in zip(spans, spans.dropFirst()) { #expect(a.end == b.start && a.offset != b.offset) }
  }

  /// Changes of the offset that are no daylight saving, and the nasty ones.
  @Test(arguments: [
    ("Asia/Almaty", "2024-02-29T18:00:00Z", 6 * 60, 5 * 60),
    ("Pacific/Apia", "2011-12-30T10:00:00Z", -10 * 60, 14 * 60),
    ("America/Nuuk", "2023-03-26T01:00:00Z", -3 * 60, -2 * 60),
    ("Australia/Lord_Howe", "2026-10-03T15:30:00Z", 10 * 60 + 30, 11 * 60),
    ("Antarctica/Troll", "2026-03-29T01:00:00Z", 0, 120),
    ("Africa/Casablanca", "2026-02-15T02:00:00Z", 60, 0),
    ("Europe/Dublin", "2026-03-29T01:00:00Z", 0, 60),
    ("Africa/Juba", "2021-01-31T21:00:00Z", 3 * 60, 2 * 60),
    ("Europe/Volgograd", "2020-12-26T22:00:00Z", 4 * 60, 3 * 60),
    ("Asia/Pyongyang", "2018-05-04T15:00:00Z", 8 * 60 + 30, 9 * 60),
  ])
  func knowsTheChange(_ name: String, _ time: String, _ before: Int, _ after: Int) throws {
    let instant = try #require(Timestamp.parse(time))
    let timeline = try #require(ZoneTimeline(identifier: name, around: instant))
    let changes = timeline.changes(in: instant - .day..<instant + .day)
    #expect(
      changes == [ClockChange(at: instant, before: Int64(before) * .minute, after: Int64(after) * .minute)])
    #expect(changes.first?.isSkip == (after > before))
    let lower = instant + Int64(min(before, after)) * .minute
    let upper = instant + Int64(max(before, after)) * .minute
    #expect(changes.first?.localRange == lower..<upper)
  }

  /// The instant of a wall time is the first at which the clock shows it; a skipped one moves on.
  @Test(arguments: NastyZone.all)
  func findsTheInstantOfAWallTime(_ zone: NastyZone) throws {
    let clock = try #require(TimeZone(identifier: zone.identifier))
    var random = SeededRandom(seed: 10)
    for moment in zone.instants {
      let timeline = try #require(ZoneTimeline(identifier: zone.identifier, around: moment))
      let before = offset(clock, moment - .hour)
      let after = offset(clock, moment)
      for _ in 0..<200 {
        let change = random.pick([before, after])
        let local = random.near(moment + change, within: random.pick([3 * .hour, 30 * .hour]))
        let shown = [local - before, local - after].filter { local - $0 == offset(clock, $0) }.min()
        #expect(timeline.instant(local: local) == shown ?? local - before, "\(local - moment)")
      }
    }
  }

  @Test func thereIsAlwaysAnInstant() throws {
    let berlin = try #require(ZoneTimeline(identifier: "Europe/Berlin", around: Self.now))
    #expect(berlin.instant(local: -62_135_596_800_000) == -62_135_596_800_000 - .hour)
    #expect(berlin.instant(local: 253_402_300_799_999) == 253_402_300_799_999 - .hour)
    #expect(ZoneTimeline.utc.instant(local: 5) == 5)
    #expect(ZoneTimeline.utc.changes(in: .min ..< .max).isEmpty)
  }

  @Test(arguments: [
    "UTC", "GMT", "EST", "EST5EDT", "Europe/Kyiv", "Europe/Kiev", "Asia/Calcutta", "Etc/GMT+5", "US/Pacific",
    "America/Argentina/Buenos_Aires", "America/Port-au-Prince", "Antarctica/DumontDUrville",
  ])
  func isAZone(_ name: String) {
    #expect(ZoneName.isKnown(name))
  }

  @Test(arguments: [
    "", " ", "Mars/Base", "GMT+3", "GMT+03:00", "PST", "CEST", "+02:00", "Europe/", "/Berlin",
    "Europe/Berlin ",
    "Europe/Berlin\0", "../etc/passwd", "/etc/localtime", "UTC+1", "SystemV/PST8PDT", "US/Pacific-New",
    String(repeating: "a/", count: 100),
  ])
  func isNoZone(_ name: String) {
    #expect(!ZoneName.isKnown(name))
    #expect(ZoneTimeline(identifier: name, around: Self.now) == nil)
  }

  @Test(arguments: [
    ("europe/berlin", "Europe/Berlin"), ("Berlin", "Europe/Berlin"), ("new york", "America/New_York"),
    ("Europe Berlin", "Europe/Berlin"),
  ])
  func proposesTheNearestName(_ typed: String, _ name: String) {
    #expect(ZoneName.suggestion(for: typed) == name)
  }
}
