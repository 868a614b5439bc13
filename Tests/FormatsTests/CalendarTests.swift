import Foundation
import Scheduling
import TestSupport
import Testing

@testable import Formats

@Suite struct CalendarTests {
  private func calendar(_ events: String..., end: String = "\r\n") -> String {
    var lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN"]
    for event in events {
      lines.append("BEGIN:VEVENT")
      lines += event.split(separator: "\n").map(String.init)
      lines.append("END:VEVENT")
    }
    lines += ["END:VCALENDAR", ""]
    return lines.joined(separator: end)
  }

  private func read(_ text: String, through year: Int = 2028) throws -> CalendarDates {
    try CalendarDates.read(try Fixtures.input(text, name: "a.ics"), through: year)
  }

  /// Dates with their notes: `2026-12-24 Eve`.
  private func dates(_ text: String) throws -> [String] {
    try read(text).dates.map { ($0.date.text + " " + $0.note).trimmed }
  }

  @Test func readsAllDayEvents() throws {
    let text = calendar(
      "DTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20261227\nSUMMARY:Christmas\\, all of it\\; closed\\nhere",
      "DTSTART;VALUE=DATE:20261231\nSUMMARY;LANGUAGE=en:Eve", "DTSTART:20270224\nDURATION:P1D\nSUMMARY:Day")
    let expected = [
      "2026-12-24 Christmas, all of it; closed here", "2026-12-25 Christmas, all of it; closed here",
      "2026-12-26 Christmas, all of it; closed here", "2026-12-31 Eve", "2027-02-24 Day",
    ]
    #expect(try dates(text) == expected)
    #expect(try dates(text.replacing("\r\n", with: "\n")) == expected)
    #expect(try read(text).dates.allSatisfy { $0.windows.isEmpty })
  }

  @Test func unfoldsLines() throws {
    // The fold lies within the two bytes of õ.
    var bytes = Array("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=D\r\n ATE:20260224\r\nSUMMARY:V".utf8)
    bytes += [0xC3] + Array("\r\n\t".utf8) + [0xB5]
    bytes += Array("idu\r\n  p\u{fc}ha\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n".utf8)
    let found = try CalendarDates.read(try Fixtures.input(bytes), through: 2028)
    #expect(found.dates.map(\.note) == ["Võidu püha"])
  }

  @Test func countsTimedAndCancelledEvents() throws {
    let found = try read(
      calendar(
        "DTSTART:20261224T090000Z\nDTEND:20261224T100000Z\nRRULE:FREQ=WEEKLY\nSUMMARY:Meeting",
        "DTSTART;TZID=Europe/Tallinn:20261224T090000\nSUMMARY:Call",
        "DTSTART;VALUE=DATE:20261224\nSTATUS:CANCELLED\nSUMMARY:Off"))
    #expect(found == CalendarDates(dates: [], timedEvents: 2, cancelledEvents: 1))
  }

  @Test(arguments: [
    ("RRULE:FREQ=YEARLY", ["--12-25"]),
    ("RRULE:FREQ=YEARLY;INTERVAL=1;BYMONTH=12;BYMONTHDAY=25", ["--12-25"]),
    ("RRULE:FREQ=YEARLY;BYMONTHDAY=25,26", ["--12-25", "--12-26"]),
    ("RRULE:FREQ=YEARLY;COUNT=2", ["2026-12-25", "2027-12-25"]),
    ("RRULE:FREQ=YEARLY;UNTIL=20271231", ["2026-12-25", "2027-12-25"]),
    ("RRULE:FREQ=YEARLY;UNTIL=20271225T000000Z", ["2026-12-25", "2027-12-25"]),
    ("RRULE:FREQ=YEARLY;INTERVAL=2", ["2026-12-25", "2028-12-25"]),
    ("RRULE:FREQ=YEARLY\nEXDATE;VALUE=DATE:20271225", ["2026-12-25", "2028-12-25"]),
    ("RDATE;VALUE=DATE:20261228,20261230", ["2026-12-25", "2026-12-28", "2026-12-30"]),
    ("RRULE:FREQ=YEARLY\nDTEND;VALUE=DATE:20261228", ["--12-25", "--12-26", "--12-27"]),
    ("RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH", ["2027-11-25", "2028-11-23"]),
    ("RRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO", ["2027-05-31", "2028-05-29"]),
  ])
  func expandsRules(rule: String, expected: [String]) throws {
    #expect(try dates(calendar("DTSTART;VALUE=DATE:20261225\n" + rule)) == expected)
  }

