import TestSupport
import Testing

@testable import Scheduling

@Suite struct ExceptionNotationTests {
  /// A Monday.
  private static let today = CivilDate(days: 20_780)  // 2026-11-23

  @Test(arguments: [
    ("2026-12-24 closed", "2026-12-24 closed"),
    ("24 dec 9-12", "2026-12-24 09:00-12:00"),
    ("24-26 dec closed", "2026-12-24 to 2026-12-26 closed"),
    ("every 25 dec closed", "every 25 dec closed"),
    ("24 dec closed Christmas Eve", "2026-12-24 closed Christmas Eve"),
    ("24 DEC: Closed", "2026-12-24 closed"),
    ("Thu 24 Dec closed", "2026-12-24 closed"),
    ("dec 24 closed", "2026-12-24 closed"),
    ("dec 24-26 closed", "2026-12-24 to 2026-12-26 closed"),
    ("24th december 2027 closed", "2027-12-24 closed"),
    ("24 dec 0930-1200", "2026-12-24 09:30-12:00"),
    ("24 dec 2000-2200", "2026-12-24 20:00-22:00"),
    ("24 dec 2026 - 2 jan 2027 closed", "2026-12-24 to 2027-01-02 closed"),
    ("24 dec - 2 jan closed", "2026-12-24 to 2027-01-02 closed"),
    ("24 dec to 2 jan 2028 closed", "2027-12-24 to 2028-01-02 closed"),
    ("2026-12-24 - 2026-12-26 10-14, 15-24", "2026-12-24 to 2026-12-26 10:00-14:00, 15:00-24:00"),
    ("2026-12-24-2026-12-25 closed", "2026-12-24 to 2026-12-25 closed"),
    ("24 dec, 31 dec closed", "2026-12-24 closed; 2026-12-31 closed"),
    ("--12-25 closed", "every 25 dec closed"),
    ("every 24-26 dec 9-10 short", "every 24-26 dec 09:00-10:00 short"),
    ("every 31 dec - 1 jan closed", "every 1 jan closed; every 31 dec closed"),
    ("1 jan closed", "2027-01-01 closed"),
    ("23 nov closed", "2026-11-23 closed"),
    ("22 nov closed", "2027-11-22 closed"),
    ("20-25 nov closed", "2026-11-20 to 2026-11-25 closed"),
    ("29 feb closed", "2028-02-29 closed"),
    ("today closed; tomorrow 9-12", "2026-11-23 closed; 2026-11-24 09:00-12:00"),
    (
      "24 dec 9-12 13-14 Lunch; 26 dec closed", "2026-12-24 09:00-12:00, 13:00-14:00 Lunch; 2026-12-26 closed"
    ),
    ("24 dec 9-12 3 kings\n26 dec closed", "2026-12-24 09:00-12:00 \"3 kings\"; 2026-12-26 closed"),
    ("24 dec closed \"a; \"\"b\"\"\"", "2026-12-24 closed \"a; \"\"b\"\"\""),
    ("24 dec all day", "2026-12-24 00:00-24:00"),
    ("26 dec closed; 24-25 dec closed", "2026-12-24 to 2026-12-26 closed"),
    // As changes are told.
    ("30 Dec 2026: 09:00-12:00, 14:00-16:00", "2026-12-30 09:00-12:00, 14:00-16:00"),
    ("30 Dec 2027 - 2 Jan 2028: 09:00-12:00", "2027-12-30 to 2028-01-02 09:00-12:00"),
    ("2026-12-24: 9-12", "2026-12-24 09:00-12:00"),
    ("24 Dec 2026 closed (Christmas Eve)", "2026-12-24 closed Christmas Eve"),
  ])
  func reads(_ text: String, _ printed: String) throws {
    let exceptions = try ExceptionNotation.parse(text, today: Self.today)
    #expect(ScheduleException.check(exceptions) == nil)
    #expect(ExceptionNotation.text(exceptions) == printed)
  }

