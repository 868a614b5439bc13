import Foundation
import Scheduling
import TestSupport
import Testing

@testable import TimeZones

/// Names, files and their updates, in the database of the system and in directories made for the purpose.
@Suite struct TimeZoneDatabaseTests {
  private let system = TimeZoneDatabase(directory: systemDirectory)

  @Test(arguments: [
    "UTC", "GMT", "EST5EDT", "Europe/Kyiv", "Europe/Kiev", "Asia/Calcutta", "Etc/GMT+5", "US/Pacific",
    "America/Argentina/Buenos_Aires", "America/Port-au-Prince", "Antarctica/DumontDUrville",
  ])
  func isAZone(_ name: String) throws {
    #expect(try system.clock(of: name, now: 0).identifier == name)
    #expect(system.names.contains(name))
  }

  @Test(arguments: [
    "", " ", "Mars/Base", "GMT+3", "GMT+03:00", "PST", "CEST", "+02:00", "Europe", "Europe/", "/Berlin",
    "Europe//Berlin", "Europe/Berlin ", "europe/berlin", "Europe/Berlin\0", "../etc/passwd", "/etc/localtime",
    "Europe/../UTC", "./UTC", "UTC+1", "posix/Europe/Berlin", "right/UTC", "posixrules", "localtime",
    "leapseconds", "tzdata.zi", "zone.tab", "iso3166.tab", "-/UTC", "Ünterland",
    String(repeating: "a/", count: 100),
  ])
  func isNoZone(_ name: String) {
    do {
      _ = try system.clock(of: name, now: 0)
      Issue.record("\(name) is none")
    } catch {
      #expect(error.isUnknownName, "\(error)")
    }
    #expect(!system.names.contains(name))
  }

  @Test(arguments: [
    ("europe/berlin", "Europe/Berlin"), ("Berlin", "Europe/Berlin"), ("new york", "America/New_York"),
    ("Europe Berlin", "Europe/Berlin"), ("Europe/Tallin", "Europe/Tallinn"),
  ])
  func proposesTheNearestName(_ typed: String, _ name: String) {
    #expect(system.suggestion(for: typed) == name)
  }

  @Test func hasOneNameForEachZoneOfItsTables() throws {
    let table = try #require(SystemFile.text(systemDirectory + "/zone.tab"))
    let listed = table.split(separator: "\n").filter { !$0.hasPrefix("#") }
      .map { String($0.split(separator: "\t")[2]) }
    #expect(Set(system.names).isSuperset(of: listed))
    #expect(system.names == Set(system.names).sorted())
  }

  @Test func knowsItsVersion() throws {
    let version = try #require(system.version)
    #expect(version.count >= 5 && version.hasPrefix("20"))
    let directory = try TemporaryDirectory()
    let database = TimeZoneDatabase(directory: directory.path)
    #expect(database.version == nil)
    try directory.write("2031c\n", to: "+VERSION")
    #expect(database.version == "2031c")
  }

  // MARK: - Files that are missing or damaged

  @Test func withoutTablesTheFilesAreTheNames() throws {
    let directory = try TemporaryDirectory()
    for name in ["Europe/Berlin", "UTC", "posix/UTC", "localtime"] {
      try directory.write(bytes(of: systemDirectory + "/Europe/Berlin"), to: name)
    }
    try directory.write("# no zone", to: "zone.tab")
    #expect(TimeZoneDatabase(directory: directory.path).names == ["Europe/Berlin", "UTC"])
  }

