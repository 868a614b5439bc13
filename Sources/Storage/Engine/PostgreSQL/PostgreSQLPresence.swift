import Scheduling
import Synchronization

/// Shows others that this process runs, by a lock that the server releases with its connection.
final class PostgreSQLPresence: Presence {
  let name: String
  private let connection: Mutex<PostgreSQLConnection>

  /// Connects for as long as this value lives.
  init(_ conninfo: String) throws {
    let connection = try PostgreSQLConnection(conninfo)
    // A server that has no such locks can tell nothing of others, who then go on for a day.
    let number = Int64.random(in: 1...Int64.max)
    _ = try connection.execute("SELECT pg_advisory_lock(?1)", [.integer(number)])
    name = String(number)
    self.connection = Mutex(connection)
  }

  func isRunning(_ name: String) -> Bool {
    guard let number = Int64(name), name != self.name else { return name == self.name }
    return connection.withLock { connection in
      let answer = try? connection.execute("SELECT pg_try_advisory_lock(?1)", [.integer(number)])
      guard let answer, answer.count == 1 else { return true }
      guard PostgreSQLRow(answer).integer(0) != 0 else { return true }
      _ = try? connection.execute("SELECT pg_advisory_unlock(?1)", [.integer(number)])
      return false
    }
  }
}
