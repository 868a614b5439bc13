import Foundation
import Testing

@Suite struct RecordCommandTests {
  let program: Program

  init() throws { program = try Program() }

  @Test func readingMakesNoFile() throws {
    for arguments in [["phones", "list"], ["schedules", "list"], ["preview", "+18005550199"], ["check"]] {
      #expect(try program.start(arguments).wait().code == 66, "\(arguments)")
    }
    #expect(try program.run("queue", "add", "+18005550199", "--to", "12345", "--text", "x").code == 66)
    #expect(!FileManager.default.fileExists(atPath: program.database))
  }

  @Test func theDatabaseIsWhereItIsSaidToBe() throws {
    let home = program.directory
    try program.expect("phones", "add", "+18005550199", "--database", home + "/told.sqlite")
    #expect(FileManager.default.fileExists(atPath: home + "/told.sqlite"))
    try program.run("phones", "add", "+18005550199", environment: ["SEND_SCHEDULE_DATABASE": ""])
    #expect(FileManager.default.fileExists(atPath: home + "/.local/share/send-schedule/send-schedule.sqlite"))
    try program.run(
      "phones", "add", "+18005550199",
      environment: ["SEND_SCHEDULE_DATABASE": "", "XDG_DATA_HOME": home + "/data"])
    #expect(FileManager.default.fileExists(atPath: home + "/data/send-schedule/send-schedule.sqlite"))
  }

  @Test func aPhoneIsPrintedAsInTheBundle() throws {
    try program.expect(
      "schedules", "add", "Office", "mon-fri 9-17", "--time-zone", "Europe/Tallinn", "--id", "s1")
    let line = try program.expect(
      "phones", "add", "18005550199", "--id", "p1", "--label", "Front", "--rate", "7", "--sim", "sim2",
      "--schedule", "Office", "--json")
    let phone =
      #"{"id":"p1","phone_number":"+18005550199","label":"Front","messages_per_minute":7,"messages_per_day":0,"#
      + #""sim":"SIM2","message_send_schedule_id":"s1","max_send_attempts":2,"retry_delay_seconds":60,"#
      + #""pause_after_failures":5,"held_until":null,"hold_reason":null"#
    #expect(line == phone + "}\n")
    let now = "2026-03-02T06:00:00Z"
    let listed =
      phone + #","waiting":0,"failed":0,"claimed":0,"state":"closed","opens_at":"2026-03-02T07:00:00.000Z","#
      + #""next_send_at":null,"last_sent_at":null}"# + "\n"
    #expect(try program.expect("phones", "list", "--json", "--now", now) == listed)
    #expect(try program.expect("phones", "show", "p1", "--json", "--now", now) == listed)
    try program.expect("phones", "set", "+18005550199", "--no-schedule")
    #expect(try json(program.expect("phones", "show", "p1", "--json"))["message_send_schedule_id"] is NSNull)
  }

  @Test func aScheduleIsPrintedAsInTheBundle() throws {
    let line = try program.expect(
      "schedules", "add", "Office", "mon 09:07-12, 13-14", "--time-zone", "Asia/Tokyo", "--id", "s1", "--json"
    )
    #expect(
      line
        == #"{"id":"s1","name":"Office","timezone":"Asia/Tokyo","is_active":true,"windows":["#
        + #"{"day_of_week":1,"start_minute":547,"end_minute":720},"#
        + #"{"day_of_week":1,"start_minute":780,"end_minute":840}]}"# + "\n")
    #expect(try program.expect("schedules", "show", "Office", "--json") == line)
    try program.expect("schedules", "set", "Office", "--inactive", "--rename", "Desk")
    #expect(try json(program.expect("schedules", "show", "s1", "--json"))["is_active"] as? Bool == false)
    #expect(try program.run("schedules", "show", "Office").code == 66)
  }