  @Test(arguments: [
    ("", 0, ""), ("24 dec", 6, ""), ("24 dec 9-", 9, ""), ("24 dec 22-6", 10, "6"),
    ("30 feb closed", 0, "30"),
    ("24 foo closed", 0, "24"), ("24 dec 9-12, 11-13", 13, "11"), ("24 dec closed; 24 dec 9-12", 15, "24"),
    ("every 24 dec 2026 closed", 6, "24"), ("26-24 dec 2026 closed", 3, "24"),
    ("mon 24 dec closed", 0, "mon"),
    ("2026-13-01 closed", 0, "2026"), ("2026-12-24 to 2046-12-24 closed", 14, "2046"),
    ("closed", 0, "closed"),
    ("24 dec \"x", 7, "\""), ("24 dec closed \"x", 16, ""), ("24 dec closed \"x\" y", 18, "y"),
  ])
  func refuses(_ text: String, _ position: Int, _ found: String) {
    let error = #expect(throws: NotationError.self) {
      try ExceptionNotation.parse(text, today: Self.today)
    }
    #expect(error?.position == position && error?.found == found, "\(String(describing: error))")
  }

  @Test func datesAlone() throws {
    let dates = try ExceptionNotation.parseDates("24-25 dec, every 1 jan", today: Self.today)
    #expect(dates.map(\.text) == ["2026-12-24", "2026-12-25", "--01-01"])
    #expect(throws: NotationError.self) {
      try ExceptionNotation.parseDates("24 dec closed", today: Self.today)
    }
  }

  @Test func whatIsPrintedReadsBack() throws {
    var random = SeededRandom(seed: 11)
    let notes = [
      "", "", "Christmas Eve", "a; b", "3 kings", "\"quoted\"", "two lines", " blank ", "to 12", "closed",
      "-", "é",
      "9-12", "all day", "x\"y", ": colon", "am", "(x)",
    ]
    for _ in 0..<2_000 {
      var dates: Set<ExceptionDate> = []
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let start = Self.today.days + Int64.random(in: -400...4_000, using: &random)
        for day in start...start + random.pick([0, 0, 2]) {
          let date = CivilDate(days: day)
          dates.insert(random.chance(3) ? .yearly(month: date.month, day: date.day) : .day(date))
        }
      }
      let note = random.pick(notes)
      let exceptions = dates.sorted().map { date in
        let windows = random.chance(2) ? [] : random.windows().filter { $0.day == 0 }.sorted()
        return ScheduleException(
          date: date,
          windows: windows.map { DayWindow(startMinute: $0.startMinute, endMinute: $0.endMinute) },
          note: random.chance(2) ? note : random.pick(notes))
      }
      #expect(ScheduleException.check(exceptions) == nil)
      let text = ExceptionNotation.text(exceptions)
      #expect(try ExceptionNotation.parse(text, today: Self.today) == exceptions, "\(text)")
    }
  }

  @Test func everyGarbageIsAnErrorOrExceptions() {
    var random = SeededRandom(seed: 12)
    let pieces = [
      "24", "dec", "2026-12-24", "-", ",", ";", ":", "9", "24:00", "every", "closed", "all", "day", " ", "é",
      "\n",
      "\"", "to", "2026", "--", "thu", "0", "\u{0}", "jan", "31", ".",
    ]
    for _ in 0..<30_000 {
      let text = (0..<Int.random(in: 0...9, using: &random)).map { _ in random.pick(pieces) }
        .joined(separator: random.pick(["", " "]))
      if let exceptions = try? ExceptionNotation.parse(text, today: Self.today) {
        #expect(ScheduleException.check(exceptions) == nil, "\(text)")
      }
    }
  }

  @Test func datesInTheirFormat() {
    for text in ["2026-12-24", "--12-25", "--02-29", "0001-01-01", "9999-12-31"] {
      #expect(ExceptionDate(text)?.text == text)
    }
    for text in [
      "", "2026-12-32", "2026-2-03", "--2-3", "--02-30", "2025-02-29", "-12-25", "+026-01-01", "2026-12-24 ",
    ] {
      #expect(ExceptionDate(text) == nil, "\(text)")
    }
  }
}

@Suite struct ExceptionCheckTests {
  private func exception(_ day: Int64, _ windows: [(Int, Int)] = [], note: String = "") -> ScheduleException {
    ScheduleException(
      date: .day(CivilDate(days: day)),
      windows: windows.map { DayWindow(startMinute: $0.0, endMinute: $0.1) }, note: note)
  }

  @Test func namesThePlace() {
    let cases: [([ScheduleException], String?)] = [
      ([exception(1), exception(2, [(0, 60), (60, 1440)])], nil),
      ([exception(1), exception(1, [(0, 60)])], "exceptions[1].date"),
      ([exception(1, [(-1, 60)])], "exceptions[0].windows[0].start_minute"),
      ([exception(1, [(0, 60), (1440, 1441)])], "exceptions[0].windows[1].start_minute"),
      ([exception(1, [(0, 1441)])], "exceptions[0].windows[0].end_minute"),
      ([exception(2), exception(1, [(60, 60)])], "exceptions[1].windows[0].end_minute"),
      ([exception(1, [(60, 90), (0, 61)])], "exceptions[0].windows[1].start_minute"),
      ([exception(1, note: String(repeating: "ä", count: 255))], nil),
      ([exception(1, note: String(repeating: "ä", count: 256))], "exceptions[0].note"),
      ((0..<1_000).map { exception($0) }, nil),
      ((0..<1_001).map { exception($0) }, "exceptions"),
      ([ScheduleException(date: .yearly(month: 2, day: 30))], "exceptions[0].date"),
    ]
    for (exceptions, path) in cases { #expect(ScheduleException.check(exceptions)?.path == path) }
  }

  @Test func differencesInWords() {
    let (day, note) = (CivilDate(days: 20_811).days, "Christmas Eve")  // 2026-12-24
    let closed = [exception(day, note: note)]
    let words = { (old: [ScheduleException], new: [ScheduleException]) in
      ScheduleDifference.words(from: old, to: new, year: 2026)
    }
    #expect(words([], closed) == ["24 Dec closed (Christmas Eve)"])
    #expect(words(closed, []) == ["24 Dec given back to the week"])
    #expect(words(closed, closed) == [])
    let three = (0..<3).map { exception(day + $0) }
    let open = (0..<3).map { exception(day + $0, [(540, 720)]) }
    #expect(words(three, open) == ["24-26 Dec: 09:00-12:00, was closed"])
    #expect(words([], open) == ["24-26 Dec: 09:00-12:00"])
    #expect(words([exception(day)], closed) == ["24 Dec: note “Christmas Eve”"])
    #expect(ScheduleDifference.words(from: [], to: closed) == ["24 Dec 2026 closed (Christmas Eve)"])
    let many = (0..<10).map { exception(day + 2 * $0) }
    #expect(words([], many).count == 6 && words([], many).last == "5 more dates changed")
    let yearly = [ScheduleException(date: .yearly(month: 12, day: 25))]
    #expect(words([], yearly) == ["every 25 Dec closed"])
  }
}
