import TestSupport
import Testing

@testable import Scheduling

@Suite struct MomentNotationTests {
  /// A Monday morning: 2026-11-23T09:30:00+01:00.
  private static let now: Instant = 1_795_422_600_000

  private func berlin() throws -> ZoneTimeline {
    try #require(ZoneTimeline(identifier: "Europe/Berlin", around: Self.now))
  }

  @Test(arguments: [
    ("now", "2026-11-23T08:30:00.000Z"),
    ("2026-12-24T10:00:00Z", "2026-12-24T10:00:00.000Z"),
    (" 2026-12-24T10:00:00.250+01:00 ", "2026-12-24T09:00:00.250Z"),
    ("2026-12-24 10:00:00 +02:00", "2026-12-24T08:00:00.000Z"),
    ("2026-12-24T10:00Z", "2026-12-24T10:00:00.000Z"),
    ("2026-12-24T10:00", "2026-12-24T09:00:00.000Z"),
    ("2026-12-24 10:00", "2026-12-24T09:00:00.000Z"),
    ("2026-12-24 10:00:30", "2026-12-24T09:00:30.000Z"),
    ("2026-07-24 10:00", "2026-07-24T08:00:00.000Z"),
    ("2026-12-24 8", "2026-12-24T07:00:00.000Z"),
    ("24 dec 10:00", "2026-12-24T09:00:00.000Z"),
    ("Thu 24 Dec, 10:00", "2026-12-24T09:00:00.000Z"),
    ("dec 24 2027 at 9pm", "2027-12-24T20:00:00.000Z"),
    ("24 dec 2026 1830", "2026-12-24T17:30:00.000Z"),
    ("thu 10:00", "2026-11-26T09:00:00.000Z"),
    ("Thursday 10", "2026-11-26T09:00:00.000Z"),
    ("mon 10:00", "2026-11-23T09:00:00.000Z"),
    ("mon 9:30", "2026-11-30T08:30:00.000Z"),
    ("mon 9:00", "2026-11-30T08:00:00.000Z"),
    ("tomorrow 8", "2026-11-24T07:00:00.000Z"),
    ("tomorrow at 8am", "2026-11-24T07:00:00.000Z"),
    ("today 18:00", "2026-11-23T17:00:00.000Z"),
    ("today 8:00", "2026-11-23T07:00:00.000Z"),
    ("today 24:00", "2026-11-23T23:00:00.000Z"),
    ("10:30", "2026-11-23T09:30:00.000Z"),
    ("9:30", "2026-11-24T08:30:00.000Z"),
    ("9:31", "2026-11-23T08:31:00.000Z"),
    ("8:00", "2026-11-24T07:00:00.000Z"),
    ("at noon", "2026-11-23T11:00:00.000Z"),
    ("8:00 tomorrow", "2026-11-24T07:00:00.000Z"),
    ("10:30 utc", "2026-11-23T10:30:00.000Z"),
    ("in 2 h", "2026-11-23T10:30:00.000Z"),
    ("in 90 min", "2026-11-23T10:00:00.000Z"),
    ("in 3 days", "2026-11-26T08:30:00.000Z"),
    ("in 1h30min", "2026-11-23T10:00:00.000Z"),
    ("2026-03-29 02:30", "2026-03-29T01:30:00.000Z"),
    ("2026-10-25 02:30", "2026-10-25T00:30:00.000Z"),
  ])
  func reads(_ text: String, _ instant: String) throws {
    let read = try MomentNotation.parse(text, now: Self.now, timeline: berlin())
    #expect(Timestamp.utc(read) == instant)
  }

