import Scheduling
import Storage
import TimeZones

/// What `--version` prints: the program, and what it stands on.
enum Version {
  static let number = "1.0.0"

  static func print() throws {
    try Output.shared.line("send-schedule \(number)")
    try Output.shared.line("SQLite \(Store.sqliteVersion)")
    let zones = TimeZoneDatabase.system
    try Output.shared.line("tzdata \(zones.version ?? "of an unknown version") in \(zones.directory)")
  }
}
