import CSQLite
import Glibc

extension StoreError {
  /// What an error of SQLite means for the database at `path`; other errors pass as they are.
  static func translating(_ error: any Error, path: String) -> any Error {
    switch error {
    case let failure as SQLiteFailure:
      meaning(of: failure.code, failure.message, path: path)
    default: error
    }
  }

  private static func meaning(of code: Int32, _ reason: String, path: String) -> StoreError {
    switch code & 0xFF {
    case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL: .busy(path: path)
    case SQLITE_NOTADB: .notOurs(path: path, found: "no SQLite file")
    case SQLITE_CORRUPT: .damaged(path: path, reason: reason)
    case SQLITE_FULL: .diskFull(path: path)
    case SQLITE_IOERR: isFull(path) ? .diskFull(path: path) : .inputOutput(path: path, reason: reason)
    case SQLITE_READONLY: .readOnly(path: path)
    case SQLITE_PERM, SQLITE_AUTH: .noPermission(path: path, to: "use it")
    case SQLITE_CANTOPEN: .noPermission(path: path, to: "open it, or to write beside it")
    case SQLITE_INTERRUPT, SQLITE_ABORT: .interrupted
    case SQLITE_CONSTRAINT, SQLITE_MISMATCH: .refusedRecord
    case SQLITE_TOOBIG: .invalid(field: "record", expected: "shorter texts")
    default: .failed(path: path, reason: reason)
    }
  }

  /// Whether the file system of a file has no room left. SQLite does not say so of its shared memory.
  private static func isFull(_ path: String) -> Bool {
    var status = statvfs()
    let parent = PathName.parent(of: path)
    // A file that is being made does not have its name yet.
    guard statvfs(path, &status) == 0 || statvfs(parent.isEmpty ? "." : parent, &status) == 0 else {
      return false
    }
    return status.f_bavail == 0
  }
}
