import Foundation

/// What the file system says about the place of a database, before SQLite is asked.
struct StoreFile {
  enum Finding: Equatable {
    case missing
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
      case ENOENT: return .missing
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

  /// Makes the directories that lead to the file, for their owner alone.
  func makeParents() throws {
    let parent = (path as NSString).deletingLastPathComponent
    guard !parent.isEmpty, access(parent, F_OK) != 0 else { return }
    var made = parent.hasPrefix("/") ? "/" : ""
    for part in parent.split(separator: "/") {
      made += part + "/"
      guard mkdir(made, 0o700) == 0 || errno == EEXIST || errno == EISDIR else { throw cannotCreate(errno) }
    }
  }

  /// Makes an empty file for its owner alone; false if there is one already.
  ///
  /// Errors name `target`, which the file is meant to become.
  func makeEmpty(for target: String) throws -> Bool {
    let file = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
    guard file >= 0 else {
      if errno == EEXIST { return false }
      throw StoreFile(path: target).cannotCreate(errno)
    }
    close(file)
    return true
  }

  /// Gives the file the name `target`, unless something has it; false then. The old name goes.
  func move(to target: String) throws -> Bool {
    defer { unlink(path) }
    if link(path, target) == 0 { return true }
    switch errno {
    case EEXIST: return false
    case EPERM, EOPNOTSUPP, EMLINK:
      // A file system without hard links.
      guard access(target, F_OK) != 0 else { return false }
      guard rename(path, target) == 0 else { throw StoreFile(path: target).cannotCreate(errno) }
      return true
    default: throw StoreFile(path: target).cannotCreate(errno)
    }
  }

  /// Removes the file and what SQLite may have left beside it.
  func remove() {
    for suffix in ["", "-wal", "-shm", "-journal"] { unlink(path + suffix) }
  }

  /// Brings the directory's entry for the file to the disk.
  func syncDirectory() {
    let parent = (path as NSString).deletingLastPathComponent
    let directory = open(parent.isEmpty ? "." : parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard directory >= 0 else { return }
    fsync(directory)
    close(directory)
  }

  private func cannotCreate(_ code: Int32) -> StoreError {
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
