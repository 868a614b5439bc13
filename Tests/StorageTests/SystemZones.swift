import Scheduling
import TimeZones

@testable import Storage

/// Stores with the clocks of the system's time zones.
extension Store {
  static func open(_ path: String, for access: Access) throws -> Store {
    try open(path, for: access, zones: TimeZoneDatabase.system)
  }

  static func inMemory() throws -> Store { try inMemory(zones: TimeZoneDatabase.system) }

  static func bring(
    _ files: ImportFiles, intoFile path: String, stamp: Stamp, isDryRun: Bool, seed: UInt64
  ) throws -> ImportSummary {
    try bring(
      files, intoFile: path, stamp: stamp, isDryRun: isDryRun, seed: seed, zones: TimeZoneDatabase.system)
  }
}
