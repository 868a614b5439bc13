import Formats
import Foundation
import Scheduling
import TestSupport

@testable import Storage

/// Inputs, stores and calls that the tests of imports and exports share.
enum ImportFixtures {
  static let now: Instant = 1_774_764_000_000  // 2026-03-29T06:00:00Z
  static let stamp = Stamp(author: "ada", at: now)

  /// An input that reads these bytes. `name` is what errors call it.
  static func input(_ bytes: some Sequence<UInt8>, name: String = "file") throws -> ImportInput {
    let path = NSTemporaryDirectory() + "import-\(UUID().uuidString)"
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    defer { unlink(path) }
    return try ImportInput(descriptor: open(path, O_RDONLY | O_CLOEXEC), name: name)
  }

  static func input(_ text: String, name: String = "file") throws -> ImportInput {
    try input(text.utf8, name: name)
  }

  /// Imports texts as files into a store.
  @discardableResult
  static func load(
    _ texts: String..., into store: Store, isDryRun: Bool = false, isAgain: Bool = false, now: Instant = now
  ) throws -> ImportSummary {
    let inputs = try texts.enumerated().map { try input($1, name: "file\($0 + 1)") }
    let stamp = Stamp(author: "ada", at: now)
    return try store.importFiles(
      try ImportFiles(inputs), ImportOptions(stamp: stamp, isDryRun: isDryRun, isAgain: isAgain))
  }

  /// What goes wrong when texts are imported; nil if nothing does.
  static func problem(_ texts: String..., into store: Store? = nil) throws -> ImportProblem? {
    let store = try store ?? Store.inMemory()
    do {
      let inputs = try texts.enumerated().map { try input($1, name: "file\($0 + 1)") }
      _ = try store.importFiles(try ImportFiles(inputs), ImportOptions(stamp: stamp))
      return nil
    } catch let problem as ImportProblem {
      return problem
    }
  }

  /// What a store exports.
  static func export(_ store: Store) throws -> String {
    let path = NSTemporaryDirectory() + "export-\(UUID().uuidString)"
    defer { unlink(path) }
    let file = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
    defer { close(file) }
    var output = ExportOutput(descriptor: file)
    let report = try store.export(to: &output)
    precondition(report.losses.isEmpty)
    return try String(contentsOfFile: path, encoding: .utf8)
  }

  /// A bundle with one schedule, one phone that it serves, and messages.
  static func bundle(messages: String = "", schedule: String? = nil, phone: String? = nil) -> String {
    """
    {"phones":[\(phone ?? #"{"id":"p1","phone_number":"+18005550199","messages_per_minute":2,"sim":"SIM1","message_send_schedule_id":"s1","max_send_attempts":3}"#)],
    "message_send_schedules":[\(schedule ?? #"{"id":"s1","name":"Day","timezone":"Europe/Tallinn","windows":[{"day_of_week":1,"start_minute":540,"end_minute":720}]}"#)],
    "messages":[\(messages)]}
    """
  }

  /// One message of the phone in ``bundle(messages:schedule:phone:)``; `fields` come last.
  static func message(_ id: String = "m1", _ fields: String = "") -> String {
    """
    {"id":"\(id)","owner":"+18005550199","contact":"+18005550100","content":"hi","status":"pending",\
    "request_received_at":"2026-03-29T06:00:00Z"\(fields.isEmpty ? "" : "," + fields)}
    """
  }
}
