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

  private func id(_ line: String) throws -> String {
    let object = try json(line)
    return try #require(object["message_id"] as? String ?? object["id"] as? String)
  }
}