  @Test func leapDays() throws {
    #expect(try dates(calendar("DTSTART;VALUE=DATE:20240229\nRRULE:FREQ=YEARLY")) == ["--02-29"])
    #expect(
      try dates(calendar("DTSTART;VALUE=DATE:20240229\nRRULE:FREQ=YEARLY;COUNT=2")) == [
        "2024-02-29", "2028-02-29",
      ])
    // Over the end of February the days differ from year to year.
    #expect(
      try dates(calendar("DTSTART;VALUE=DATE:20270228\nDURATION:P2D\nRRULE:FREQ=YEARLY")) == [
        "2027-02-28", "2027-03-01", "2028-02-28", "2028-02-29",
      ])
  }

  @Test func anotherEventMayStandInPlaceOfOneDay() throws {
    let text = calendar(
      "UID:1\nDTSTART;VALUE=DATE:20261225\nRRULE:FREQ=YEARLY;COUNT=3\nSUMMARY:Day",
      "UID:1\nRECURRENCE-ID;VALUE=DATE:20271225\nDTSTART;VALUE=DATE:20271227\nSUMMARY:Moved",
      "UID:1\nRECURRENCE-ID;VALUE=DATE:20281225\nDTSTART;VALUE=DATE:20281225\nSTATUS:CANCELLED")
    #expect(try dates(text) == ["2026-12-25 Day", "2027-12-27 Moved"])
  }

  @Test func severalEventsOfOneDateShareItsNote() throws {
    let text = calendar(
      "DTSTART;VALUE=DATE:20261225\nSUMMARY:A", "DTSTART;VALUE=DATE:20261225\nSUMMARY:B",
      "DTSTART;VALUE=DATE:20261225\nSUMMARY:A",
      "DTSTART;VALUE=DATE:20261226\nSUMMARY:\(String(repeating: "x", count: 300))")
    let found = try read(text).dates
    #expect(found.map(\.note) == ["A, B", String(repeating: "x", count: NameRule.longest - 1) + "…"])
    #expect(ScheduleException.check(found) == nil)
  }

  @Test func alarmsAreNoMatterOfTheEvent() throws {
    let text = calendar(
      "SUMMARY:Day\nDTSTART;VALUE=DATE:20261225\nBEGIN:VALARM\nSUMMARY:Ring\nDURATION:P9D\nEND:VALARM")
    #expect(try dates(text) == ["2026-12-25 Day"])
  }

  @Test(arguments: [
    ("", "a.ics: expected an iCalendar file, which begins with BEGIN:VCALENDAR, found an empty file"),
    (
      "FromPhoneNumber:x\n",
      "a.ics:1: expected an iCalendar file, which begins with BEGIN:VCALENDAR"
    ),
    ("hello\n", "a.ics:1: expected an iCalendar file, which begins with BEGIN:VCALENDAR"),
    ("BEGIN:VCALENDAR\nhello\n", "a.ics:2: expected a line such as SUMMARY:Christmas, found \"hello\""),
    ("BEGIN:VCALENDAR\nBEGIN:VEVENT\n", "a.ics: expected END:VEVENT, found the end of the file"),
    ("BEGIN:VCALENDAR\nEND:VEVENT\n", "a.ics:2: expected END:VCALENDAR, found \"END:VEVENT\""),
    (
      "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT\nEND:VCALENDAR\n",
      "a.ics:2: VEVENT: expected a DTSTART, found none"
    ),
  ])
  func refusesOtherFiles(text: String, expected: String) throws {
    #expect(throws: ImportProblem.self) { try read(text) }
    do { _ = try read(text) } catch let problem as ImportProblem { #expect(problem.description == expected) }
  }

  @Test(arguments: [
    ("DTSTART;VALUE=DATE:20260230", "DTSTART: expected a date such as 20261224, found \"20260230\""),
    (
      "DTSTART;VALUE=DATE:20260210\nDTEND;VALUE=DATE:20260209",
      "DTEND: expected a date after 2026-02-10, found \"20260209\""
    ),
    (
      "DTSTART;VALUE=DATE:20260210\nDURATION:soon",
      "DURATION: expected a duration in days such as P1D, found \"soon\""
    ),
    (
      "DTSTART;VALUE=DATE:20260210\nRRULE:FREQ=WEEKLY",
      "RRULE: expected \(CalendarRule.expected), found \"FREQ=WEEKLY\""
    ),
    (
      "DTSTART;VALUE=DATE:20260210\nRRULE:FREQ=YEARLY;BYWEEKNO=20",
      "RRULE: expected \(CalendarRule.expected), found \"FREQ=YEARLY;BYWEEKNO=20\""
    ),
  ])
  func namesWhatIsWrong(event: String, expected: String) throws {
    do {
      _ = try read(calendar(event))
      Issue.record("taken")
    } catch let problem as ImportProblem {
      #expect(problem.description.hasSuffix(expected))
      #expect(problem.line != nil && problem.exitCode == 65)
    }
  }

  @Test(arguments: 0..<300 as Range<UInt64>) func damagedCalendarsAreComplaintsOrDates(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var bytes = Array(
      calendar(
        "UID:1\nDTSTART;VALUE=DATE:20261225\nDTEND;VALUE=DATE:20261227\nRRULE:FREQ=YEARLY;COUNT=3\nSUMMARY:Day",
        "DTSTART;VALUE=DATE:20240229\nDURATION:P1W\nEXDATE;VALUE=DATE:20280229"
      ).utf8)
    for _ in 0..<Int.random(in: 1...6, using: &random) {
      let place = Int.random(in: 0..<bytes.count, using: &random)
      switch Int.random(in: 0...2, using: &random) {
      case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
      case 1: bytes.remove(at: place)
      default:
        let pieces = ["9", ":", "\n", ";", "-1", "\r\n "]
        bytes.insert(contentsOf: pieces[Int.random(in: 0..<6, using: &random)].utf8, at: place)
      }
    }
    do {
      let found = try CalendarDates.read(try Fixtures.input(bytes), through: 2030)
      #expect(ScheduleException.check(Array(found.dates.prefix(1000))) == nil)
    } catch let problem as ImportProblem {
      #expect(problem.exitCode == 65)
    }
  }
}

