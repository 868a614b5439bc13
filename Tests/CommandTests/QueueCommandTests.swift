import Foundation
import Testing

@Suite struct QueueCommandTests {
  let program: Program
  private let phone = "+18005550199"
  private let now = "2026-03-02T08:00:00Z"

  init() throws { program = try Program() }

  @Test func aMessageGoesItsWay() throws {
    try program.prepare(rate: 60)
    let added = try program.expect(
      "queue", "add", phone, "--to", "18005550100", "--text", "hi", "--id", "m", "--now", now, "--json")
    let object = try json(added)
    #expect(object["request_received_at"] as? String == "2026-03-02T08:00:00.000Z")
    #expect(object["owner"] as? String == phone && object["contact"] as? String == "+18005550100")
    let claim = try program.expect("queue", "claim", phone, "--now", now)
    #expect(
      claim
        == #"{"message_id":"m","owner":"+18005550199","sim":"SIM1","contact":"+18005550100","content":"hi","attempt":1,"#
        + #""lease_expires_at":"2026-03-02T08:01:00.000Z"}"# + "\n")
    let nothing = try program.run("queue", "claim", phone, "--now", now)
    #expect(
      nothing.code == 75 && nothing.output == #"{"claimed":null,"next_at":"2026-03-02T08:01:00.000Z"}"# + "\n"
    )
    try program.expect("queue", "sent", "m", "--now", now)
    // Saying it again is no error.
    try program.expect("queue", "sent", "m", "--now", now)
    #expect(try program.run("queue", "cancel", "m").code == 65)
  }

  @Test func previewSaysWhenAndWhy() throws {
    try program.expect("schedules", "add", "Office", "mon 09:00-10:00", "--time-zone", "Europe/Tallinn")
    try program.prepare(rate: 7, messages: 0)
    try program.expect("phones", "set", phone, "--schedule", "Office")
    for id in ["a", "b"] {
      try program.expect(
        "queue", "add", phone, "--to", "12345", "--text", "x", "--id", id, "--now", "2026-03-01T00:00:00Z")
    }
    let lines = try program.expect("preview", phone, "--json", "--now", "2026-03-01T00:00:00Z").split(
      separator: "\n")
    #expect(
      lines[0]
        == #"{"position":1,"message_id":"a","contact":"12345","ready_at":"2026-03-01T00:00:00.000Z","#
        + #""send_at":"2026-03-02T07:00:00.000Z","cause":"window"}"#)
    #expect(lines[1].hasSuffix(#""send_at":"2026-03-02T07:00:08.572Z","cause":"rate"}"#))
    #expect(try program.expect("preview", phone, "--json", "--limit", "1").split(separator: "\n").count == 1)
    #expect(
      try program.expect("preview", phone, "--summary", "--json", "--now", "2026-03-01T00:00:00Z")
        == #"{"phone":"+18005550199","waiting":2,"first_send_at":"2026-03-02T07:00:00.000Z","#
        + #""last_send_at":"2026-03-02T07:00:08.572Z","never":0,"expires":0,"#
        + #""messages_per_minute":7,"messages_per_day":0,"held_until":null,"time_zone":"Europe/Tallinn"}"#
        + "\n")
    #expect(
      try program.expect("preview", phone, "--now", now).contains("2026-03-02 10:00:00 +02:00") == false)
    #expect(
      try program.expect("preview", phone, "--now", "2026-03-01T00:00:00Z").contains(
        "2026-03-02 09:00:00 +02:00"))
  }

  @Test func listsAreFiltered() throws {
    try program.prepare(messages: 3)
    try program.expect("queue", "cancel", "m1")
    _ = try program.expect("queue", "claim", phone)
    _ = try program.expect("queue", "failed", "m0", "--reason", "no network")
    func ids(_ arguments: String...) throws -> [String] {
      let outcome = try program.start(["queue", "list", phone, "--json"] + arguments).wait()
      return try outcome.lines.map { try json($0)["id"] as? String ?? "" }
    }
    #expect(try ids() == ["m0", "m1", "m2"])
    #expect(try ids("--status", "waiting") == ["m0", "m2"])
    #expect(try ids("--status", "canceled", "--status", "pending") == ["m0", "m1", "m2"])
    #expect(try ids("--contact", "12345") == ["m0", "m1", "m2"])
    #expect(try ids("--failed").isEmpty)
    try program.expect("queue", "retry", "m1")
    #expect(try ids("--status", "canceled").isEmpty)
  }

  @Test func aLateReportIsRecordedWithAWarning() throws {
    try program.prepare()
    try program.expect("queue", "add", phone, "--to", "12345", "--text", "x", "--id", "m", "--now", now)
    for minute in ["00", "01"] {
      try program.expect("queue", "claim", phone, "--now", "2026-03-02T08:\(minute):00Z")
    }
    let failed = try json(program.expect("queue", "show", "m", "--json", "--now", "2026-03-02T08:02:00Z"))
    #expect(failed["status"] as? String == "failed")
    #expect(failed["failure_reason"] as? String == "lease ran out after 2 attempts")
    let late = try program.run("queue", "sent", "m", "--now", "2026-03-02T08:03:00Z")
    #expect(late.code == 0 && late.complaints.contains("warning"))
  }

  @Test func waitingEndsWhenAnotherProcessAdds() throws {
    try program.prepare()
    let waiting = try program.start(["queue", "claim", phone, "--wait"])
    try program.expect("queue", "add", phone, "--to", "12345", "--text", "x", "--id", "m")
    let outcome = try waiting.wait()
    #expect(outcome.code == 0)
    #expect(try json(outcome.output)["message_id"] as? String == "m")
  }

  @Test func waitingEndsWhenTheTimeComes() throws {
    try program.prepare()
    try program.expect(
      "queue", "add", phone, "--to", "12345", "--text", "x", "--now", now, "--send-at", "2026-03-02T08:00:01Z"
    )
    let outcome = try program.run("queue", "claim", phone, "--wait", "--now", now)
    #expect(outcome.code == 0 && outcome.output.contains("message_id"))
  }

  @Test func aSignalEndsWaitingWithoutAClaim() throws {
    try program.prepare()
    let waiting = try program.start(["queue", "claim", phone, "--wait"])
    // Wherever the program is by now, it must end.
    waiting.process.terminate()
    let outcome = try waiting.wait()
    #expect(outcome.output.isEmpty)
    #expect(waiting.process.terminationReason == .uncaughtSignal && outcome.code == SIGTERM)
  }
}