  @Test(arguments: [
    ("", 0, ""), ("10", 0, "10"), ("8h", 0, "8h"), ("thu", 3, ""), ("2026-12-24", 10, ""),
    ("tomorrow", 8, ""),
    ("thu 25:00", 4, "25:00"), ("in 2", 4, ""), ("in 2 foo", 5, "foo"), ("in", 2, ""), ("soon", 0, "soon"),
    ("30 feb 10:00", 0, "30"), ("fri 24 dec 10:00", 0, "fri"), ("10:30 x", 6, "x"), ("now x", 4, "x"),
    ("2 h", 0, "2"), ("2026-12-24T10:60", 11, "10:60"), ("10:30:60", 0, "10:30:60"),
    ("thu 10:00 fri", 10, "fri"),
  ])
  func refuses(_ text: String, _ position: Int, _ found: String) throws {
    let berlin = try berlin()
    let error = #expect(throws: NotationError.self) {
      try MomentNotation.parse(text, now: Self.now, timeline: berlin)
    }
    #expect(error?.position == position && error?.found == found, "\(String(describing: error))")
  }

  @Test func whatIsPrintedReadsBack() throws {
    var random = SeededRandom(seed: 21)
    let berlin = try berlin()
    for _ in 0..<2_000 {
      let instant = Self.now + Int64.random(in: -300 * 86_400...1_800 * 86_400, using: &random) * 1_000
      for text in [
        Timestamp.local(instant, offset: berlin.offset(at: instant)), Timestamp.utc(instant),
        Timestamp.local(instant, offset: -34_200_000),
      ] {
        #expect(try MomentNotation.parse(text, now: Self.now, timeline: berlin) == instant, "\(text)")
      }
    }
  }

  @Test func everyGarbageIsAnErrorOrAMoment() throws {
    var random = SeededRandom(seed: 22)
    let berlin = try berlin()
    let pieces = [
      "now", "in", "2", "h", "thu", "24", "dec", "2026-12-24", "T", "10:00", "at", "tomorrow", "+", "01:00",
      "z", "-",
      ",", ":", " ", "99999999999999999999", "9999-12-31", "é", "\u{0}", "noon", "d", "w", "36600",
    ]
    for _ in 0..<30_000 {
      let text = (0..<Int.random(in: 0...6, using: &random)).map { _ in random.pick(pieces) }
        .joined(separator: random.pick(["", " "]))
      if let instant = try? MomentNotation.parse(text, now: Self.now, timeline: berlin) {
        #expect(abs(instant) < 300_000_000_000_000, "\(text)")
      }
    }
  }
}

@Suite struct DurationNotationTests {
  @Test(arguments: [
    ("45s", 45_000), ("90 min", 5_400_000), ("2 h", 7_200_000), ("30d", 2_592_000_000),
    ("1 h 30 min", 5_400_000),
    ("1h30m", 5_400_000), ("2w", 1_209_600_000), ("3 Days", 259_200_000), ("0s", 0), ("250 ms", 250),
    ("1 day, 2 hours", 93_600_000),
  ])
  func reads(_ text: String, _ duration: Int) throws {
    #expect(try DurationNotation.parse(text) == Duration(duration))
  }

  @Test(arguments: [
    ("30", 2, ""), ("", 0, ""), ("h", 0, "h"), ("2 x", 2, "x"), ("-2 h", 0, "-2"), ("1.5 h", 1, ""),
    ("2 h 30", 6, ""), ("40000 d", 0, "40000d"), ("99999999999999999 s", 0, "99999999999999999"),
  ])
  func refuses(_ text: String, _ position: Int, _ found: String) {
    let error = #expect(throws: NotationError.self) { try DurationNotation.parse(text) }
    #expect(error?.position == position && error?.found == found, "\(String(describing: error))")
  }

  @Test(arguments: [
    (0, "0 s"), (999, "999 ms"), (1_000, "1 s"), (61_000, "1 min 1 s"), (16_680_000, "4 h 38 min"),
    (86_400_000, "1 day"), (183_600_000, "2 days 3 h"), (-90_000, "1 min 30 s"), (3_600_500, "1 h"),
  ])
  func prints(_ duration: Int, _ text: String) { #expect(DurationNotation.text(Duration(duration)) == text) }

  @Test func hoursOfAWeekStayHours() {
    #expect(
      [0, 45, 60, 510, 2_628, 10_080].map(DurationNotation.hours) == [
        "0 h", "45 min", "1 h", "8 h 30 min", "43 h 48 min", "168 h",
      ])
  }

  @Test func whatIsPrintedReadsBack() throws {
    var random = SeededRandom(seed: 23)
    for _ in 0..<2_000 {
      let duration = Int64.random(in: 0...random.pick([.minute, .day, 400 * .day]), using: &random)
      let text = DurationNotation.text(duration)
      let read = try DurationNotation.parse(text)
      #expect(DurationNotation.text(read) == text && read <= duration)
    }
  }
}
