import Foundation
import TestSupport
import Testing

@testable import Scheduling

@Suite struct TimestampTests {
  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0),
    ("1970-01-01T00:00:00.001Z", 1),
    ("1969-12-31T23:59:59.999Z", -1),
    ("2026-03-29T08:00:00.123+02:00", 1_774_764_000_123),
    ("2026-03-29t06:00:00z", 1_774_764_000_000),
    ("2026-03-29 06:00:00Z", 1_774_764_000_000),
    ("2026-03-28T22:30:00-07:30", 1_774_764_000_000),
    ("2026-03-29T06:00:00-00:00", 1_774_764_000_000),
    ("2026-03-29T06:00:00.5Z", 1_774_764_000_500),
    ("2026-03-29T06:00:00.123999999999999Z", 1_774_764_000_123),
    ("2026-03-29T06:00:00.000000000Z", 1_774_764_000_000),
    ("2026-03-28T23:59:60Z", 1_774_742_400_000),
    ("2024-02-29T00:00:00Z", 1_709_164_800_000),
    ("2000-02-29T00:00:00Z", 951_782_400_000),
    ("0001-01-01T00:00:00Z", -62_135_596_800_000),
    ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
  ])
  func reads(_ text: String, _ instant: Int) {
    #expect(Timestamp.parse(text) == Instant(instant))
    #expect(Timestamp.parse(text[...]) == Instant(instant))
  }

  @Test(arguments: [
    "", "Z", "2026", "2026-03-29", "2026-03-29T06:00Z", "2026-03-29T06:00:00", "2026-03-29T06:00:00+02",
    "2026-03-29T06:00:00+0200", "2026-03-29T06:00:00.Z", "2026-02-29T06:00:00Z", "1900-02-29T06:00:00Z",
    "2026-13-01T06:00:00Z", "2026-00-01T06:00:00Z", "2026-01-00T06:00:00Z", "2026-04-31T06:00:00Z",
    "2026-03-29T24:00:00Z", "2026-03-29T06:60:00Z", "2026-03-29T06:00:61Z", "2026-03-29T06:00:00+24:00",
    "2026-03-29T06:00:00+02:60", "0000-01-01T00:00:00Z", "02026-03-29T06:00:00Z", " 2026-03-29T06:00:00Z",
    "2026-03-29T06:00:00Z ", "2026-03-29T06:00:00Zz", "2026-3-29T06:00:00Z", "-026-03-29T06:00:00Z",
    "2026-03-29T06:00:00+-2:00", "２026-03-29T06:00:00Z", "2026-03-29  06:00:00Z", "2026/03/29T06:00:00Z",
    "9999-12-31T23:59:59-05:00", "9999-12-31T23:59:60Z",
  ])
  func refuses(_ text: String) {
    #expect(Timestamp.parse(text) == nil)
  }

  @Test(arguments: [
    ("2026-03-29T08:00:00", 1_774_771_200_000), ("2026-03-29 08:00", 1_774_771_200_000),
    ("2026-03-29T08:00:00.25", 1_774_771_200_250),
  ])
  func readsAWallTime(_ text: String, _ wall: Int) {
    #expect(local(text) == Int64(wall))
    #expect(local(text + "Z") == nil)
    #expect(local(text + "+02:00") == nil)
  }

  private func local(_ text: String) -> Int64? {
    var text = text
    return text.withUTF8 { Timestamp.parseLocal($0) }
  }

  @Test func printsWhatFoundationPrintsAndReadsItBack() throws {
    let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    var random = SeededRandom(seed: 11)
    for _ in 0..<3000 * caseFactor {
      let instant = Instant.random(in: -12_000_000_000_000...253_402_300_799_999, using: &random)
      let text = Timestamp.utc(instant)
      #expect(Timestamp.parse(text) == instant)
      // A quarter of a millisecond keeps the floating point number of a Date above the millisecond.
      #expect(text == Date(timeIntervalSince1970: (Double(instant) + 0.25) / 1000).formatted(style))
    }
  }

  @Test func readsWhatItPrintsWithAnyOffset() {
    var random = SeededRandom(seed: 12)
    for _ in 0..<3000 * caseFactor {
      let instant = Instant.random(in: -62_000_000_000...253_000_000_000, using: &random) * 1000
      let offset = Int64.random(in: -1439...1439, using: &random) * .minute
      let parts = Timestamp.local(instant, offset: offset).split(separator: " ")
      #expect(Timestamp.parse(parts[0] + "T" + parts[1] + parts[2]) == instant)
    }
  }

  @Test(arguments: [
    (0, "+00:00"), (7_200_000, "+02:00"), (-12_600_000, "-03:30"), (45_900_000, "+12:45"),
    (-2_670_000, "-00:44:30"), (50_400_000, "+14:00"),
  ])
  func printsOffsets(_ offset: Int, _ text: String) {
    #expect(Timestamp.offset(Int64(offset)) == text)
  }

  @Test func printsForPeople() {
    #expect(Timestamp.local(1_774_764_000_123, offset: 2 * .hour) == "2026-03-29 08:00:00 +02:00")
    #expect(Timestamp.padded(7, 2) == "07")
    #expect(Timestamp.padded(123, 2) == "123")
  }

  /// Counts the days of eight centuries one by one.
  @Test func everyDayFollowsTheOneBefore() {
    var days = CivilTime.days(year: 1600, month: 1, day: 1)
    #expect(days == -135_140)
    for year in 1600..<2400 {
      let isLeap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0)
      for (month, length) in [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].enumerated() {
        #expect(CivilTime.daysInMonth(month + 1, year: year) == length)
        for day in [1, 2, 27, 28, length] {
          let date = days + Int64(day) - 1
          let civil = CivilTime.date(days: date)
          let isRight =
            civil == (year, month + 1, day) && CivilTime.days(year: year, month: month + 1, day: day) == date
          if !isRight { Issue.record("\(year)-\(month + 1)-\(day) is \(civil)") }
        }
        days += Int64(length)
      }
    }
  }

  @Test func aCivilTimeHasItsWeekday() {
    let time = CivilTime(local: 1_774_771_199_999)
    #expect((time.year, time.month, time.day, time.weekday) == (2026, 3, 29, 0))
    #expect((time.hour, time.minute, time.second, time.millisecond) == (7, 59, 59, 999))
    #expect(CivilTime(local: 0).weekday == 4)
    #expect(CivilTime(local: -1).weekday == 3)
    #expect(CivilTime(local: -1).year == 1969)
  }
}
