import TestSupport
import Testing

@testable import Scheduling

/// Open and closed as the integers have them, against the wall clock minute by minute.
@Suite struct OpenHoursTests {
  @Test(arguments: NastyZone.all)
  func agreesWithTheWallClock(_ zone: NastyZone) throws {
    let clock = try WallClock(zone.identifier)
    var random = SeededRandom(seed: 3)
    for moment in zone.instants {
      let timeline = try #require(ZoneTimeline(identifier: zone.identifier, around: moment))
      for _ in 0..<100 * caseFactor {
        let windows = random.windows()
        let exceptions = random.chance(2) ? [] : random.exceptions(near: moment)
        let hours = OpenHours(WeekMinutes(windows), exceptions: exceptions, timeline: timeline)
        let reference = ReferenceHours(clock: clock, windows: windows, exceptions: exceptions)
        for _ in 0..<4 {
          let x = random.near(moment, within: random.pick([.hour, .day, 4 * .day]))
          let limit = x + random.pick([0, 1, .hour, .day, 9 * .day])
          compare(hours, reference, at: x, limit: limit)
        }
      }
    }
  }

  private func compare(_ hours: OpenHours, _ reference: ReferenceHours, at x: Instant, limit: Instant) {
    let place: Comment = "at \(Timestamp.utc(x)) until \(Timestamp.utc(limit))"
    #expect(hours.isOpen(x) == reference.isOpen(x), place)
    let open = reference.nextOpen(x, limit: limit)
    if let stretch = hours.stretch(endingAfter: x, limit: limit) {
      #expect(stretch.upperBound > x && stretch.upperBound > stretch.lowerBound, place)
      let start = max(x, stretch.lowerBound)
      // A stretch that opens after the limit may be told or not.
      #expect(start <= limit ? start == open : open == nil, place)
      if start <= limit {
        #expect(reference.nextClosed(start, limit: stretch.upperBound - 1) == nil, place)
        if stretch.lowerBound > x { #expect(!reference.isOpen(stretch.lowerBound - 1), place) }
      }
    } else {
      #expect(open == nil, place)
    }
    #expect(hours.nextOpen(x, limit: limit).flatMap { $0 > limit ? nil : $0 } == open, place)
    #expect(hours.nextClosed(x, limit: limit) == reference.nextClosed(x, limit: limit), place)
  }

  @Test func aWholeWeekNeverCloses() throws {
    let berlin = try #require(ZoneTimeline(identifier: "Europe/Berlin", around: 1_780_000_000_000))
    var week = WeekMinutes()
    week.insert(0..<WeekMinutes.count)
    let hours = OpenHours(week, timeline: berlin)
    #expect(hours.nextClosed(1_780_000_000_000, limit: 1_780_000_000_000 + .horizon) == nil)
    #expect(OpenHours.always.nextClosed(0, limit: .horizon) == nil)
    #expect(OpenHours.always.isOpen(0))
    #expect(OpenHours.always.nextOpen(5) == 5)
  }

  @Test func anInactiveScheduleIsAlwaysOpen() {
    let windows = [Window(day: 0, startMinute: 0, endMinute: 1)]
    let off = ScheduleContent(name: "x", timeZone: "UTC", isActive: false, windows: windows)
    let on = ScheduleContent(name: "x", timeZone: "UTC", isActive: true, windows: windows)
    #expect(OpenHours(off, timeline: .utc).isOpen(0))
    #expect(OpenHours(nil, timeline: .utc).isOpen(0))
    #expect(!OpenHours(on, timeline: .utc).isOpen(0))
    // 1970-01-04 was the first Sunday.
    #expect(OpenHours(on, timeline: .utc).nextOpen(0) == 3 * .day)
  }
}
