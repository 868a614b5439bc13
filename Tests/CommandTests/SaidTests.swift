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
}
