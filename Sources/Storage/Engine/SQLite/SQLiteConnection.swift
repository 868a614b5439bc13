import Glibc
import Scheduling
import Synchronization

/// The connection to the file, which is replaced when a file that SQLite cannot watch has changed.
final class SQLiteConnection: Sendable {
  private struct State {
    var handle: SQLiteHandle
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
      state = Mutex(
        State(handle: try SQLiteHandle(file: file, name: name, isReadOnly: false, wait: wait)))
      identity = nil
    } else if onlyReads {
      state = Mutex(try Self.openForReading(file, name, isWritable: isWritable, wait))
      identity = FileIdentity(file)
    } else {
      state = Mutex(
        State(handle: try SQLiteHandle(file: file, name: name, isReadOnly: !isWritable, wait: wait)))
      identity = FileIdentity(file)
    }
  }

  /// The connection as it is now.
  var current: SQLiteHandle { state.withLock { $0.handle } }

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
  func close() throws { try current.close() }

  /// One for each file, since it stays open.
  private static let presences = Mutex<[FileIdentity: FilePresence]>([:])

  func presence() -> FilePresence? {
    guard let identity else { return nil }
    return Self.presences.withLock { known in
      if known[identity] == nil { known[identity] = FilePresence(file: file) }
      return known[identity]
    }
  }

  // MARK: - Opening

  /// Reading a WAL database takes a shared memory file beside it, which SQLite makes where there is none.
  private static func openForReading(
    _ file: String, _ name: String, isWritable: Bool, _ wait: LockWait
  ) throws -> State {
    let mark = FileMark(file)
    do {
      let handle = try SQLiteHandle(file: file, name: name, isReadOnly: !isWritable, wait: wait)
      _ = try handle.use { session in try session.integer("SELECT count(*) FROM sqlite_master") }
      return State(handle: handle)
    } catch {
      let failure = StoreError.translating(error, path: name)
      guard (failure as? StoreError)?.isForWantOfSharedMemory == true, !mark.hasWAL else { throw failure }
      // The directory may not be written, or the disk is full. Without a WAL nobody is writing, and the
      // file is all there is.
      let handle = try SQLiteHandle(
        file: "file:\(escaped(file))?immutable=1", name: name, isReadOnly: true, wait: wait)
      return State(handle: handle, unwatched: mark)
    }
  }

  /// A path as it stands in a URI.
  private static func escaped(_ path: String) -> String {
    var text = ""
    for byte in path.utf8 {
      let scalar = Unicode.Scalar(byte)
      if byte < 0x80, scalar.properties.isAlphabetic || "0123456789/-._~".unicodeScalars.contains(scalar) {
        text.unicodeScalars.append(scalar)
      } else {
        let digits = String(byte, radix: 16)
        text += (byte < 16 ? "%0" : "%") + digits
      }
    }
    return text
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
    var status = Glibc.stat()
    stat(path, &status)
    inode = UInt64(status.st_ino)
    size = Int64(status.st_size)
    seconds = status.st_mtim.tv_sec
    nanoseconds = status.st_mtim.tv_nsec
    var log = Glibc.stat()
    hasWAL = stat(path + "-wal", &log) == 0 && log.st_size > 0
  }
}
