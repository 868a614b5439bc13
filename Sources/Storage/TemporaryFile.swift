import Glibc

/// A file under a name that nobody can guess, beside the one that it is to become; for its owner alone.
///
/// It is locked as long as this process works on it, so that the next run knows what an interrupted one left behind.
struct TemporaryFile: ~Copyable {
  let path: String
  private let target: String
  private let descriptor: Int32

  /// Makes an empty file; errors name `target`. What interrupted runs left of the same target is removed first.
  init(for target: String) throws {
    Self.removeLeftovers(of: target)
    self.target = target
    var made = try Self.make(for: target)
    // Another process may take it for a leftover in the moment before it is locked.
    while !made.isKept {
      close(made.descriptor)
      made = try Self.make(for: target)
    }
    (path, descriptor) = (made.path, made.descriptor)
  }

  /// Makes an empty file and locks it; it is not kept if somebody else locked it first, to remove it.
  private static func make(for target: String) throws -> (path: String, descriptor: Int32, isKept: Bool) {
    let name = (0..<2).map { _ in String(UInt64.random(in: .min ... .max), radix: 16) }.joined()
    let path = "\(target).new-\(name)"
    let descriptor = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw StoreFile(path: target).cannotCreate(errno) }
    // Where files cannot be locked nobody removes one either.
    let isTaken = flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK
    var status = stat()
    return (path, descriptor, !isTaken && lstat(path, &status) == 0)
  }

  deinit {
    close(descriptor)
    StoreFile(path: path).remove()
  }

  /// Gives the complete file its name; false if something else has it by now. An empty file, as `mktemp` makes it, is
  /// as good as none.
  ///
  /// All of it is on the disk when this returns; if that fails nothing has the name.
  func move() throws -> Bool {
    for suffix in ["-wal", "-journal"] {
      var status = stat()
      if stat(path + suffix, &status) == 0, status.st_size > 0 {
        throw StoreError.inputOutput(path: target, reason: "not everything could be written to the file")
      }
    }
    guard fsync(descriptor) == 0 else { throw StoreFile(path: target).cannotWrite(errno) }
    guard try renameToTarget() else { return false }
    let file = StoreFile(path: target)
    if let code = file.syncDirectory() {
      file.remove()
      throw file.cannotWrite(code)
    }
    return true
  }

  private func renameToTarget() throws -> Bool {
    if link(path, target) == 0 {
      // The file is complete under its own name; if the other one stays, the next run removes it.
      unlink(path)
      return true
    }
    switch errno {
    case EEXIST: return try replaceEmpty()
    case EPERM, EOPNOTSUPP, EMLINK:
      // A file system without hard links.
      guard access(target, F_OK) != 0 else { return try replaceEmpty() }
      guard rename(path, target) == 0 else { throw StoreFile(path: target).cannotCreate(errno) }
      return true
    default: throw StoreFile(path: target).cannotCreate(errno)
    }
  }

  /// Takes the place of an empty file, under its lock: others may want the same.
  private func replaceEmpty() throws -> Bool {
    let empty = open(target, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
    guard empty >= 0 else { return false }
    defer { close(empty) }
    flock(empty, LOCK_EX)
    var (held, named) = (stat(), stat())
    guard fstat(empty, &held) == 0, stat(target, &named) == 0, held.st_ino == named.st_ino,
      held.st_dev == named.st_dev, held.st_size == 0
    else { return false }
    guard rename(path, target) == 0 else { throw StoreFile(path: target).cannotCreate(errno) }
    return true
  }

  private static func removeLeftovers(of target: String) {
    let directory = PathName.parent(of: target)
    let prefix = PathName.last(of: target) + ".new-"
    // What SQLite keeps beside a file goes with it; nobody locks that by itself.
    let isBeside = { (name: String) in ["-wal", "-shm", "-journal"].contains { name.hasSuffix($0) } }
    for name in PathName.names(in: directory.isEmpty ? "." : directory)
    where name.hasPrefix(prefix) && !isBeside(name) {
      let file = (directory.isEmpty ? "." : directory) + "/" + name
      let descriptor = open(file, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
      guard descriptor >= 0 else { continue }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { StoreFile(path: file).remove() }
      close(descriptor)
    }
  }
}
