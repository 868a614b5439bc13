import Scheduling
import Testing

@testable import TimeZones

/// The rules at the end of files: POSIX texts.
@Suite struct ZoneRuleTests {
  private func rule(_ text: String) throws -> ZoneRule { try #require(ZoneRule(Array(text.utf8)), "\(text)") }

  private func seconds(_ time: String) throws -> Int64 { try #require(Timestamp.parse(time)) / 1000 }

  /// The offset at the beginning of 2026, in seconds, and the changes of that year.
  @Test(arguments: [
    ("CET-1CEST,M3.5.0,M10.5.0/3", 3600, ["2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"]),
    ("EST5EDT,M3.2.0,M11.1.0", -18_000, ["2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z"]),
    ("EST5EDT", -18_000, ["2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z"]),
    ("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", 39_600, ["2026-04-04T15:00:00Z", "2026-10-03T15:30:00Z"]),
    ("IST-1GMT0,M10.5.0,M3.5.0/1", 0, ["2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"]),
    ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", -7200, ["2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"]),
    ("IST-2IDT,M3.4.4/26,M10.5.0", 7200, ["2026-03-27T00:00:00Z", "2026-10-24T23:00:00Z"]),
    ("EET-2EEST,M3.4.4/50,M10.4.4/50", 7200, ["2026-03-28T00:00:00Z", "2026-10-23T23:00:00Z"]),
    ("AAA0BBB,J60/0,J365/0", 0, ["2026-03-01T00:00:00Z", "2026-12-30T23:00:00Z"]),
    ("AAA0BBB,59/0,364/0", 0, ["2026-03-01T00:00:00Z", "2026-12-30T23:00:00Z"]),
    ("AAA0BBB-0:30:30,M1.1.4/-167,M2.1.0/167", 1830, ["2026-02-07T22:29:30Z", "2026-12-31T01:00:00Z"]),
    ("UTC0", 0, []), ("<-00>0", 0, []), ("<+0545>-5:45:15", 20_715, []),
  ])
  func saysWhen(_ text: String, _ before: Int64, _ times: [String]) throws {
    let (offset, changes) = try rule(text).changes(
      after: seconds("2026-01-01T12:00:00Z"), through: seconds("2026-12-31T12:00:00Z"))
    #expect(offset == before)
    #expect(try changes.map(\.at) == times.map(seconds))
  }

  @Test func februaryOfALeapYearCountsOrNot() throws {
    let julian = try rule("AAA0BBB,J60/0,J365/0").changes(
      after: seconds("2028-01-01T00:00:00Z"), through: seconds("2028-12-31T12:00:00Z"))
    #expect(
      try julian.changes.map(\.at) == [seconds("2028-03-01T00:00:00Z"), seconds("2028-12-30T23:00:00Z")])
    let ordinal = try rule("AAA0BBB,59/0,365/0").changes(
      after: seconds("2028-01-02T00:00:00Z"), through: seconds("2028-12-31T12:00:00Z"))
    #expect(
      try ordinal.changes.map(\.at) == [seconds("2028-02-29T00:00:00Z"), seconds("2028-12-30T23:00:00Z")])
  }

  /// Daylight saving all year is one offset for ever.
  @Test func aSummerWithoutEnd() throws {
    let (offset, changes) = try rule("EST5EDT,0/0,J365/25").changes(after: 0, through: 10_000_000_000)
    #expect(offset == -4 * 3600)
    #expect(changes.allSatisfy { $0.offset == -4 * 3600 })
  }

  @Test(arguments: [
    "", "A", "AB1", "ABC", "ABC25", "ABC+", "ABC1:60", "ABC1D", "ABC1DEF,", "ABC1DEF,M3.2.0",
    "ABC1DEF,M13.1.0,M1.1.0",
    "ABC1DEF,M0.1.0,M1.1.0", "ABC1DEF,M1.6.0,M1.1.0", "ABC1DEF,M1.1.7,M1.1.0", "ABC1DEF,J0,J1",
    "ABC1DEF,J366,J1",
    "ABC1DEF,366,1", "ABC1DEF,1/168,2", "ABC1DEF,1,2,3", "<ABC1", "<AB>1", "ABC1 ", ":Europe/Berlin",
    "ABC99999999999999999999",
  ])
  func refuses(_ text: String) { #expect(ZoneRule(Array(text.utf8)) == nil) }
}