@Suite struct CalendarWriterTests {
  private func calendar(_ content: ScheduleContent?, label: String = "+18005550199") -> [String] {
    // Thursday 2026-11-26 09:00 UTC.
    let now: Instant = 1_795_683_600_000
    let zone = ZoneTimeline(
      identifier: "Test/Office", offset: .hour, changes: [(at: now + 11 * .day, offset: 2 * .hour)])
    var writer = CalendarWriter(
      title: label, id: "p1", content: content, hours: OpenHours(content, timeline: zone), now: now)
    return String(decoding: writer.bytes(), as: UTF8.self).components(separatedBy: "\r\n")
  }

  @Test func writesTheWeekOnItsClockAndOtherDatesInUTC() throws {
    let content = ScheduleContent(
      name: "Office", timeZone: "Test/Office",
      windows: [1, 4].map { Window(day: $0, startMinute: 540, endMinute: 1020) },
      exceptions: [
        ScheduleException(
          date: .yearly(month: 12, day: 24), windows: [DayWindow(startMinute: 540, endMinute: 720)],
          note: "Eve, at noon")
      ])
    let lines = calendar(content)
    #expect(lines.contains("DTSTART;TZID=Test/Office:20261126T090000"))
    #expect(lines.contains("RRULE:FREQ=WEEKLY;UNTIL=20311127T000000Z;BYDAY=MO,TH"))
    // The clock changes on Monday 7 December, within the hours: the date is written as it is.
    #expect(lines.contains("DTSTART:20261207T080000Z") && lines.contains("DTEND:20261207T150000Z"))
    #expect(lines.contains("DTSTART:20261224T070000Z") && lines.contains("DTEND:20261224T100000Z"))
    #expect(lines.contains("SUMMARY:+18005550199 may send: Eve\\, at noon"))
    #expect(lines.contains { $0.hasPrefix("EXDATE;TZID=Test/Office:20261207T090000,20261224T09") })
    #expect(lines.allSatisfy { $0.utf8.count <= 75 })
  }

  @Test func withoutHoursItSendsAtAnyTime() {
    let lines = calendar(nil, label: String(repeating: "ä", count: 60))
    #expect(lines.filter { $0 == "BEGIN:VEVENT" }.count == 1)
    #expect(lines.contains("DTSTART:20261126T090000Z"))
    #expect(lines.allSatisfy { $0.utf8.count <= 75 })
  }
}