  @Test func peopleGetTables() throws {
    try program.prepare(rate: 7)
    for id in ["m0", "m1"] {
      try program.expect(
        "queue", "add", "+18005550199", "--to", "12345", "--text", "x", "--id", id, "--now",
        "2026-03-01T08:00:00Z")
    }
    try program.expect("schedules", "add", "Office", "mon-fri 9-17", "--time-zone", "UTC")
    try program.expect("phones", "set", "+18005550199", "--schedule", "Office", "--label", "Front 漢字")
    #expect(
      try program.expect("phones", "list", "--now", "2026-03-02T08:00:00Z")
        == """
        NUMBER        LABEL       STATE   RATE        WAITING  FAILED  NEXT SEND                   SCHEDULE
        +18005550199  Front 漢字  closed  7 a minute  2        0       2026-03-02 09:00:00 +00:00  Office

        """)
    #expect(
      try program.expect("schedules", "list")
        == """
        NAME    TIME ZONE  STATE   PHONES  WINDOWS
        Office  UTC        active  1       mon-fri 09:00-17:00

        """)
    #expect(try program.expect("schedules", "show", "Office").contains("a week      40 h"))
    let phone = try program.expect("phones", "show", "+18005550199")
    #expect(phone.contains("waiting        2"), "\(phone)")
    #expect(try program.expect("queue", "show", "m0").contains("status        pending"))
  }

  @Test func removingAScheduleNamesItsPhones() throws {
    try program.expect("schedules", "add", "Office", "daily", "--time-zone", "UTC")
    try program.expect("phones", "add", "+18005550199", "--schedule", "Office")
    #expect(try program.expect("schedules", "remove", "Office", "--yes").contains("+18005550199"))
    try program.expect("schedules", "restore", "Office", "1")
    let history = try program.expect("schedules", "history", "Office", "--json").split(separator: "\n")
    #expect(try history.map { try json(String($0))["action"] as? String } == ["restore", "remove", "add"])
  }

  @Test func theAuthorIsWhoIsBehindSudo() throws {
    try program.run(
      "schedules", "add", "Office", "daily", "--time-zone", "UTC",
      environment: ["SUDO_USER": "mari", "SSH_CONNECTION": "192.0.2.7 50000 192.0.2.1 22"])
    let revision = try json(program.expect("schedules", "history", "Office", "--json"))
    #expect(revision["origin"] as? String == "192.0.2.7")
    if geteuid() == 0 { #expect(revision["author"] as? String == "mari") }
  }

  @Test(arguments: mistakes)
  func mistakesHaveTheirCodes(code: Int32, arguments: [String]) throws {
    try program.expect("phones", "add", "+18005550199")
    let outcome = try program.start(arguments).wait()
    #expect(outcome.code == code, "\(outcome.complaints)")
    #expect(outcome.output.isEmpty && !outcome.complaints.isEmpty)
  }

  @Test func aTextMayBeginWithADash() throws {
    try program.expect("phones", "add", "+18005550199", "--label", "--old")
    let message = try json(
      program.expect("queue", "add", "+18005550199", "--to", "12345", "--text", "-5 degrees", "--json"))
    #expect(message["content"] as? String == "-5 degrees")
  }

  @Test func nothingFromOutsideReachesTheTerminalRaw() throws {
    let evil = "\u{1B}]0;x\u{7}\u{1B}[2J\u{202E}\u{9B}m"
    #expect(try program.start(["phones", "add", "+18005550199", "--label", evil]).wait().code == 65)
    try program.expect("phones", "add", "+18005550199", "--label", "\u{202E}desk")
    // Names and ids are without control characters, as everywhere; what reorders text may be in them.
    let name = "\u{202E}gnp.exe"
    #expect(try program.start(["schedules", "add", evil, "daily", "--time-zone", "UTC"]).wait().code == 65)
    try program.expect("schedules", "add", name, "daily", "--time-zone", "UTC")
    let add = ["queue", "add", "+18005550199", "--to", "12345", "--text", evil, "--id"]
    #expect(try program.start(add + [evil]).wait().code == 65)
    #expect(try program.start(add + [name]).wait().code == 0)
    for arguments in [
      ["phones", "list"], ["schedules", "list"], ["schedules", "history", name],
      ["queue", "list", "+18005550199"],
      ["queue", "show", name], ["preview", "+18005550199"], ["queue", "sent", name],
      ["schedules", "show", evil + "x"],
      ["phones", "list", "--json"], ["queue", "list", "+18005550199", "--json"],
    ] {
      let outcome = try program.start(arguments).wait()
      #expect(outcome.code == 0 || outcome.complaints.contains("no schedule") || arguments.contains("sent"))
      let scalars = (outcome.output + outcome.complaints).unicodeScalars
      let raw = scalars.filter {
        ($0.value < 0x20 && $0 != "\n") || (0x7F...0x9F).contains($0.value) || $0.value == 0x202E
      }
      #expect(raw.isEmpty, "\(arguments[0]) \(arguments[1])")
    }
  }

  @Test func aBackupTakesTheDatabasesPlace() throws {
    try program.prepare(messages: 3)
    let copy = program.directory + "/copy.sqlite"
    try program.expect("backup", copy)
    #expect(try program.run("backup", copy).code == 73)
    let before = try program.expect("queue", "list", "+18005550199", "--json")
    try program.expect("phones", "remove", "+18005550199", "--yes")
    try FileManager.default.removeItem(atPath: program.database)
    try FileManager.default.moveItem(atPath: copy, toPath: program.database)
    #expect(try program.expect("queue", "list", "+18005550199", "--json") == before)
    #expect(try program.expect("check") == "ok\n")
  }
}

/// Commands that must fail, with their exit codes.
private let mistakes: [(Int32, [String])] = [
  (64, ["phones", "add", "555"]),
  (64, ["phones", "add", "+18005550198", "--rate", "-1"]),
  (64, ["phones", "add", "+18005550198", "--sim", "SIM3"]),
  (64, ["phones", "set", "+18005550199"]),
  (64, ["schedules", "add", "A", "mon 9-99", "--time-zone", "UTC"]),
  (65, ["schedules", "add", "A", "mon 9-10", "--time-zone", "Mars/Base"]),
  (64, ["phones", "nonsense"]),
  (64, ["queue", "claim", "+18005550199", "--now", "today"]),
  (64, ["queue", "prune", "--older-than", "x", "--yes"]),
  (64, ["queue", "prune", "--older-than", "30", "--yes"]),
  (64, ["queue", "prune", "--older-than", "30d"]),
  (64, ["phones", "remove", "+18005550199"]),
  (64, ["phones"]),
  (64, ["queue", "claim", "+18005550199", "--timeout", "5"]),
  (65, ["phones", "add", "+18005550199"]),
  (66, ["phones", "set", "+18005550198", "--rate", "1"]),
  (66, ["phones", "set", "+18005550199", "--schedule", "None"]),
  (66, ["queue", "sent", "none"]),
  (66, ["schedules", "restore", "None", "1"]),
  (66, ["preview", "none"]),
  (65, ["check", "--database", "/"]),
  (73, ["backup", "/dev/null"]),
]
