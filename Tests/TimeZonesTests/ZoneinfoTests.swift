import Foundation
import Scheduling
import TestSupport
import Testing

@testable import TimeZones

/// Every clock, from 1970 to 2100, beside those of Python's `zoneinfo`.
@Suite struct ZoneinfoTests {
  private static let python = program("/usr/bin/python3", "/usr/local/bin/python3")
  private static let zic = program("/usr/sbin/zic", "/usr/bin/zic")

  /// What differs in the zones of a directory, and how much was compared.
  private func compare(_ database: TimeZoneDatabase) throws -> (differences: [Substring], zones: Int) {
    let python = try #require(Self.python)
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "compare_clocks.py")
    let directory = try TemporaryDirectory()
    var text = ""
    var count = 0
    for name in database.names {
      let spans = try database.clock(of: name, now: 4_102_444_800_000).spans
      let words = spans.map { span in
        #expect(span.offset % 1000 == 0)
        return "\(span.start == .min ? "-" : "\(span.start / 1000)"):\(span.offset / 1000)"
      }
      text += name + " " + words.joined(separator: " ") + "\n"
      count += 1
    }
    try directory.write(text, to: "clocks")
    let output = try run(python, [script.path, database.directory, directory.path + "/clocks"])
    let lines = output.split(separator: "\n")
    #expect(lines.last?.hasPrefix("compared \(count) zones") == true)
    return (lines.dropLast(), count)
  }

  @Test(.enabled(if: python != nil, "Python 3 is not installed"))
  func installedZones() throws {
    let (differences, zones) = try compare(TimeZoneDatabase(directory: systemDirectory))
    #expect(differences.isEmpty, "\(differences)")
    #expect(zones > 400)
  }

  @Test(
    .enabled(if: python != nil && zic != nil, "Python 3 or zic is not installed"), arguments: ["fat", "slim"])
  func compiledZones(_ kind: String) throws {
    let directory = try TemporaryDirectory()
    // The rules change in a month or so, whenever this runs.
    let year = Calendar(identifier: .gregorian).component(.year, from: Date())
    try directory.write(UnusualZones.source(year), to: "source")
    try run(#require(Self.zic), ["-b", kind, "-d", directory.path + "/zones", directory.path + "/source"])
    let database = TimeZoneDatabase(directory: directory.path + "/zones")
    #expect(database.names == UnusualZones.names.sorted())
    let (differences, _) = try compare(database)
    #expect(differences.isEmpty, "\(differences)")
  }
}
