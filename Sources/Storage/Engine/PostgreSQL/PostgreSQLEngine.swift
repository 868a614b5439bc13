import CPostgreSQL
import Glibc
import Scheduling
import Synchronization

/// A gateway in a PostgreSQL database, shared with any number of other programs and hosts.
///
/// Tables stand in the schema `send_schedule`. A write is one serializable transaction, repeated where the server
/// asks for it; of one whose connection broke while it was committed, a mark that was written with it tells whether
/// it took place.
package final class PostgreSQLEngine: Engine {
  /// Where the database is, for people: never with a password.
  package let name: String
  private let conninfo: String
  private let mayWrite: Bool
  /// Connections that nobody uses at the moment.
  private let idle = Mutex<[PostgreSQLConnection]>([])
  /// What the marks of this engine's commits are kept under.
  private let markName =
    (0..<2).map { _ in String(UInt64.random(in: .min ... .max), radix: 16) }.joined(separator: "-")
  private let marks = Atomic<Int64>(0)

  /// How long a write goes on trying, in milliseconds: while others are in the way, and while no server answers.
  private static let patience: Duration = 30 * .second
  private static let mostIdle = 4

  /// Connects to a database; throws ``StoreError/unreachable(place:reason:)`` and the like.
  package init(_ conninfo: String, mayWrite: Bool) throws {
    self.conninfo = conninfo
    self.mayWrite = mayWrite
    name = try PostgreSQLConnection.describe(conninfo)
    give(back: try translating(connect))
  }

  /// Whether a `--database` names a server rather than a file.
  package static func isConnectionString(_ text: String) -> Bool {
    text.hasPrefix("postgresql://") || text.hasPrefix("postgres://") || text.hasPrefix("service=")
  }

  package var dialect: Dialect { .postgresql }

  package func read<T>(_ body: (any Session) throws -> T) throws -> T {
    try translating {
      // Rows may have been handed on already: only the beginning is tried again.
      let connection = try repeating(where: \.isConnectionLost) { try begin("REPEATABLE READ READ ONLY") }
      do {
        let result = try body(PostgreSQLSession(connection))
        try connection.command("COMMIT")
        give(back: connection)
        return result
      } catch {
        leave(connection)
        throw error
      }
    }
  }

  package func write<T>(_ body: (any Session) throws -> T) throws -> T {
    try write(isolation: "SERIALIZABLE", body)
  }

  /// A write that decides only on what belongs to phones whose rows it locks first: it need not be serializable
  /// against others, and is therefore hardly ever repeated.
  package func writeLockingPhones<T>(_ body: (any Session) throws -> T) throws -> T {
    try write(isolation: "READ COMMITTED", body)
  }

  /// The transactions that are over: reading leaves no trace in them.
  package func version() throws -> StoreVersion {
    try read { session in
      let snapshot = try session.text("SELECT CAST(pg_current_snapshot() AS TEXT)") ?? ""
      return StoreVersion(marks: snapshot.split(whereSeparator: { ":,".contains($0) }).map { Int64($0) ?? 0 })
    }
  }

  package func close() throws { idle.withLock { $0.removeAll() } }

  private func write<T>(isolation: String, _ body: (any Session) throws -> T) throws -> T {
    guard mayWrite else { throw StoreError.readOnly(path: name) }
    return try translating {
      try repeating(where: { $0.isToBeRepeated || $0.isConnectionLost }) { try attempt(isolation, body) }
    }
  }

  /// Tries again, for as long as is patient, what failed for a reason that passes.
  private func repeating<T>(where passes: (PostgreSQLError) -> Bool, _ body: () throws -> T) throws -> T {
    let start = ContinuousClock.now
    var pause: UInt32 = 1_000
    while true {
      do {
        return try body()
      } catch let error as PostgreSQLError
        where passes(error) && ContinuousClock.now - start < .milliseconds(Self.patience)
      {
        // Others are not to meet again in step.
        usleep(UInt32.random(in: pause / 2...pause))
        if error.isConnectionLost { pause = min(pause * 2, 1_000_000) }
      }
    }
  }

  /// One run of a write's body, with its commit.
  private func attempt<T>(_ isolation: String, _ body: (any Session) throws -> T) throws -> T {
    let connection = try begin(isolation)
    let result: T
    do {
      result = try body(PostgreSQLSession(connection))
    } catch {
      leave(connection)
      throw error
    }
    let number = marks.add(1, ordering: .relaxed).newValue
    do {
      try connection.command(commitStatements(number))
      give(back: connection)
      return result
    } catch let error as PostgreSQLError where error.isConnectionLost {
      let tookPlace = try repeating(where: \.isConnectionLost) { try isCommitted(number, after: connection) }
      if tookPlace { return result }
      throw error
    } catch {
      leave(connection)
      throw error
    }
  }

  // MARK: Commits whose answer is lost

  /// The mark and the commit go to the server together, so that the mark costs no journey of its own.
  private func commitStatements(_ number: Int64) -> String {
    """
    INSERT INTO send_schedule.commit_mark (name, number) VALUES ('\(markName)', \(number)) \
    ON CONFLICT (name) DO UPDATE SET number = excluded.number; COMMIT
    """
  }

  /// Whether the transaction with a mark took place, once its connection is gone for the server too.
  private func isCommitted(_ number: Int64, after lost: PostgreSQLConnection) throws -> Bool {
    let connection = try connect()
    defer { give(back: connection) }
    // What is still on its way to the old session must not be carried out later.
    _ = try? connection.execute(
      "SELECT pg_terminate_backend(CAST(?1 AS INTEGER), 10000)", [.integer(Int64(lost.processID))])
    let sql = "SELECT number FROM send_schedule.commit_mark WHERE name = ?1 FOR UPDATE"
    let answer = try connection.execute(sql, [.text(markName)])
    return answer.count == 1 && PostgreSQLRow(answer).integer(0) >= number
  }

  // MARK: Connections

  /// A connection with a transaction begun; one that broke while it was idle is replaced.
  private func begin(_ mode: String) throws -> PostgreSQLConnection {
    while let connection = idle.withLock({ $0.popLast() }) {
      do {
        try connection.command("BEGIN ISOLATION LEVEL \(mode)")
        return connection
      } catch let error as PostgreSQLError where error.isConnectionLost {
        continue
      }
    }
    let connection = try connect()
    try connection.command("BEGIN ISOLATION LEVEL \(mode)")
    return connection
  }

  private func connect() throws -> PostgreSQLConnection {
    let connection = try PostgreSQLConnection(conninfo)
    try connection.command("SET search_path = send_schedule")
    return connection
  }

  private func give(back connection: PostgreSQLConnection) {
    idle.withLock { idle in
      if idle.count < Self.mostIdle { idle.append(connection) }
    }
  }

  /// Ends a transaction that failed.
  private func leave(_ connection: PostgreSQLConnection) {
    guard connection.isAlive, (try? connection.command("ROLLBACK")) != nil else { return }
    give(back: connection)
  }

  private func translating<T>(_ body: () throws -> T) throws -> T {
    do {
      return try body()
    } catch let error as PostgreSQLError {
      throw error.storeError(place: name)
    }
  }
}
