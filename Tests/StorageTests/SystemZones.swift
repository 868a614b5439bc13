import Scheduling
import TimeZones

@testable import Storage

/// Stores with the clocks of the system's time zones.
extension Store {
  static func open(_ path: String, for access: Access) throws -> Store {
    try open(path, for: access, zones: TimeZoneDatabase.system)
  }

  /// A store that lives no longer than its test, on the engine whose turn it is.
  static func inMemory() throws -> Store {
    try TestServer.current?.store() ?? inMemory(zones: TimeZoneDatabase.system)
  }

  static func create<T>(at path: String, _ fill: (Store) throws -> T) throws -> T? {
    try create(at: path, zones: TimeZoneDatabase.system, fill)
  }

  static func importFiles(_ files: ImportFiles, intoFile path: String, _ options: ImportOptions) throws
    -> ImportSummary
  {
    try importFiles(files, intoFile: path, options, zones: TimeZoneDatabase.system)
  }
}
