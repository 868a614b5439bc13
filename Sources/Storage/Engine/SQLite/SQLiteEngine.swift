import Glibc
import Scheduling
import Synchronization

/// The gateway in one SQLite file.
///
/// Reads see one state of the file; writes are immediate transactions, on the disk when they return.
final class SQLiteEngine: Engine {
  let dialect = Dialect.sqlite
  let name: String
  private let connection: SQLiteConnection
  /// The connection to the file, for what only SQLite can do.
  var handle: SQLiteHandle { connection.current }
  /// How often this engine wrote: SQLite's own count leaves those out.
  private let ownWrites = Atomic<Int64>(0)

  let isAlone: Bool

  /// `isAlone` where the file has no name yet, or the database no file.
  init(_ connection: SQLiteConnection, name: String, isAlone: Bool = false) {
    self.connection = connection
    self.name = name
    self.isAlone = isAlone
  }

  func read<T>(isRepeatable: Bool, _ body: (any Session) throws -> T) throws -> T {
    try translatingErrors {
      try connection.renew()
      return try connection.current.transaction(.reading, body)
    }
  }

  func write<T>(_ isolation: Isolation, _ body: (any Session) throws -> T) throws -> T {
    try write(isLasting: true, body)
  }

  private func write<T>(isLasting: Bool, _ body: (any Session) throws -> T) throws -> T {
    try translatingErrors {
      try connection.current.transaction(.writing, isLasting: isLasting) { session in
        let before = session.changes
        // What changed nothing wakes nobody.
        defer { if session.changes != before { ownWrites.add(1, ordering: .relaxed) } }
        try connection.checkPlace()
        let result = try body(session)
        try connection.checkPlace()
        return result
      }
    }
  }

  func writeInTurn<T>(_ body: (any Session, Turn) throws -> T) throws -> T {
    guard !isAlone else { return try write(.serializable) { try body($0, Turn()) } }
    // Nobody waits for the disk meanwhile.
    let result = try write(isLasting: false) { try body($0, Turn(milliseconds: Self.turn)) }
    usleep(Self.gap)
    return result
  }

  /// How long a turn is, in milliseconds.
  private static let turn = 8
  /// The time between two turns, in microseconds: those who wait look again after two milliseconds at the latest, while
  /// they did not wait long.
  private static let gap: UInt32 = 3_000

  func presence() -> (any Presence)? { isAlone ? nil : connection.presence() }

  func isRunning(_ process: String) -> Bool? { isAlone ? nil : connection.presence()?.isRunning(process) }

  let clockOffset: Duration = 0

  func changes() -> (any Changes)? { nil }

  /// Whether the file that is written to is still the one of its name: it may be moved, deleted or replaced.
  var isInPlace: Bool { connection.isInPlace }

  /// Uses the connection outside of a transaction.
  func alone<T>(_ body: (SQLiteSession) throws -> T) throws -> T {
    try translatingErrors { try connection.current.use(body) }
  }

  func version() throws -> StoreVersion {
    let others = try alone { try $0.integer("PRAGMA data_version") ?? 0 }
    return StoreVersion(
      marks: [others] + (connection.fileMark?.numbers ?? []), own: ownWrites.load(ordering: .relaxed))
  }

  func close() throws {
    try translatingErrors { try connection.close() }
  }

  func translatingErrors<T>(_ body: () throws -> T) throws -> T {
    do {
      return try body()
    } catch {
      let error = StoreError.translating(error, path: name)
      if case StoreError.busy = error, connection.wait.wasEnded {
        throw StoreError.waitEnded(path: name)
      }
      throw error
    }
  }
}
