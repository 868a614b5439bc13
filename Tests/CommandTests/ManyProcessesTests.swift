import Foundation
import Testing

@Suite(.serialized) struct ManyProcessesTests {
  let program: Program
  private let phone = "+18005550199"

  init() throws { program = try Program() }

  /// Eight gateways claim while two processes add and one keeps saving the schedule.
  @Test func nothingIsHandedOutTwiceOrLost() async throws {
    let program = program
    let phone = phone
    try program.prepare()
    try program.expect("schedules", "add", "S", "daily", "--time-zone", "UTC")
    try program.expect("phones", "set", phone, "--schedule", "S")
    let perAdder = 30
    let outcomes = try await withThrowingTaskGroup(of: [Outcome].self) { group in
      for adder in 0..<2 {
        group.addTask {
          try (0..<perAdder).map { number in
            try program.run(
              "queue", "add", phone, "--to", "12345", "--text", "x", "--id", "m\(adder)-\(number)")
          }
        }
      }
      for _ in 0..<8 {
        group.addTask {
          try (0..<12).map { _ in try program.run("queue", "claim", phone, "--lease", "3600") }
        }
      }
      group.addTask {
        try (0..<20).map {
          try program.run("schedules", "set", "S", $0 % 2 == 0 ? "daily" : "mon-sun 00:00-24:00, sun")
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    #expect(outcomes.allSatisfy { !$0.complaints.contains("lock") && !$0.complaints.contains("busy") })
    var claimed = try outcomes.flatMap(\.lines).filter { $0.contains("message_id") }.map { try id($0) }
    while true {
      let outcome = try program.run("queue", "claim", phone, "--lease", "3600")
      guard outcome.code == 0 else { break }
      claimed.append(try id(outcome.output))
    }
    #expect(claimed.count == 2 * perAdder)
    #expect(Set(claimed).count == 2 * perAdder)
    #expect(try program.expect("check") == "ok\n")
  }

  /// Processes are killed at arbitrary moments; what they had acknowledged is there, and nothing half done.
  @Test func whatWasAcknowledgedSurvivesKilling() throws {
    try program.prepare(messages: 5)
    var random = SystemRandomNumberGenerator()
    var acknowledged: Set<String> = []
    for round in 0..<40 {
      let id = "k\(round)"
      let run =
        round % 2 == 0
        ? try program.start(["queue", "add", phone, "--to", "12345", "--text", "x", "--id", id])
        : try program.start(["queue", "claim", phone, "--lease", "1"])
      usleep(UInt32.random(in: 0...60_000, using: &random))
      run.kill()
      let outcome = try run.wait()
      if outcome.output.contains("queued message \(id)") { acknowledged.insert(id) }
    }
    #expect(try program.expect("check") == "ok\n")
    let stored = try program.expect("queue", "list", phone, "--json").split(separator: "\n").map {
      try id(String($0))
    }
    #expect(acknowledged.isSubset(of: stored))
    let later = "2099-01-01T00:00:00Z"
    let waiting = try program.expect("queue", "list", phone, "--status", "sending", "--json", "--now", later)
    #expect(waiting.isEmpty)
  }

  /// A first start that is killed leaves no database, or a whole one.
  @Test func aDatabaseIsMadeWholeOrNotAtAll() throws {
    for _ in 0..<20 {
      let program = try Program()
      let run = try program.start(["phones", "add", phone])
      usleep(UInt32.random(in: 0...60_000))
      run.kill()
      _ = try run.wait()
      let check = try program.run("check")
      #expect(check.code == (FileManager.default.fileExists(atPath: program.database) ? 0 : 66))
      #expect(try [0, 65].contains(program.run("phones", "add", phone).code))
    }
  }

  private func id(_ line: String) throws -> String {
    let object = try json(line)
    return try #require(object["message_id"] as? String ?? object["id"] as? String)
  }
}
