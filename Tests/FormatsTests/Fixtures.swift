import Foundation
import Scheduling
import TestSupport

@testable import Formats

enum Fixtures {
  /// An input that reads these bytes. `name` is what errors call it.
  static func input(_ bytes: some Sequence<UInt8>, name: String = "file") throws -> ImportInput {
    let path = NSTemporaryDirectory() + "formats-\(UUID().uuidString)"
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    defer { unlink(path) }
    return try ImportInput(descriptor: open(path, O_RDONLY | O_CLOEXEC), name: name)
  }

  static func input(_ text: String, name: String = "file") throws -> ImportInput {
    try input(text.utf8, name: name)
  }

  static let zones = ImportZones { name in
    ["UTC", "Europe/Tallinn"].contains(name) ? nil : "an IANA time zone such as Europe/Tallinn"
  }

  /// The records of a JSON file.
  static func records(_ text: String) throws -> [ImportRecord] {
    var reader = try BundleReader(try input(text), zones: zones)
    var records: [ImportRecord] = []
    try reader.read { records.append($0) }
    return records
  }

  /// The only record of a JSON file, a message.
  static func message(_ fields: String) throws -> MessageRecord? {
    let text = """
      {"id":"m","owner":"+18005550199","contact":"+18005550100","content":"hi","status":"pending",\
      "request_received_at":"2026-03-29T06:00:00Z",\(fields)}
      """
    guard case .message(let message)? = try records(text).first else { return nil }
    return message
  }

  /// What is wrong with a JSON file; nil if nothing is.
  static func problem(_ text: String) throws -> String? {
    do {
      _ = try records(text)
      return nil
    } catch let problem as ImportProblem {
      return problem.description
    }
  }
}
