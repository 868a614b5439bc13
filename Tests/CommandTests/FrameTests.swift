import Foundation
import Testing

/// What all commands share: help, proposals, questions, standard output.
@Suite struct FrameTests {
  let program: Program

  init() throws { program = try Program() }

  @Test func everyCommandShowsExamples() throws {
    for path in try leaves([]) {
      let help = try program.start(path + ["--help"]).wait()
      #expect(help.code == 0 && help.output.contains("EXAMPLES:\n  send-schedule \(path[0])"), "\(path)")
      #expect(help.output.contains("USAGE: send-schedule " + path.joined(separator: " ")), "\(path)")
      #expect(try program.start(["help"] + path).wait() == help)
    }
  }

  /// The commands below one, as its help lists them.
  private func leaves(_ path: [String]) throws -> [[String]] {
    let help = try program.start(path + ["--help"]).wait().output
    guard let list = help.components(separatedBy: "SUBCOMMANDS:\n").dropFirst().first else { return [path] }
    let names = list.split(separator: "\n").compactMap { line -> String? in
      guard line.hasPrefix("  "), !line.hasPrefix("   "), !line.hasPrefix("  See") else { return nil }
      return line.split(separator: " ").first.map(String.init)
    }
    #expect(!names.isEmpty)
    return try names.flatMap { try leaves(path + [$0]) }
  }

  @Test(arguments: [
    (["phone", "list"], "send-schedule phones"), (["queu", "add"], "send-schedule queue"),
    (["queue", "calim", "+18005550199"], "send-schedule queue claim"),
    (["phones", "delete", "+18005550199"], "send-schedule phones remove"),
    (["queue", "claim", "+18005550199", "--lesae", "5"], "--lease"),
  ])
  func theNearestIsProposed(arguments: [String], proposal: String) throws {
    let outcome = try program.start(arguments).wait()
    #expect(outcome.code == 64 && outcome.complaints.contains(proposal), "\(outcome.complaints)")
  }

  @Test func theNearestTimeZoneIsProposed() throws {
    let outcome = try program.run("schedules", "add", "A", "mon 9-10", "--time-zone", "Europe/Talin")
    #expect(outcome.code == 65 && outcome.complaints.contains("did you mean Europe/Tallinn?"))
  }

  @Test func theNearestRecordIsProposed() throws {
    try program.expect("phones", "add", "+18005550199", "--label", "Front desk")
    try program.expect("schedules", "add", "Office", "daily", "--time-zone", "UTC")
    for (arguments, proposal) in [
      (["phones", "show", "+18005550198"], "+18005550199"),
      (["phones", "show", "front desk"], "+18005550199"),
      (["phones", "set", "+18005550199", "--schedule", "Offce"], "Office"),
      (["schedules", "show", "office"], "Office"),
    ] {
      let outcome = try program.start(arguments).wait()
      #expect(outcome.code == 66 && outcome.complaints.contains("did you mean"), "\(arguments)")
      #expect(outcome.complaints.contains(proposal), "\(outcome.complaints)")
    }
    #expect(try !program.run("phones", "show", "+4915112345678").complaints.contains("did you mean"))
  }

  @Test func theUsageIsThatOfTheCommand() throws {
    let outcome = try program.run("queue", "claim", "--lease", "5")
    #expect(outcome.code == 64 && outcome.output.isEmpty)
    #expect(outcome.complaints.contains("Usage: send-schedule queue claim <phone>"))
    #expect(outcome.complaints.contains("`send-schedule queue claim --help`"))
  }

  @Test func optionsMayStandBeforeTheCommand() throws {
    try program.prepare()
    let listed = try program.expect("phones", "list", "--json")
    #expect(try program.expect("--json", "phones", "list") == listed)
    #expect(try program.expect("phones", "--json", "list") == listed)
    #expect(try program.expect("--database", program.database, "--json", "phones", "list") == listed)
    #expect(try program.expect("--database=\(program.database)", "phones", "list", "--json") == listed)
  }

  @Test func theVersionNamesWhatItStandsOn() throws {
    let version = try program.expect("--version")
    #expect(version.hasPrefix("send-schedule ") && version.contains("\nSQLite 3."))
    #expect(version.contains("\ntzdata 20"))
  }

  @Test func whatDestroysWantsToBeTold() throws {
    try program.prepare(messages: 2)
    try program.expect("schedules", "add", "Office", "daily", "--time-zone", "UTC")
    try program.expect("phones", "set", "+18005550199", "--schedule", "Office")
    let before = try program.expect("export")
    let phone = try program.run("phones", "remove", "+18005550199")
    #expect(phone.code == 64 && phone.complaints.contains("2 of them waiting"))
    let schedule = try program.run("schedules", "remove", "Office")
    #expect(schedule.code == 64 && schedule.complaints.contains("+18005550199 may then send at any time"))
    #expect(try program.run("queue", "prune", "--older-than", "1d").code == 64)
    #expect(try program.expect("export") == before)
    try program.expect("phones", "remove", "+18005550199", "--yes")
  }

  @Test func aTextComesFromStandardInput() throws {
    try program.prepare()
    let added = try program.expect(
      "queue", "add", "+18005550199", "--to", "12345", "--text", "-", "--json", input: "two\nlines\n")
    #expect(try json(added)["content"] as? String == "two\nlines")
    #expect(
      try program.run("queue", "add", "+18005550199", "--to", "12345", "--text", "-", input: "\n").code == 65)
  }

  @Test func aReaderThatGoesIsNothingToComplainAbout() throws {
    try program.prepare(messages: 1)
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/bin/sh")
    shell.arguments = ["-c", "sleep 1 | \"$0\" phones list; exit $?", Program.executable.path]
    let reader = Pipe()
    let complaints = Pipe()
    shell.standardOutput = reader
    shell.standardError = complaints
    shell.environment = ["SEND_SCHEDULE_DATABASE": program.database]
    try reader.fileHandleForReading.close()
    try shell.run()
    shell.waitUntilExit()
    #expect(shell.terminationStatus == 141)
    #expect(try complaints.fileHandleForReading.readToEnd() == nil)
  }
}
