import Scheduling
import Storage

/// What `--version` prints: the program, and what it stands on.
enum Version {
  static let number = "1.0.0"

  static func print() throws {
    try Output.shared.line("send-schedule \(number)")
    try Output.shared.line("SQLite \(Store.sqliteVersion)")
  }
}
