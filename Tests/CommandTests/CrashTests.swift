import Foundation
import Testing

/// Writers are killed at arbitrary moments; what they had acknowledged is there, and nothing is half done.
///
/// `CRASH_ROUNDS=5000 swift test --filter CrashTests` kills more of them.
@Suite(.serialized) struct CrashTests {
  private let phone = "+18005550199"
  private let rounds = ProcessInfo.processInfo.environment["CRASH_ROUNDS"].flatMap { Int($0) } ?? 40
  /// Later than any lease.
  private let later = "2099-01-01T00:00:00Z"

  @Test func whatWasAcknowledgedSurvives() throws {
    let program = try Program()
    try program.prepare(messages: 5)
    try program.expect("schedules", "add", "S", "daily", "--time-zone", "UTC")
    var acknowledged = Acknowledged()
    for round in 0..<rounds {
      let run = try program.start(arguments(round))
      usleep(UInt32.random(in: 0...120_000))
      run.kill()
      try acknowledged.note(run.wait(), round: round)
      if round % 100 == 99 { #expect(try program.expect("check") == "ok\n") }
    }
    #expect(try program.expect("check") == "ok\n")
    try acknowledged.expectAll(in: program, phone: phone)
    // What was claimed comes back after its lease, or has used up its attempts.
    let stuck = try program.expect("queue", "list", phone, "--status", "sending", "--json", "--now", later)
    #expect(stuck.isEmpty)
    print("\(rounds) killed; \(acknowledged.count) acknowledged steps, all there")
  }

  private func arguments(_ round: Int) -> [String] {
    switch round % 3 {
    case 0: ["queue", "add", phone, "--to", "12345", "--text", "x", "--id", "k\(round)"]
    case 1: ["queue", "claim", phone, "--lease", "1"]
    default: ["schedules", "set", "S", "mon \(round % 9):00-\(10 + round % 7):\(10 + round % 50)"]
    }
  }

  /// What killed processes had said before.
  private struct Acknowledged {
    private var added: Set<String> = []
    private var claimed: Set<String> = []
    private var revisions: Set<Int> = []

    var count: Int { added.count + claimed.count + revisions.count }

    mutating func note(_ outcome: Outcome, round: Int) throws {
      if outcome.output.hasPrefix("queued message") { added.insert("k\(round)") }
      if outcome.output.hasPrefix("{\"message_id\""), outcome.output.hasSuffix("\n") {
        claimed.insert(try json(outcome.output)["message_id"] as? String ?? "")
      }
      if outcome.output.hasPrefix("changed schedule"), outcome.output.hasSuffix("\n") {
        let number = outcome.output.split(separator: " ").last?.dropLast()
        revisions.insert(try #require(number.flatMap { Int($0) }))
      }
    }

    func expectAll(in program: Program, phone: String) throws {
      let messages = try program.expect("queue", "list", phone, "--json").split(separator: "\n")
        .map { try json(String($0)) }
      let attempts = Dictionary(
        uniqueKeysWithValues: messages.map {
          ($0["id"] as? String ?? "", $0["send_attempt_count"] as? Int ?? 0)
        })
      #expect(added.isSubset(of: attempts.keys))
      #expect(claimed.allSatisfy { (attempts[$0] ?? 0) > 0 })
      let history = try program.expect("schedules", "history", "S", "--json").split(separator: "\n")
        .compactMap { try json(String($0))["revision"] as? Int }
      #expect(revisions.isSubset(of: history))
      #expect(history == Array((1...history.count).reversed()))
    }
  }

  /// A first start that is killed leaves no database, or a whole one.
  @Test func aDatabaseIsMadeWholeOrNotAtAll() throws {
    for _ in 0..<rounds / 2 {
      let program = try Program()
      let run = try program.start(["phones", "add", phone])
      usleep(UInt32.random(in: 0...120_000))
      run.kill()
      _ = try run.wait()
      let check = try program.run("check")
      #expect(check.code == (FileManager.default.fileExists(atPath: program.database) ? 0 : 66))
      #expect(try [0, 65].contains(program.run("phones", "add", phone).code))
    }
  }
}
