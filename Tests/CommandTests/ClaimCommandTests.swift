import Foundation
import Testing

/// Whose claim it is, and who reads of it.
@Suite struct ClaimCommandTests {
  let program: Program
  private let phone = "+18005550199"
  private let now = "2026-03-02T08:00:00Z"

  init() throws { program = try Program() }

  private func prepare() throws {
    try program.prepare()
    try program.expect("queue", "add", phone, "--to", "12345", "--text", "x", "--id", "m", "--now", now)
  }

  private func shown(at now: String) throws -> [String: Any] {
    try json(program.expect("queue", "show", "m", "--json", "--now", now))
  }

  @Test func aLateFailureOfAnOlderClaimChangesNothing() throws {
    try prepare()
    try program.expect("queue", "claim", phone, "--now", now)
    try program.expect("queue", "claim", phone, "--now", "2026-03-02T08:01:00Z")
    let late = try program.run("queue", "failed", "m", "--attempt", "1", "--now", "2026-03-02T08:01:01Z")
    #expect(late.code == 65)
    #expect(try shown(at: "2026-03-02T08:01:01Z")["status"] as? String == "sending")
    try program.expect("queue", "sent", "m", "--attempt", "1", "--now", "2026-03-02T08:01:02Z")
    try program.expect("queue", "sent", "m", "--attempt", "2", "--now", "2026-03-02T08:01:03Z")
    #expect(try shown(at: "2026-03-02T08:01:04Z")["sent_at"] as? String == "2026-03-02T08:01:02.000Z")
  }

  @Test func aFailedAttemptWaitsBeforeTheNext() throws {
    try prepare()
    try program.expect("queue", "claim", phone, "--now", now)
    try program.expect("queue", "failed", "m", "--reason", "no network", "--now", "2026-03-02T08:00:10Z")
    let nothing = try program.run("queue", "claim", phone, "--now", "2026-03-02T08:01:09Z")
    #expect(nothing.output == #"{"claimed":null,"next_at":"2026-03-02T08:01:10.000Z"}"# + "\n")
    let again = try json(program.expect("queue", "claim", phone, "--now", "2026-03-02T08:01:10Z"))
    #expect(again["attempt"] as? Int == 2)
  }

  @Test func aClaimIsExtendedAndReleased() throws {
    try prepare()
    try program.expect("queue", "claim", phone, "--now", now)
    let extended = try json(
      program.expect("queue", "extend", "m", "--attempt", "1", "--lease", "300", "--now", now, "--json"))
    #expect(extended["lease_expires_at"] as? String == "2026-03-02T08:05:00.000Z")
    #expect(try program.run("queue", "extend", "m", "--attempt", "2", "--now", now).code == 65)
    try program.expect("queue", "release", "m", "--attempt", "1", "--now", now)
    #expect(try json(program.expect("queue", "claim", phone, "--now", now))["attempt"] as? Int == 1)
  }

  @Test func reportsTellTimesOnTheClockOfTheSchedule() throws {
    try prepare()
    try program.expect("schedules", "add", "Office", "daily 0-24", "--time-zone", "Asia/Tokyo")
    try program.expect("phones", "set", phone, "--schedule", "Office")
    try program.expect("queue", "claim", phone, "--now", now)
    let extended = try program.expect("queue", "extend", "m", "--lease", "100", "--now", now)
    #expect(extended == "message m is claimed until 2026-03-02 17:01:40 +09:00\n")
    let failed = try program.expect("queue", "failed", "m", "--now", now)
    #expect(failed == "message m waits again after 1 attempt, from 2026-03-02 17:01:00 +09:00 on\n")
  }

  @Test func aClaimThatCannotBeWrittenIsUndone() throws {
    try prepare()
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/bin/sh")
    shell.arguments = ["-c", "\"$0\" queue claim \(phone) --now \(now) >/dev/full", Program.executable.path]
    shell.environment = ["SEND_SCHEDULE_DATABASE": program.database]
    shell.standardError = FileHandle.nullDevice
    try shell.run()
    shell.waitUntilExit()
    #expect(shell.terminationStatus == 74)
    let message = try shown(at: now)
    #expect(message["status"] as? String == "pending" && message["send_attempt_count"] as? Int == 0)
  }

  @Test func waitingEndsWhenItsReaderGoes() throws {
    try program.prepare()
    let waiting = Process()
    waiting.executableURL = Program.executable
    waiting.arguments = ["queue", "claim", phone, "--wait"]
    waiting.environment = ["SEND_SCHEDULE_DATABASE": program.database]
    let reader = Pipe()
    waiting.standardOutput = reader
    try waiting.run()
    try reader.fileHandleForWriting.close()
    try reader.fileHandleForReading.close()
    waiting.waitUntilExit()
    #expect(waiting.terminationStatus == 141)
    // What comes later is for somebody else.
    try program.expect("queue", "add", phone, "--to", "12345", "--text", "x", "--id", "m", "--now", now)
    #expect(try shown(at: now)["status"] as? String == "pending")
  }

  @Test func waitingAtAMomentBefore1970HasItsTime() throws {
    try program.prepare()
    let outcome = try program.run(
      "queue", "claim", phone, "--wait", "--timeout", "1", "--now", "1960-02-03T04:05:06Z")
    #expect(outcome.code == 75 && outcome.output == #"{"claimed":null,"next_at":null}"# + "\n")
  }

  @Test func waitingHasItsTime() throws {
    try program.prepare()
    let outcome = try program.run("queue", "claim", phone, "--wait", "--timeout", "1")
    #expect(outcome.code == 75 && outcome.output == #"{"claimed":null,"next_at":null}"# + "\n")
  }
}
