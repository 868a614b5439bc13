import Foundation

@testable import Storage

/// The server that the tests may use: `$SEND_SCHEDULE_TEST_SERVER`, a connection string. Without it, tests that need
/// one are skipped; `Tests/Program/postgresql.py run COMMAND…` starts a server of its own for a command.
enum PostgreSQLServer {
  static let conninfo = ProcessInfo.processInfo.environment["SEND_SCHEDULE_TEST_SERVER"]
  static var isThere: Bool { conninfo != nil }

  /// A database of its own, empty or like another one, dropped with the server.
  static func database(template: String = "template1") throws -> String {
    let conninfo = conninfo ?? ""
    let name = "t" + UUID().uuidString.lowercased().replacing("-", with: "")
    try PostgreSQLConnection(conninfo).command("CREATE DATABASE \(name) TEMPLATE \(template)")
    var parts = URLComponents(string: conninfo)
    parts?.path = "/" + name
    return parts?.string ?? ""
  }
}
