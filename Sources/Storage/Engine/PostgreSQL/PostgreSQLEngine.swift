import CPostgreSQL
import Glibc
import Scheduling
import Synchronization

/// A gateway in a PostgreSQL database, shared with any number of other programs and hosts.
///
/// Tables stand in the schema `send_schedule`. A write is repeated where the server asks for it; of one whose
/// connection broke while it was committed, the server is asked whether it took place.
package final class PostgreSQLEngine: Engine {
  /// Where the database is, for people: never with a password.
  package let name: String
  let conninfo: String
  private let mayWrite: Bool
  /// The server is a CockroachDB, or is to be treated as one.
  let isCockroach: Bool
  /// Called before each statement of a transaction, and its commit.
  private let beforeEach: StatementHook?
  /// Connections that nobody uses at the moment.
  private let idle = Mutex<[PostgreSQLConnection]>([])
  /// How many writes of this engine the version counts.
  private let ownWrites = Atomic<Int64>(0)
  private let offset = Atomic<Int64>(0)
  /// Tells this engine's notifications from others'.
  let identity: String
  /// Whether each connection shows that the program runs.
  private let isMarked: Bool

  /// How long a write goes on trying while others are in the way, or while it is not known whether it took place.
  private static let patience: Duration = 30 * .second
  /// How long to go on trying while no server answers: it may be restarting.
  private static let absence: Duration = 5 * .second
  private static let mostIdle = 4

  /// Connects to a database; throws ``StoreError/unreachable(place:reason:)`` and the like.
  ///
  /// `isMarked` shows others that the program runs (``RunningMark``). For tests, `isCockroach` treats the server as a
  /// CockroachDB, whatever it is, and what `beforeEach` throws is taken for the server's answer to a statement.
  init(
    _ conninfo: String, mayWrite: Bool, isCockroach: Bool = false, identity: String? = nil,
    isMarked: Bool = false, beforeEach: StatementHook? = nil
  ) throws {
    self.isMarked = isMarked
    self.identity = identity ?? String(UInt64.random(in: 1...UInt64.max), radix: 36)
    self.beforeEach = beforeEach
    self.conninfo = conninfo
    self.mayWrite = mayWrite
    name = try PostgreSQLConnection.describe(conninfo)
    let first = try Self.translating(name) { try PostgreSQLConnection(conninfo, isCockroach: isCockroach) }
    self.isCockroach = first.isCockroach
    give(back: prepare(first))
  }

  /// Whether a `--database` names a server rather than a file.
  package static func isConnectionString(_ text: String) -> Bool {
    text.hasPrefix("postgresql://") || text.hasPrefix("postgres://") || text.hasPrefix("service=")
  }

  package var dialect: Dialect { .postgresql }

  package func read<T>(isRepeatable: Bool, _ body: (any Session) throws -> T) throws -> T {
    try translating {
      // Rows may have been handed on already: then only a connection that broke while idle is replaced.
      try repeating(where: { isRepeatable && ($0.isToBeRepeated || $0.isConnectionLost) }) {
        let connection = try take(isAlive: !isRepeatable)
        do {
          let result = try body(PostgreSQLSession(connection, .reading, beforeEach))
          try connection.command("COMMIT")
          give(back: connection)
          return result
        } catch {
          leave(connection)
          throw error
        }
      }
    }
  }

  package func write<T>(_ isolation: Isolation, _ body: (any Session) throws -> T) throws -> T {
    guard mayWrite else { throw StoreError.readOnly(path: name) }
    return try translating {
      try repeating(where: { $0.isToBeRepeated || $0.isConnectionLost }) {
        try attempt(on: take(), .init(isolation), body)
      }
    }
  }

  package func writeInTurn<T>(_ body: (any Session, Turn) throws -> T) throws -> T {
    let result = try write(.lockingPhones) { session in
      // The server writes in order: the next commit that waits for the disk brings this one there as well.
      try session.send("SET LOCAL synchronous_commit = off", [])
      return try body(session, Turn(milliseconds: Self.turn))
    }
    usleep(Self.gap)
    return result
  }

  /// How long a turn is, in milliseconds.
  private static let turn = 10
  /// The time between two turns, in microseconds. Whoever waits for a phone's row is woken when a turn ends, and would find
  /// it locked again by the next one.
  private static let gap: UInt32 = 2_000

  package var isAlone: Bool { false }

  /// A CockroachDB has no such locks, and says that it gave one.
  package func presence() -> (any Presence)? { isCockroach ? nil : try? PostgreSQLPresence(conninfo) }

  package func isRunning(_ process: String) -> Bool? {
    if isCockroach { return nil }
    return try? read(isRepeatable: true) { try PostgreSQLPresence.isRunning(process, $0) }
  }

  /// How often others wrote, and how often this engine did.
  package func version() throws -> StoreVersion {
    try read(isRepeatable: true) { session in
      let own = ownWrites.load(ordering: .relaxed)
      let all = try session.integer("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM change") ?? 0
      return StoreVersion(marks: [all - own], own: own)
    }
  }

  package var clockOffset: Duration { offset.load(ordering: .relaxed) }

  package func changes() -> (any Changes)? {
    isCockroach ? nil : PostgreSQLChanges(self)
  }

  package func close() throws { idle.withLock { $0.removeAll() } }

  /// How often the connections that nobody uses waited for the server.
  var journeys: Int { idle.withLock { $0.reduce(0) { $0 + $1.journeys } } }

  /// Tries again, for as long as is patient, what failed for a reason that passes.
  private func repeating<T>(where passes: (PostgreSQLError) -> Bool, _ body: () throws -> T) throws -> T {
    let start = ContinuousClock.now
    var pause: UInt32 = 1_000
    while true {
      do {
        return try body()
      } catch let error as PostgreSQLError where passes(error) {
        // The others broke as well, as a rule.
        if error.isConnectionLost { idle.withLock { $0.removeAll() } }
        let patience = error.isConnectionLost ? Self.absence : Self.patience
        guard ContinuousClock.now - start < .milliseconds(patience) else { throw error }
        // Others are not to meet again in step.
        usleep(UInt32.random(in: pause / 2...pause))
        pause = min(pause * 2, error.isConnectionLost ? 500_000 : 20_000)
      }
    }
  }

  /// One run of a write's body, with its commit.
  private func attempt<T>(
    on connection: PostgreSQLConnection, _ kind: PostgreSQLTransaction, _ body: (any Session) throws -> T
  ) throws -> T {
    let session = PostgreSQLSession(connection, kind, beforeEach)
    defer { if let seen = session.clockOffset { offset.store(seen, ordering: .relaxed) } }
    let result: T
    do {
      result = try body(session)
    } catch {
      leave(connection)
      throw error
    }
    do {
      if try session.commit(identity: identity) { ownWrites.add(1, ordering: .relaxed) }
    } catch let error as PostgreSQLError where error.isConnectionLost {
      guard try tookPlace(connection) else { throw error }
      return result
    } catch {
      leave(connection)
      throw error
    }
    give(back: connection)
    return result
  }

  /// Whether the transaction took place whose commit a connection was lost in.
  private func tookPlace(_ lost: PostgreSQLConnection) throws -> Bool {
    let start = ContinuousClock.now
    while true {
      do {
        return try lost.proof.wasCommitted(askingOn: connect())
      } catch let error as PostgreSQLError where error.isConnectionLost {
        guard ContinuousClock.now - start < .milliseconds(Self.patience) else {
          throw StoreError.unreachable(
            place: name, reason: "\(error.message); it is not known whether the last change took place")
        }
        usleep(200_000)
      }
    }
  }

  // MARK: Connections

  /// A connection that nobody uses. It may have broken while it was idle, unless `isAlive` asks it.
  private func take(isAlive: Bool = false) throws -> PostgreSQLConnection {
    while let connection = idle.withLock({ $0.popLast() }) {
      if !isAlive || (try? connection.command("")) != nil { return connection }
    }
    return try repeating(where: \.isConnectionLost, connect)
  }

  private func connect() throws -> PostgreSQLConnection {
    prepare(try PostgreSQLConnection(conninfo, isCockroach: isCockroach))
  }

  private func prepare(_ connection: PostgreSQLConnection) -> PostgreSQLConnection {
    if isCockroach {
      connection.proof = CommitMark()
      if mayWrite { try? CommitMark.forgetOld(on: connection) }
    } else if isMarked {
      try? RunningMark.set(identity, on: connection)
    }
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

  private func translating<T>(_ body: () throws -> T) throws -> T { try Self.translating(name, body) }

  private static func translating<T>(_ name: String, _ body: () throws -> T) throws -> T {
    do {
      return try body()
    } catch let error as PostgreSQLError {
      throw error.storeError(place: name)
    }
  }
}
