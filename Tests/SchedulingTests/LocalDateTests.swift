import Testing

@testable import Scheduling

/// Which instants a local date has, against the wall clock asked instant by instant.
@Suite struct LocalDateTests {
  @Test(arguments: NastyZone.all)
  func rangesAreTheInstantsOfTheDate(_ zone: NastyZone) throws {
    let clock = try WallClock(zone.identifier)
    for moment in zone.instants {
      let timeline = try #require(ZoneTimeline(identifier: zone.identifier, around: moment))
      for offset in -3...3 {
        let date = CivilDate(local: moment + Int64(offset) * .day)
        let ranges = timeline.ranges(of: date)
        #expect(ranges == ranges.sorted { $0.lowerBound < $1.lowerBound })
        for range in ranges {
          for instant in [range.lowerBound, range.lowerBound + 30 * .minute, range.upperBound - 1] {
            #expect(clock.date(at: instant) == date.number && timeline.date(at: instant) == date)
          }
          for instant in [range.lowerBound - 1, range.upperBound] {
            #expect(clock.date(at: instant) != date.number, "\(date.text) at \(Timestamp.utc(instant))")
          }
        }
        let days = (date.days - 2)...(date.days + 2)
        let minutes = days.flatMap(clock.readings).filter { $0.date == date.number }
        #expect(Int64(minutes.count) * .minute == ranges.reduce(0) { $0 + $1.upperBound - $1.lowerBound })
      }
    }
  }

  @Test func aSkippedDateHasNoInstants() throws {
    let moment = try #require(Timestamp.parse("2011-12-30T10:00:00Z"))
    let apia = try #require(ZoneTimeline(identifier: "Pacific/Apia", around: moment))
    let skipped = try #require(CivilDate(year: 2011, month: 12, day: 30))
    #expect(apia.ranges(of: skipped).isEmpty)
  }

  @Test func aDateMayHaveTwoRanges() throws {
    // The clock goes back from 00:01 to 23:01 of the day before.
    let moment = try #require(Timestamp.parse("2010-11-07T02:31:00Z"))
    let stJohns = try #require(ZoneTimeline(identifier: "America/St_Johns", around: moment))
    let date = try #require(CivilDate(year: 2010, month: 11, day: 7))
    let ranges = stJohns.ranges(of: date)
    #expect(ranges.map { $0.upperBound - $0.lowerBound } == [.minute, .day])
  }
}
