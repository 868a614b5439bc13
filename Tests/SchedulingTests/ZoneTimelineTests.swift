import TestSupport
import Testing

@testable import Scheduling

/// Clocks that are made of spans, and the wall times on them.
@Suite struct ZoneTimelineTests {
  @Test func spansFollowEachOther() {
    let changes: [(at: Instant, offset: Duration)] = [(10, .hour), (20, 2 * .hour), (30, 2 * .hour), (40, 0)]
    let clock = ZoneTimeline(identifier: "Here", offset: .hour, changes: changes)
    #expect(
      clock.spans == [
        ZoneSpan(start: .min, end: 20, offset: .hour), ZoneSpan(start: 20, end: 40, offset: 2 * .hour),
        ZoneSpan(start: 40, end: .max, offset: 0),
      ])
    let offsets = [Instant.min, 19, 20, 39, 40, .max].map { clock.offset(at: $0) / .hour }
    #expect(offsets == [1, 1, 2, 2, 0, 0])
    #expect(
      clock.changes(in: 20..<40) == [ClockChange(at: 20, before: .hour, after: 2 * .hour)])
    #expect(clock.changes(in: 41..<50).isEmpty)
  }

  /// The instant of a wall time is the first at which the clock shows it; a skipped one moves on.
  @Test(arguments: NastyZone.all)
  func findsTheInstantOfAWallTime(_ zone: NastyZone) throws {
    var random = SeededRandom(seed: 10)
    for moment in zone.instants {
      let timeline = try #require(ZoneTimeline(identifier: zone.identifier, around: moment))
      let (before, after) = (timeline.offset(at: moment - .hour), timeline.offset(at: moment))
      for _ in 0..<200 {
        let change = random.pick([before, after])
        let local = random.near(moment + change, within: random.pick([3 * .hour, 30 * .hour]))
        let shown = [local - before, local - after].filter { local - $0 == timeline.offset(at: $0) }.min()
        #expect(timeline.instant(local: local) == shown ?? local - before, "\(local - moment)")
      }
    }
  }

  @Test func thereIsAlwaysAnInstant() throws {
    let berlin = try #require(ZoneTimeline(identifier: "Europe/Berlin", around: 0))
    // Until 1893 it kept its own mean time, 53 minutes and 28 seconds ahead.
    #expect(berlin.instant(local: -62_135_596_800_000) == -62_135_596_800_000 - 3_208_000)
    #expect(berlin.instant(local: 253_402_300_799_999) == 253_402_300_799_999 - .hour)
    #expect(ZoneTimeline.utc.instant(local: 5) == 5)
    #expect(ZoneTimeline.utc.changes(in: .min ..< .max).isEmpty)
  }
}
