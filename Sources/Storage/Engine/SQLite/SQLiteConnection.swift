import Foundation
import GRDB
import GRDBSQLite
import Synchronization

/// The connection to the file, which is replaced when a file that SQLite cannot watch has changed.
final class SQLiteConnection: Sendable {
  private struct State {
    var queue: DatabaseQueue
    var session: SQLiteSession
    /// What the file looked like when it was opened as one that nobody writes; nil for any other.
    var unwatched: FileMark?
  }

  private let path: String
  private let state: Mutex<State>

  /// Opens the file at `path`; `:memory:` is a database without a file.
  ///
  /// `isWritable` says whether the file may be written, `onlyReads` that nothing is meant to be.
  init(path: String, isWritable: Bool, onlyReads: Bool) throws {
    self.path = path
    if path == ":memory:" {
      let queue = try DatabaseQueue(configuration: Self.configuration(isReadOnly: false))
      state = Mutex(try Self.state(queue, path))
    } else if onlyReads {
      state = Mutex(try Self.openForReading(path, isWritable: isWritable))
    } else {
      state = Mutex(try Self.state(Self.open(path, isReadOnly: !isWritable), path))
    }
  }

  var queue: DatabaseQueue { state.withLock { $0.queue } }

  /// The connection, and the statements on it.
  var current: (queue: DatabaseQueue, session: SQLiteSession) {
    state.withLock { ($0.queue, $0.session) }
  }

  /// Closes the file; throws if something written is not where it belongs.
  func close() throws {
    let (queue, session) = current
    queue.inDatabase { _ in session.finish() }
    try queue.close()
  }

  /// Differs when an unwatched file was replaced or written; nil for a file that SQLite watches.
  var fileMark: FileMark? { state.withLock { $0.unwatched == nil ? nil : FileMark(path) } }

  /// Opens an unwatched file again if it changed.
  func renew() throws {
    try state.withLock { state in
      guard let known = state.unwatched, known != FileMark(path) else { return }
      state = try Self.openForReading(path, isWritable: false)
    }
  }

  private static func state(_ queue: DatabaseQueue, _ path: String, unwatched: FileMark? = nil) throws
    -> State
  {
    let session = try queue.inDatabase { db in
      guard let connection = db.sqliteConnection else {
        throw SQLiteFailure(code: SQLITE_MISUSE, message: "the connection is closed")
      }
      return SQLiteSession(connection, name: path)
    }
    return State(queue: queue, session: session, unwatched: unwatched)
  }

  private static func open(_ path: String, isReadOnly: Bool) throws -> DatabaseQueue {
    try DatabaseQueue(path: path, configuration: configuration(isReadOnly: isReadOnly))
  }

  /// Reading a WAL database takes a shared memory file beside it, which SQLite makes where there is none.
  private static func openForReading(_ path: String, isWritable: Bool) throws -> State {
    let mark = FileMark(path)
    do {
      let queue = try open(path, isReadOnly: !isWritable)
      _ = try queue.unsafeRead { try Int.fetchOne($0, sql: "SELECT count(*) FROM sqlite_master") }
      return try state(queue, path)
    } catch let error as DatabaseError where error.isForWantOfSharedMemory {
      // The directory may not be written, or the disk is full. Without a WAL nobody is writing, and the
      // file is all there is.
      guard !mark.hasWAL else { throw error }
      let escaped = path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? path
      return try state(open("file:\(escaped)?immutable=1", isReadOnly: true), path, unwatched: mark)
    }
  }

  private static func configuration(isReadOnly: Bool) -> Configuration {
    var configuration = Configuration()
    configuration.readonly = isReadOnly
    configuration.busyMode = .callback(waitWhileBusy)
    configuration.prepareDatabase { db in
      try db.execute(sql: "PRAGMA synchronous = FULL")
    }
    return configuration
  }

  /// Waits for another process: a little longer each time, never in step with the others, half a minute in all.
  private static func waitWhileBusy(_ tries: Int) -> Bool {
    guard tries < 6_000 else { return false }
    usleep(UInt32.random(in: 500...2_000) * UInt32(min(4, 1 + tries / 8)))
    return true
  }
}

extension DatabaseError {
  fileprivate var isForWantOfSharedMemory: Bool {
    switch resultCode {
    case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_IOERR, .SQLITE_FULL: true
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