  @Test func aListedZoneWithoutAFileIsNone() throws {
    let directory = try TemporaryDirectory()
    try directory.write(
      "# version 2031a\nZ America/Los_Angeles 1 - X\nL America/Los_Angeles US/Pacific\n", to: "tzdata.zi")
    try directory.write(bytes(of: systemDirectory + "/America/Los_Angeles"), to: "America/Los_Angeles")
    let database = TimeZoneDatabase(directory: directory.path)
    #expect(database.names == ["America/Los_Angeles"])
    #expect(
      throws: TimeZoneError.unknown(
        name: "US/Pacific", path: directory.path + "/US/Pacific", nearest: "America/Los_Angeles")
    ) { try database.clock(of: "US/Pacific", now: 0) }
  }

  @Test func saysWhichFileIsDamaged() throws {
    let directory = try TemporaryDirectory()
    try directory.write("", to: "Europe/Empty")
    try directory.write("TZif2", to: "Short")
    try directory.write([UInt8](repeating: 0, count: 100_000), to: "Europe/Long")
    mkfifo(directory.path + "/Pipe", 0o600)
    let database = TimeZoneDatabase(directory: directory.path)
    for name in ["Europe/Empty", "Short", "Europe/Long", "Pipe"] {
      do {
        _ = try database.clock(of: name, now: 0)
        Issue.record("\(name) is damaged")
      } catch {
        #expect(!error.isUnknownName && error.description.contains(directory.path + "/" + name), "\(error)")
      }
    }
  }

  @Test func saysThatThereIsNoDatabase() {
    let database = TimeZoneDatabase(directory: "/nowhere/zoneinfo")
    #expect(throws: TimeZoneError.noDatabase(name: "UTC", directory: "/nowhere/zoneinfo")) {
      try database.clock(of: "UTC", now: 0)
    }
    #expect(database.names.isEmpty && database.version == nil)
  }

  // MARK: - Updates

  @Test func followsAnUpdateOfItsFiles() async throws {
    let directory = try TemporaryDirectory()
    let database = TimeZoneDatabase(directory: directory.path)
    let put = { try directory.write(bytes(of: systemDirectory + "/" + $0), to: "Test/Zone") }
    #expect(throws: TimeZoneError.self) { try database.clock(of: "Test/Zone", now: 0) }
    for (name, offset) in [("Asia/Tokyo", 9), ("Asia/Kolkata", 5), ("Asia/Tokyo", 9)] as [(String, Int64)] {
      let before = database.generation
      try put(name)
      try await Task.sleep(for: .milliseconds(1_100))
      let clock = try database.clock(of: "Test/Zone", now: 1_800_000_000_000)
      #expect(clock.offset(at: 1_800_000_000_000) / .hour == offset)
      #expect(database.generation == before + 1)
    }
    // Whoever waits looks at all clocks, also at those that reach for ever.
    for (name, offset) in [("Asia/Kolkata", 5), ("Europe/Berlin", 1), ("Asia/Tokyo", 9)] as [(String, Int64)]
    {
      let before = database.generation
      try put(name)
      try await Task.sleep(for: .milliseconds(1_100))
      #expect(database.lookAgain() == before + 1)
      let clock = try database.clock(of: "Test/Zone", now: 1_800_000_000_000)
      #expect(clock.offset(at: 1_800_000_000_000) / .hour == offset)
    }
    // The same again is no news.
    let before = database.generation
    try put("Asia/Tokyo")
    try await Task.sleep(for: .milliseconds(1_100))
    _ = try database.clock(of: "Test/Zone", now: 0)
    #expect(database.generation == before)
    try FileManager.default.removeItem(atPath: directory.path + "/Test/Zone")
    try await Task.sleep(for: .milliseconds(1_100))
    #expect(throws: TimeZoneError.self) { try database.clock(of: "Test/Zone", now: 0) }
  }

  @Test func reachesAsFarAsIsAsked() throws {
    for year in [2026, 2100, 1990, 9_000] as [Int64] {
      let now = (year - 1970) * 31_556_952_000
      let clock = try system.clock(of: "Europe/Berlin", now: now)
      #expect(clock.changes(in: now..<now + .horizon + 31 * .day).count >= 10, "\(year)")
    }
    #expect(try system.clock(of: "Europe/Berlin", now: .max).offset(at: .max) == .hour)
  }

  // MARK: - The machine's own

  @Test func knowsTheLocalZone() throws {
    let machine = system.localZone(environment: [:])
    #expect(system.isKnown(machine))
    #expect(system.localZone(environment: ["TZ": "Asia/Tokyo"]) == "Asia/Tokyo")
    #expect(system.localZone(environment: ["TZ": ":Asia/Tokyo"]) == "Asia/Tokyo")
    #expect(system.localZone(environment: ["TZ": "/usr/share/zoneinfo/Asia/Tokyo"]) == "Asia/Tokyo")
    #expect(system.localZone(environment: ["TZ": "EST5EDT4,M3.2.0,M11.1.0"]) == "UTC")
    #expect(system.localZone(environment: ["TZ": ""]) == "UTC")
  }
}
