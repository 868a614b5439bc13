import Foundation
import TestSupport
import Testing

/// What a run of the program left.
struct Outcome: Equatable {
  var code: Int32
  var output: String
  var complaints: String

  var lines: [String] { output.split(separator: "\n").map(String.init) }
}

/// The built program with a database of its own, removed with the value.
final class Program: Sendable {
  private let place: TemporaryDirectory
  var directory: String { place.path }
  var database: String { directory + "/store.sqlite" }

  /// Stands beside the tests that run now.
  static let executable: URL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appendingPathComponent("send-schedule")

  init() throws {
    place = try TemporaryDirectory()
  }

  /// Starts the program; its output goes to files, which need no reader.
  func start(_ arguments: [String], input: String? = nil, environment: [String: String] = [:]) throws -> Run {
    try Run(self, arguments, input: input, environment: environment)
  }

  @discardableResult
  func run(_ arguments: String..., input: String? = nil, environment: [String: String] = [:]) throws
    -> Outcome
  {
    try start(arguments, input: input, environment: environment).wait()
  }

  /// Runs the program, which must succeed, and returns what it prints.
  @discardableResult
  func expect(_ arguments: String..., input: String? = nil) throws -> String {
    let outcome = try start(arguments, input: input).wait()
    #expect(outcome.code == 0, "\(arguments): \(outcome.complaints)")
    return outcome.output
  }

  /// Adds a phone and some waiting messages.
  func prepare(rate: Int = 0, messages: Int = 0) throws {
    try expect("phones", "add", "+18005550199", "--rate", "\(rate)")
    for number in 0..<messages {
      try expect("queue", "add", "+18005550199", "--to", "12345", "--text", "\(number)", "--id", "m\(number)")
    }
  }
}

/// A program that runs.
final class Run {
  let process = Process()
  private let outputFile: String
  private let complaintsFile: String

  init(_ program: Program, _ arguments: [String], input: String?, environment: [String: String]) throws {
    let name = program.directory + "/" + UUID().uuidString
    outputFile = name + ".out"
    complaintsFile = name + ".err"
    process.executableURL = Program.executable
    process.arguments = arguments
    var variables = [
      "SEND_SCHEDULE_DATABASE": program.database, "HOME": program.directory, "PATH": "/usr/bin:/bin",
    ]
    variables["LANG"] = "C.UTF-8"
    process.environment = variables.merging(environment) { $1 }
    for file in [outputFile, complaintsFile] { try Data().write(to: URL(fileURLWithPath: file)) }
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: outputFile))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: complaintsFile))
    if let input {
      let file = name + ".in"
      try Data(input.utf8).write(to: URL(fileURLWithPath: file))
      process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: file))
    } else {
      process.standardInput = FileHandle.nullDevice
    }
    try process.run()
  }

  func wait() throws -> Outcome {
    process.waitUntilExit()
    return Outcome(
      code: process.terminationStatus, output: try text(outputFile), complaints: try text(complaintsFile))
  }

  /// Ends the program as a power cut would.
  func kill() { Foundation.kill(process.processIdentifier, SIGKILL) }

  private func text(_ file: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: file)), as: UTF8.self)
  }
}

/// The members of a line of JSON.
func json(_ line: String) throws -> [String: Any] {
  try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
}
