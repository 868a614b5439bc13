import Foundation
import Testing

/// The commands that are parsed in a short way say what the parser's long way says.
@Suite struct QuickCommandTests {
  let program: Program
  private let phone = "+18005550199"
  private let now = "2026-03-02T08:00:00Z"

  init() throws {
    program = try Program()
    try program.prepare()
    try program.expect("queue", "add", phone, "--to", "12345", "--text", "x", "--id", "m", "--now", now)
  }

  /// An option before the command is the parser's.
  private func expectSame(_ arguments: String..., code: Int32) throws {
    let short = try program.start(arguments + ["--now", now]).wait()
    let long = try program.start(["--now", now] + arguments).wait()
    #expect(short.code == code && long.code == code, "\(arguments) \(short) \(long)")
    #expect(short.output == long.output && short.complaints == long.complaints, "\(arguments)")
  }

  @Test func whatIsRefusedIsRefusedAlike() throws {
    try expectSame("queue", "claim", "+18005550100", code: 66)
    try expectSame("queue", "claim", "+1800555019", code: 66)
    try expectSame("queue", "claim", phone, "--lease", "0", code: 64)
    try expectSame("queue", "claim", phone, "--lease=x", code: 64)
    try expectSame("queue", "claim", phone, "--timeout", "5", code: 64)
    try expectSame("queue", "claim", phone, "again", code: 64)
    try expectSame("queue", "claim", phone, "--what", code: 64)
    try expectSame("queue", "claim", phone, "--database", "", code: 64)
    try expectSame("queue", "claim", "--help", code: 0)
    try expectSame("queue", "sent", "nothing", code: 66)
    try expectSame("queue", "sent", "m", "--attempt", "0", code: 64)
    try expectSame("queue", "failed", "m", "--attempt", "7", code: 65)
  }

  @Test func whatIsDoneIsDoneAlike() throws {
    let claimed = try json(
      program.expect("queue", "claim", phone, "--lease=5", "--wait", "--timeout", "1", "--now", now))
    #expect(claimed["attempt"] as? Int == 1)
    #expect(claimed["lease_expires_at"] as? String == "2026-03-02T08:00:05.000Z")
    try expectSame("queue", "claim", phone, code: 75)
    try program.expect("queue", "failed", "m", "--attempt=1", "--reason", "no network", "--now", now)
    #expect(try program.expect("queue", "show", "m").contains("no network"))
    try program.expect("queue", "sent", "m", "--now", now)
    try expectSame("queue", "sent", "m", "--json", code: 0)
    try expectSame("queue", "sent", "m", "--attempt", "1", code: 0)
  }
}
