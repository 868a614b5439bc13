import Foundation
import Testing

/// What commands say of things that somebody may not have meant.
@Suite struct SaidTests {
  let program: Program
  private let phone = "+18005550199"
  private let now = "2026-03-02T08:00:00Z"

  init() throws { program = try Program() }

  @Test func whatWouldNeverGoOutIsNotQueued() throws {
    try program.prepare()
    func add(_ words: String...) throws -> Outcome {
      try program.start(["queue", "add", phone, "--now", now] + words).wait()
    }
    for duration in ["0s", "0 min"] {
      let outcome = try add("--to", "12345", "--text", "x", "--expires", duration)
      #expect(outcome.code == 64 && outcome.complaints.contains("longer than nothing"), "\(outcome)")
    }
    let late = #"{"contact":"12345","content":"x","expires_at":"2026-03-02T07:00:00Z"}"#
    let piped = try program.run(
      "queue", "add", phone, "--now", now, "--json", input: #"{"contact":"12345","content":"x"}"# + late)
    #expect(piped.code == 65 && piped.complaints.contains("message 2: expires_at: expected"), "\(piped)")
    let csv = try program.run(
      "queue", "add", phone, "--now", now, "--csv",
      input: "ToPhoneNumber,Content,SendTime,ExpiresAt\n12345,x,2026-03-03T08:00:00,2026-03-03T07:00:00\n")
    #expect(
      csv.code == 65 && csv.complaints.contains("expires_at: expected a moment after now and its send time"))
    #expect(try program.expect("queue", "list", "--json") == "")
  }

  @Test func aTimeBeyondTheExpiryIsSaid() throws {
    try program.prepare()
    try program.expect(
      "queue", "add", phone, "--to", "12345", "--text", "x", "--id", "m", "--expires", "2 h", "--now", now)
    let moved = try program.run("queue", "reschedule", "m", "--send-at", "tomorrow 8:00", "--now", now)
    #expect(moved.code == 0 && moved.complaints.contains("expires before that"), "\(moved)")
    let early = try program.run("queue", "reschedule", "m", "--send-at", "in 1 h", "--now", now)
    #expect(early.code == 0 && early.complaints.isEmpty)
    let imported = try program.run(
      "import", "-",
      input: """
        FromPhoneNumber,ToPhoneNumber,Content,SendTime,ExpiresAt
        \(phone),12345,x,2026-03-03T08:00:00,2026-03-03T07:00:00
        """)
    #expect(imported.output.contains("1 message expiring before the send time: would never go out"))
  }

