import Foundation
import GRDB
import GRDBSQLite
import Scheduling
import Synchronization

/// The connection to the file, which is replaced when a file that SQLite cannot watch has changed.
final class SQLiteConnection: Sendable {
  private struct State {
    var queue: DatabaseQueue
    var session: SQLiteSession
    /// What the file looked like when it was opened as one that nobody writes; nil for any other.
    var unwatched: FileMark?
  }

  /// Where the file is; `:memory:` for a database without one.
  private let file: String
  /// What errors call it.
  private let name: String
  private let state: Mutex<State>
  private let identity: FileIdentity?
  let wait: LockWait

  /// Opens the file at `file`.
  ///
  /// `isWritable` says whether the file may be written, `onlyReads` that nothing is meant to be.
  init(file: String, name: String, isWritable: Bool, onlyReads: Bool, wait: LockWait) throws {
    self.file = file
    self.name = name
    self.wait = wait
    if file == ":memory:" {
      let queue = try DatabaseQueue(configuration: Self.configuration(isReadOnly: false, wait))
      state = Mutex(try Self.state(queue, name))
      identity = nil
    } else if onlyReads {
      state = Mutex(try Self.openForReading(file, name, isWritable: isWritable, wait))
      identity = FileIdentity(file)
    } else {
      state = Mutex(try Self.state(Self.open(file, isReadOnly: !isWritable, wait), name))
      identity = FileIdentity(file)
    }
  }

  /// The connection, and the statements on it.
  var current: (queue: DatabaseQueue, session: SQLiteSession) {
    state.withLock { ($0.queue, $0.session) }
  }

  /// Differs when an unwatched file was replaced or written; nil for a file that SQLite watches.
  var fileMark: FileMark? { state.withLock { $0.unwatched == nil ? nil : FileMark(file) } }

  /// Whether the name still leads to the open file.
  var isInPlace: Bool { identity == nil || FileIdentity(file) == identity }

  /// Throws if it does not: what is written would be lost.
  func checkPlace() throws {
    guard isInPlace else { throw StoreError.replaced(path: name) }
  }

  /// Opens an unwatched file again if it changed.
  func renew() throws {
    try state.withLock { state in
      guard let known = state.unwatched, known != FileMark(file) else { return }
      state = try Self.openForReading(file, name, isWritable: false, wait)
    }
  }

  /// Closes the file.
  func close() throws {
    let (queue, session) = current
    queue.inDatabase { _ in session.finish() }
    try queue.close()
  }

  // MARK: - Opening

  private static func state(_ queue: DatabaseQueue, _ name: String, unwatched: FileMark? = nil) throws
    -> State
  {
    let session = try queue.inDatabase { db in
      guard let connection = db.sqliteConnection else {
        throw SQLiteFailure(code: SQLITE_MISUSE, message: "the connection is closed")
      }
      return SQLiteSession(connection, name: name)
    }
    return State(queue: queue, session: session, unwatched: unwatched)
  }

  private static func open(_ file: String, isReadOnly: Bool, _ wait: LockWait) throws -> DatabaseQueue {
    try DatabaseQueue(path: file, configuration: configuration(isReadOnly: isReadOnly, wait))
  }

  /// Reading a WAL database takes a shared memory file beside it, which SQLite makes where there is none.
  private static func openForReading(
    _ file: String, _ name: String, isWritable: Bool, _ wait: LockWait
  ) throws -> State {
    let mark = FileMark(file)
    do {
      let state = try state(open(file, isReadOnly: !isWritable, wait), name)
      _ = try state.queue.inDatabase { _ in try state.session.integer("SELECT count(*) FROM sqlite_master") }
      return state
    } catch {
      let failure = StoreError.translating(error, path: name)
      guard (failure as? StoreError)?.isForWantOfSharedMemory == true, !mark.hasWAL else { throw failure }
      // The directory may not be written, or the disk is full. Without a WAL nobody is writing, and the
      // file is all there is.
      let escaped = file.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? file
      return try state(
        open("file:\(escaped)?immutable=1", isReadOnly: true, wait), name, unwatched: mark)
    }
  }

  private static func configuration(isReadOnly: Bool, _ wait: LockWait) -> Configuration {
    var configuration = Configuration()
    configuration.readonly = isReadOnly
    configuration.busyMode = .callback { wait.goesOn($0) }
    configuration.prepareDatabase { db in
      try db.execute(sql: "PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 16777216")
    }
    return configuration
  }
}

extension StoreError {
  fileprivate var isForWantOfSharedMemory: Bool {
    switch self {
    case .noPermission, .readOnly, .inputOutput, .diskFull: true
    default: false
    }
  }
}

/// What tells one state of a file from another without opening it.
struct FileMark: Equatable {
  /// Whether something stands in a write-ahead log.
  let hasWAL: Bool
  private let inode: UInt64
  private let size: Int64
  private let seconds: Int
  private let nanoseconds: Int

  /// All of it, to be compared.
  var numbers: [Int64] {
    [hasWAL ? 1 : 0, Int64(bitPattern: inode), size, Int64(seconds), Int64(nanoseconds)]
  }

  init(_ path: String) {
    var status = Foundation.stat()
    stat(path, &status)
    inode = UInt64(status.st_ino)
    size = Int64(status.st_size)
    seconds = status.st_mtim.tv_sec
    nanoseconds = status.st_mtim.tv_nsec
    var log = Foundation.stat()
    hasWAL = stat(path + "-wal", &log) == 0 && log.st_size > 0
  }
}
