import Scheduling

/// Shows others that this process runs, by a lock that the server releases with its connection.
///
/// Unchecked: nobody uses the connection as long as it lasts.
final class PostgreSQLPresence: Presence, @unchecked Sendable {
  let name: String
  private let connection: PostgreSQLConnection

  /// Connects for as long as this value lives; throws where the server lets nobody in.
  init(_ conninfo: String) throws {
    connection = try PostgreSQLConnection(conninfo)
    let number = Int64.random(in: 1...Int64.max)
    _ = try connection.execute("SELECT pg_advisory_lock(?1)", [.integer(number)])
    name = String(number)
  }

  /// Whether the process with a name runs, or at least its connection.
  static func isRunning(_ name: String, _ session: any Session) throws -> Bool {
    guard let number = Int64(name) else { return false }
    let sql = "SELECT CASE WHEN pg_try_advisory_xact_lock_shared(?1) THEN 0 ELSE 1 END"
    return try session.integer(sql, [.integer(number)]) == 1
  }
}