  @Test func anImportThatEndsAHoldSaysSo() throws {
    try program.prepare()
    let before = try program.expect("export")
    try program.expect("phones", "hold", phone, "--reason", "SIM is blocked")
    let outcome = try program.run("import", "-", input: before)
    #expect(
      outcome.output.contains("1 phone released from a hold, which the file does not have (\(phone))"),
      "\(outcome)")
    // Nothing of it where the hold stays, or is over.
    let held = try program.expect("phones", "hold", phone, "--json")
    #expect(try !program.expect("import", "-", input: held).contains("released"))
  }

  @Test func datesThatCannotBeReadAreNoSchedules() throws {
    try program.expect("schedules", "add", "Office", "daily", "--time-zone", "UTC")
    let outcome = try program.run(
      "schedules", "except", "Office", "2020-01-01 - 2026-12-31", "--remove")
    #expect(outcome.code == 64 && !outcome.complaints.contains("no schedule"), "\(outcome)")
    let unknown = try program.run("schedules", "except", "Office", "Offfice", "24 dec", "--remove")
    #expect(unknown.code == 66 && unknown.complaints.contains("no schedule Offfice"), "\(unknown)")
  }

  @Test func aRevisionThatIsNotThereIsOneOfTheNamedSchedule() throws {
    try program.expect("schedules", "add", "Office", "daily", "--time-zone", "UTC")
    let outcome = try program.run("schedules", "restore", "Office", "99")
    #expect(outcome.code == 66 && outcome.complaints.contains("schedule Office has no revision 99"))
  }

  @Test func aNameOfNothingButSpacesIsNone() throws {
    #expect(try program.run("schedules", "add", " ", "daily", "--time-zone", "UTC").code == 65)
    #expect(try program.run("schedules", "add", "\u{3000}", "daily", "--time-zone", "UTC").code == 65)
  }

  @Test func cancelledEventsAreNamed() throws {
    try program.expect("schedules", "add", "Office", "daily", "--time-zone", "UTC")
    let outcome = try program.run(
      "schedules", "holidays", "Office", "-",
      input: """
        BEGIN:VCALENDAR
        BEGIN:VEVENT
        UID:1
        DTSTART;VALUE=DATE:20261224
        STATUS:CANCELLED
        END:VEVENT
        END:VCALENDAR
        """)
    #expect(outcome.code == 65 && outcome.complaints.contains("found 1 cancelled event"), "\(outcome)")
  }

  @Test func aListOfNoPhoneHasNoHeadings() throws {
    try program.prepare()
    let outcome = try program.run("queue", "list", "nope")
    #expect(outcome.code == 66 && outcome.output == "")
  }

  @Test func aLinkThatLeadsNowhereIsNoDatabase() throws {
    try FileManager.default.createSymbolicLink(
      atPath: program.database, withDestinationPath: program.directory + "/gone.sqlite")
    let listed = try program.run("phones", "list")
    #expect(listed.code == 66 && listed.complaints.contains("symbolic link"))
    let outcome = try program.run("phones", "add", phone)
    #expect(outcome.code == 73 && outcome.complaints.contains("symbolic link"))
    #expect(try program.run("import", "-", input: "{\"phones\":[]}").code == 73)
  }

  @Test func aDamagedFileSaysWhatToDo() throws {
    try program.prepare(messages: 1)
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: program.database))
    try file.truncate(atOffset: 8192)
    try file.close()
    let outcome = try program.run("check")
    #expect(outcome.code == 65 && !outcome.complaints.contains("send-schedule check"), "\(outcome)")
    #expect(outcome.complaints.contains(".recover"), "\(outcome)")
  }

  @Test func textsThatNobodySendsAreRefusedHoweverTheyCome() throws {
    try program.prepare()
    let long = String(repeating: "x", count: 1_531)
    for (text, words) in [("", "a text"), (long, "at most 10 SMS, not 11")] {
      let json = try program.run(
        "queue", "add", phone, "--json", input: #"{"contact":"12345","content":"\#(text)"}"#)
      #expect(json.code == 65 && json.complaints.contains("content: expected \(words)"), "\(json)")
      let csv = try program.run(
        "queue", "add", phone, "--csv", input: "ToPhoneNumber,Content\n12345,\(text)\n")
      #expect(csv.code == 65 && csv.complaints.contains("2: Content: expected \(words)"), "\(csv)")
    }
    #expect(try program.expect("queue", "list", "--json") == "")
  }

  @Test func aMomentThatIsOverIsSaid() throws {
    try program.prepare()
    let outcome = try program.run(
      "queue", "add", phone, "--to", "12345", "--text", "x", "--send-at", "2026-03-01 8:00", "--now", now)
    #expect(outcome.code == 0 && outcome.complaints.contains("is over: the message is ready at once"))
  }

  @Test func whatLosesItsAttemptsIsCounted() throws {
    try program.prepare(rate: 0, messages: 0)
    for id in ["a", "b", "c"] {
      try program.expect("queue", "add", phone, "--to", "12345", "--text", "x", "--id", id, "--now", now)
    }
    for id in ["a", "b"] {
      try program.expect("queue", "claim", phone, "--now", now)
      try program.expect("queue", "failed", id, "--now", now)
    }
    #expect(
      try program.expect("phones", "set", phone, "--max-attempts", "1", "--now", now)
        == "changed phone \(phone); 2 waiting messages had no attempts left and have failed\n")
    #expect(
      try program.expect("phones", "set", phone, "--max-attempts", "5", "--now", now)
        == "changed phone \(phone)\n")
  }

  @Test func aMessageThatIsNamedTwiceIsOne() throws {
    try program.prepare(messages: 0)
    try program.expect("queue", "add", phone, "--to", "12345", "--text", "x", "--id", "m")
    #expect(try program.expect("queue", "cancel", "m", "m") == "canceled 1 message\n")
    #expect(try program.expect("queue", "retry", "m", "m") == "1 message back in the queue\n")
  }

  @Test func hoursOfDatesThatMakeNoSenseAreSaidToBeThat() throws {
    try program.expect("schedules", "add", "O", "mon-fri 9-17", "--time-zone", "UTC")
    let twice = try program.run("schedules", "except", "O", "24", "dec", "9-12", "11-14")
    #expect(twice.code == 64 && twice.complaints.contains("no overlap with 09:00-12:00"), "\(twice)")
    let both = try program.run("schedules", "except", "O", "24", "dec", "9-12", "closed")
    #expect(both.code == 64 && both.complaints.contains("“closed” or hours, not both"), "\(both)")
    let stranger = try program.run("schedules", "except", "O", "Nigths", "24", "dec", "closed")
    #expect(stranger.code == 66 && stranger.complaints.contains("no schedule Nigths"), "\(stranger)")
    try program.expect(
      "schedules", "except", "O", "24", "dec", "closed", "--note", "Christmas Eve", "--now", now)
    let changed = try program.expect("schedules", "except", "O", "24", "dec", "9-12", "--now", now)
    #expect(changed.contains("24 Dec 2026: 09:00-12:00, was closed (Christmas Eve)"), "\(changed)")
  }

  @Test func aWeekEndsAtTwentyFour() throws {
    try program.prepare(messages: 0)
    try program.expect("schedules", "add", "O", "mon 22-24; tue 0-24", "--time-zone", "Africa/Cairo")
    try program.expect("phones", "set", phone, "--schedule", "O")
    let week = try program.expect("preview", phone, "--week", "2026-03-02", "--now", now)
    #expect(
      week.contains("22:00-24:00") && week.contains("00:00-24:00") && !week.contains("-00:00"), "\(week)")
  }

  @Test func whatIfComparesWithWhatIsHeldForLong() throws {
    try program.prepare(messages: 1)
    try program.expect("phones", "hold", phone, "--reason", "the modem is being repaired", "--now", now)
    let lines = try program.expect(
      "preview", phone, "--hold-until", "now", "--summary", "--compare", "--now", now)
    #expect(lines.contains("the modem is being repaired  not held\n"), "\(lines)")
    let json = try program.expect(
      "preview", phone, "--hold-until", "now", "--summary", "--json", "--now", now)
    #expect(json.contains(#""held_until":null"#))
  }
}
