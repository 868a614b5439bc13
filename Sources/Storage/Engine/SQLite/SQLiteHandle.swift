import CSQLite
import Glibc

/// An open connection of SQLite, which one thread at a time uses.
final class SQLiteHandle: @unchecked Sendable {
  private let connection: OpaquePointer
  private let session: SQLiteSession
  private let lock: UnsafeMutablePointer<pthread_mutex_t>
  /// SQLite's busy handler points to it.
  private let wait: LockWait
  private var isClosed = false
  /// Whether a commit brings what was written to the disk.
  private var isLasting = true

  /// Opens a file, which is made if there is none and it may be written; `name` is what errors call it.
  ///
  /// `file` may be a URI.
  init(file: String, name: String, isReadOnly: Bool, wait: LockWait) throws {
    var opened: OpaquePointer?
    let access = isReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
    // Our lock lets one thread in at a time: SQLite's own are not needed.
    let code = sqlite3_open_v2(file, &opened, access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI, nil)
    guard code == SQLITE_OK, let opened else {
      let failure = opened.map(SQLiteFailure.init(of:))
      sqlite3_close_v2(opened)
      throw failure ?? SQLiteFailure(code: SQLITE_NOMEM, message: "out of memory")
    }
    connection = opened
    self.wait = wait
    session = SQLiteSession(opened, name: name)
    lock = .allocate(capacity: 1)
    pthread_mutex_init(lock, nil)
    try setUp()
  }

  private func setUp() throws {
    sqlite3_extended_result_codes(connection, 1)
    csqlite_refuse_quoted_texts(connection)
    sqlite3_busy_handler(
      connection,
      { wait, tries in
        guard let wait else { return 0 }
        return Unmanaged<LockWait>.fromOpaque(wait).takeUnretainedValue().goesOn(Int(tries)) ? 1 : 0
      }, Unmanaged.passUnretained(wait).toOpaque())
    try session.script(
      "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 16777216")
  }

  deinit {
    if !isClosed {
      session.finish()
      sqlite3_close_v2(connection)
    }
    pthread_mutex_destroy(lock)
    lock.deallocate()
  }

  /// Lets `body` use the connection while nobody else does.
  func use<T>(_ body: (SQLiteSession) throws -> T) throws -> T {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    guard !isClosed else { throw SQLiteFailure(code: SQLITE_MISUSE, message: "the connection is closed") }
    return try body(session)
  }

  /// Does a transaction, which is undone if `body` throws.
  ///
  /// Unless it `isLasting` it is on the disk only once a later one that is has been written: the log is in order.
  func transaction<T>(
    _ kind: SQLiteTransaction, isLasting: Bool = true, _ body: (SQLiteSession) throws -> T
  ) throws -> T {
    try use { session in
      if kind == .writing, isLasting != self.isLasting {
        // What turns delete is overwritten where that costs no further page: Debian's SQLite overwrites all of it otherwise.
        try session.script(
          isLasting
            ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL; PRAGMA secure_delete = FAST")
        self.isLasting = isLasting
      }
      switch kind {
      case .reading:
        try session.run(kind.rawValue)
        return try finish(session, body)
      case .writing:
        return try WritePause.around {
          try session.run(kind.rawValue)
        } _: {
          try finish(session, body)
        }
      }
    }
  }

  private func finish<T>(_ session: SQLiteSession, _ body: (SQLiteSession) throws -> T) throws -> T {
    do {
      let result = try body(session)
      try session.run("COMMIT")
      return result
    } catch {
      // Some failures end the transaction themselves.
      if sqlite3_get_autocommit(connection) == 0 { _ = try? session.run("ROLLBACK") }
      throw error
    }
  }

  /// Closes the file; after that nothing can be done with it.
  func close() throws {
    try use { session in
      session.finish()
      guard sqlite3_close(connection) == SQLITE_OK else { throw SQLiteFailure(of: connection) }
      isClosed = true
    }
  }

  /// Copies all pages to another connection's file.
  func copy(to target: SQLiteHandle) throws {
    try use { _ in
      try target.use { _ in
        guard let backup = sqlite3_backup_init(target.connection, "main", connection, "main") else {
          throw SQLiteFailure(of: target.connection)
        }
        let step = sqlite3_backup_step(backup, -1)
        let end = sqlite3_backup_finish(backup)
        guard step == SQLITE_DONE, end == SQLITE_OK else {
          let code = step == SQLITE_DONE ? end : step
          throw SQLiteFailure(code: code, message: String(cString: sqlite3_errstr(code)))
        }
      }
    }
  }
}

/// How a transaction begins.
enum SQLiteTransaction: String {
  case reading = "BEGIN DEFERRED"
  /// Nobody else may write from the start on.
  case writing = "BEGIN IMMEDIATE"
}
