import Glibc

/// What the file system says about the place of a database, before SQLite is asked.
struct StoreFile {
  enum Finding: Equatable {
    case missing
    /// A symbolic link to a file that is not there.
    case deadLink
    /// A file of no bytes, as `mktemp` makes it.
    case empty
    case file(isWritable: Bool)
  }

  let path: String

  /// What stands at the path; throws a ``StoreError`` if it can be no database.
  func look() throws -> Finding {
    var status = stat()
    guard stat(path, &status) == 0 else {
      switch errno {
      case ENOENT:
        return lstat(path, &status) == 0 ? .deadLink : .missing
      case EACCES, EPERM: throw StoreError.noPermission(path: path, to: "look at it")
      default: throw StoreError.inputOutput(path: path, reason: Self.reason(errno))
      }
    }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: throw StoreError.isDirectory(path: path)
    case S_IFREG: break
    default: throw StoreError.notOurs(path: path, found: "no ordinary file")
    }
    guard access(path, R_OK) == 0 else { throw StoreError.noPermission(path: path, to: "read it") }
    let isWritable = access(path, W_OK) == 0
    return status.st_size == 0 ? .empty : .file(isWritable: isWritable)
  }

  /// Throws a ``StoreError`` unless there is a directory for the file.
  func findParent() throws {
    let parent = PathName.parent(of: path)
    guard !parent.isEmpty, access(parent, F_OK) != 0 else { return }
    guard errno == ENOENT else { throw cannotCreate(errno) }
    throw StoreError.cannotCreate(path: path, reason: "there is no directory \(parent)")
  }

  /// Makes the directories that lead to the file, for their owner alone.
  func makeParents() throws {
    let parent = PathName.parent(of: path)
    guard !parent.isEmpty, access(parent, F_OK) != 0 else { return }
    var made = parent.hasPrefix("/") ? "/" : ""
    for part in parent.split(separator: "/") {
      made += part + "/"
      guard mkdir(made, 0o700) == 0 || errno == EEXIST || errno == EISDIR else { throw cannotCreate(errno) }
    }
  }

  /// Removes the file and what SQLite may have left beside it.
  func remove() {
    for suffix in ["", "-wal", "-shm", "-journal"] { unlink(path + suffix) }
  }

  /// Brings the directory's entry for the file to the disk; the error's number if that fails.
  func syncDirectory() -> Int32? {
    let parent = PathName.parent(of: path)
    let directory = open(parent.isEmpty ? "." : parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard directory >= 0 else { return nil }
    defer { close(directory) }
    // Some file systems cannot do it, and need not.
    return fsync(directory) == 0 || errno == EINVAL ? nil : errno
  }

  /// What an error of a write means.
  func cannotWrite(_ code: Int32) -> StoreError {
    code == ENOSPC || code == EDQUOT
      ? .diskFull(path: path) : .inputOutput(path: path, reason: Self.reason(code))
  }

  /// No file is made where a link leads.
  var cannotFollowLink: StoreError { .cannotCreate(path: path, reason: StoreError.deadLinkReason) }

  func cannotCreate(_ code: Int32) -> StoreError {
    switch code {
    case EACCES, EPERM: .noPermission(path: path, to: "create it")
    case EROFS: .readOnly(path: path)
    case ENOSPC, EDQUOT: .diskFull(path: path)
    case EIO: .inputOutput(path: path, reason: Self.reason(code))
    default: .cannotCreate(path: path, reason: Self.reason(code))
    }
  }

  private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
