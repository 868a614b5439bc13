import Foundation
import Testing

/// Holds, limits, exceptions and what-ifs from the command line.
@Suite struct HoldAndLimitTests {
  let program: Program
  private let phone = "+18005550199"
  private let now = "2026-03-02T08:00:00Z"

  init() throws { program = try Program() }

  @Test func aHeldPhoneSendsNothingUntilItIsReleased() throws {
    try program.prepare(rate: 0)
    try program.expect(
      "queue", "add", phone, "--to", "12345", "--text", "x", "--id", "m", "--exact", "--now", now)
    let held = try json(
      program.expect("phones", "hold", phone, "--until", "in 2 h", "--reason", "SIM", "--now", now, "--json"))
    #expect(
      held["held_until"] as? String == "2026-03-02T10:00:00.000Z" && held["hold_reason"] as? String == "SIM")
    let nothing = try program.run("queue", "claim", phone, "--now", now)
    #expect(
      nothing.code == 75 && nothing.output == #"{"claimed":null,"next_at":"2026-03-02T10:00:00.000Z"}"# + "\n"
    )
    let listed = try json(program.expect("phones", "list", "--json", "--now", now))
    #expect(listed["state"] as? String == "held" && listed["waiting"] as? Int == 1)
    #expect(listed["next_send_at"] as? String == "2026-03-02T10:00:00.000Z")
    #expect(
      try program.run("phones", "hold", phone, "--until", "2026-03-01T00:00:00Z", "--now", now).code == 64)
    try program.expect("phones", "release", phone)
    #expect(try program.run("queue", "claim", phone, "--now", now).code == 0)
  }

  @Test func momentsAreOnTheClockOfThePhonesSchedule() throws {
    try program.expect("schedules", "add", "Desk", "daily", "--time-zone", "Asia/Tokyo")
    try program.expect("phones", "add", phone, "--schedule", "Desk")
    // 2026-03-02 is a Monday; in Tokyo it is 17:00.
    let message = try json(
      program.expect(
        "queue", "add", phone, "--to", "12345", "--text", "x", "--send-at", "thu 10:00", "--expires",
        "2026-03-06 10:00", "--now", now, "--json"))
    #expect(message["scheduled_send_time"] as? String == "2026-03-05T01:00:00.000Z")
    #expect(message["expires_at"] as? String == "2026-03-06T01:00:00.000Z")
    let id = try #require(message["id"] as? String)
    let moved = try json(
      program.expect("queue", "reschedule", id, "--send-at", "tomorrow 8:00", "--now", now, "--json"))
    #expect(moved["scheduled_send_time"] as? String == "2026-03-02T23:00:00.000Z")
    #expect(try program.run("queue", "reschedule", id, "--send-at", "soon").code == 64)
  }

  @Test func theDaysLimitMovesTheRest() throws {
    try program.expect("phones", "add", phone, "--rate", "0", "--per-day", "2", "--retry-delay", "90s")
    for id in ["a", "b", "c"] {
      try program.expect("queue", "add", phone, "--to", "12345", "--text", "x", "--id", id, "--now", now)
    }
    let lines = try program.expect("preview", phone, "--json", "--now", now).split(separator: "\n")
    #expect(lines[2].hasSuffix(#""send_at":"2026-03-03T00:00:00.000Z","cause":"day"}"#))
    let shown = try json(program.expect("phones", "show", phone, "--json"))
    #expect(shown["messages_per_day"] as? Int == 2 && shown["retry_delay_seconds"] as? Int == 90)
    #expect(try program.run("phones", "set", phone, "--retry-delay", "2h").code == 64)
  }

  @Test func datesGetHoursOfTheirOwn() throws {
    for name in ["Office", "Desk"] {
      try program.expect("schedules", "add", name, "daily 9-17", "--time-zone", "UTC")
    }
    try program.expect(
      "schedules", "except", "Office", "Desk", "2026-12-24", "closed", "--note", "Christmas Eve", "--now", now
    )
    try program.expect("schedules", "except", "Office", "every 25 dec", "9-12", "--now", now)
    let office = try json(program.expect("schedules", "show", "Office", "--json"))
    let exceptions = try #require(office["exceptions"] as? [[String: Any]])
    #expect(exceptions.compactMap { $0["date"] as? String } == ["2026-12-24", "--12-25"])
    #expect(exceptions[0]["note"] as? String == "Christmas Eve")
    #expect((exceptions[0]["windows"] as? [Any])?.isEmpty == true)
    try program.expect("schedules", "except", "Office", "2026-12-24", "--remove")
    let desk = try json(program.expect("schedules", "show", "Desk", "--json"))
    #expect((desk["exceptions"] as? [Any])?.count == 1)
    #expect(try program.run("schedules", "except", "Office", "31 nov", "closed").code == 64)
    #expect(try program.run("schedules", "except", "Ofice", "1 nov", "closed").code == 66)
  }

  @Test func datesThatAreOverAreTakenAndSaidToBeOver() throws {
    try program.expect("schedules", "add", "Office", "daily 9-17", "--time-zone", "UTC")
    let over = try program.run("schedules", "except", "Office", "24-26 dec 2020", "closed", "--now", now)
    #expect(over.code == 0 && over.output.contains("24-26 Dec 2020 closed"), "\(over)")
    #expect(over.complaints == "send-schedule: 24-26 Dec 2020 is over: no message goes out at another time\n")
    let removed = try program.run("schedules", "except", "Office", "24-26 dec 2020", "--remove", "--now", now)
    #expect(removed.code == 0 && removed.complaints.isEmpty, "\(removed)")
    let coming = try program.run("schedules", "except", "Office", "24 dec", "closed", "--now", now)
    #expect(coming.code == 0 && coming.complaints.isEmpty, "\(coming)")
  }

  @Test func exceptionsAreForAllSchedulesOrNone() throws {
    for (name, zone) in [("Office", "UTC"), ("Desk", "Asia/Tokyo")] {
      try program.expect("schedules", "add", name, "daily 9-17", "--time-zone", zone)
    }
    // A system that knows no clock of the second one.
    let zones = program.directory + "/zones"
    try FileManager.default.createDirectory(atPath: zones, withIntermediateDirectories: false)
    try Data(contentsOf: URL(fileURLWithPath: "/usr/share/zoneinfo/UTC"))
      .write(to: URL(fileURLWithPath: zones + "/UTC"))
    let calendar = [
      "BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", "UID:1", "DTSTART;VALUE=DATE:20261225", "END:VEVENT",
      "END:VCALENDAR", "",
    ].joined(separator: "\r\n")
    for arguments in [
      ["except", "Office", "Desk", "2026-12-24", "closed"], ["holidays", "Office", "Desk", "-"],
    ] {
      let refused = try program.start(
        ["schedules"] + arguments, input: calendar, environment: ["TZDIR": zones]
      ).wait()
      #expect(refused.code == 65 && refused.output.isEmpty)
      #expect(refused.complaints.contains("schedule Desk: timezone"), "\(refused.complaints)")
    }
    let office = try json(program.expect("schedules", "show", "Office", "--json"))
    #expect(office["exceptions"] == nil && office["revision"] as? Int ?? 1 == 1)
    #expect(try program.expect("schedules", "history", "Office").split(separator: "\n").count <= 2)
  }

  @Test func holidaysComeFromACalendarWithoutDoubling() throws {
    try program.expect("schedules", "add", "Office", "daily 9-17", "--time-zone", "UTC")
    let calendar = [
      "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//", "BEGIN:VEVENT", "UID:1",
      "DTSTART;VALUE=DATE:20261225",
      "DTEND;VALUE=DATE:20261227", "SUMMARY:Christmas", "END:VEVENT", "END:VCALENDAR", "",
    ].joined(separator: "\r\n")
    for _ in 1...2 { try program.expect("schedules", "holidays", "Office", "-", input: calendar) }
    let office = try json(program.expect("schedules", "show", "Office", "--json"))
    let exceptions = try #require(office["exceptions"] as? [[String: Any]])
    #expect(exceptions.compactMap { $0["date"] as? String } == ["2026-12-25", "2026-12-26"])
    #expect(try program.run("schedules", "holidays", "Office", "-", input: "nonsense").code == 65)
  }

  @Test func previewTriesOtherSettings() throws {
    try program.expect("schedules", "add", "Office", "daily 9-17", "--time-zone", "UTC")
    try program.expect("phones", "add", phone, "--schedule", "Office", "--rate", "1")
    for id in ["a", "b"] {
      try program.expect("queue", "add", phone, "--to", "12345", "--text", "x", "--id", id, "--now", now)
    }
    func last(_ arguments: String...) throws -> String? {
      let lines = try program.start(["preview", phone, "--summary", "--json", "--now", now] + arguments)
        .wait().lines
      return try json(try #require(lines.last))["last_send_at"] as? String
    }
    #expect(try last() == "2026-03-02T09:01:00.000Z")
    #expect(try last("--rate", "0") == "2026-03-02T09:00:00.000Z")
    #expect(try last("--windows", "daily 8-20") == "2026-03-02T08:01:00.000Z")
    #expect(try last("--time-zone", "Europe/Berlin") == "2026-03-02T08:01:00.000Z")
    #expect(try last("--hold-until", "2026-03-03 10:00") == "2026-03-03T10:01:00.000Z")
    #expect(try last("--per-day", "1") == "2026-03-03T09:00:00.000Z")
    #expect(
      try program.expect("preview", phone, "--compare", "--rate", "0", "--now", now).contains("1 min sooner"))
    #expect(try program.run("preview", phone, "--compare").code == 64)
    let why = try json(program.expect("preview", phone, "--explain", "b", "--json", "--now", now))
    #expect(why["cause"] as? String == "rate" && (why["explanation"] as? [String])?.isEmpty == false)
    #expect(
      (why["sooner"] as? [[String: Any]])?.contains { $0["change"] as? String == "marked exact" } == true)
    let week = try program.expect("preview", phone, "--week", "2026-03-04", "--load", "--json", "--now", now)
      .split(separator: "\n").map { try json(String($0)) }
    #expect(
      week.count == 168 && week[0]["date"] as? String == "2026-03-02" && week[9]["messages"] as? Int == 2)
  }

  @Test func previewWithAnotherLimitCountsWhatWasSentToday() throws {
    try program.expect("phones", "add", phone, "--rate", "0")
    for id in ["a", "b", "c"] {
      try program.expect("queue", "add", phone, "--to", "12345", "--text", "x", "--id", id, "--now", now)
      if id != "c" { try program.expect("queue", "claim", phone, "--now", now) }
    }
    func first(_ arguments: String...) throws -> String? {
      let lines = try program.start(["preview", phone, "--summary", "--json", "--now", now] + arguments)
        .wait().lines
      return try json(try #require(lines.last))["first_send_at"] as? String
    }
    #expect(try first("--per-day", "2") == "2026-03-03T00:00:00.000Z")
    #expect(try first("--per-day", "3") == "2026-03-02T08:00:00.000Z")
    // There it is past midnight already, but the sends are of the same moment.
    let inApia = ["--windows", "daily 0-24", "--time-zone", "Pacific/Apia"]
    #expect(
      try first("--per-day", "2", inApia[0], inApia[1], inApia[2], inApia[3]) == "2026-03-02T11:00:00.000Z")
    let sent = "2026-03-02T12:00:00Z"
    let rows = try program.start(
      ["preview", phone, "--json", "--now", sent, "--per-day", "2"] + inApia
    ).wait().lines
    #expect(rows.first?.contains(#""send_at":"2026-03-02T12:00:00.000Z""#) == true)
    let refused = try program.run("preview", phone, "--time-zone", "Asia/Tokyo", "--now", now)
    #expect(refused.code == 64 && refused.complaints.contains("has no schedule"))
  }

  @Test func longTextsAreCountedAndRefused() throws {
    try program.prepare()
    let text = String(repeating: "a", count: 161)
    #expect(
      try program.expect("queue", "add", phone, "--to", "12345", "--text", text).contains("2 SMS (GSM 03.38)")
    )
    #expect(
      try program.expect("queue", "add", phone, "--to", "12345", "--text", "ő").contains("1 SMS (UCS-2)"))
    let long = String(repeating: "a", count: 1531)
    #expect(try program.run("queue", "add", phone, "--to", "12345", "--text", long).code == 65)
  }
}
