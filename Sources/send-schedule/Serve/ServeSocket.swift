import Glibc
import Storage

/// The Unix socket on which `queue serve` listens: for its owner alone, and gone when it ends.
struct ServeSocket {
  let path: String
  let descriptor: Int32
  private let inode: ino_t

  /// Listens at a path. What a server that died left there is removed; a server that lives keeps it.
  init(path: String) throws {
    self.path = path
    let folder = PathName.parent(of: path)
    // Two servers that start at once look one after the other.
    let guardian = open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard guardian >= 0 else { throw Self.failure(path, errno) }
    defer { close(guardian) }
    while flock(guardian, LOCK_EX) != 0, errno == EINTR {}
    try Self.removeStale(path)
    let descriptor = socket(
      AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw Self.failure(path, errno) }
    let mask = umask(0o177)
    let code = try Self.withAddress(path) { bind(descriptor, $0, $1) } == 0 ? 0 : errno
    umask(mask)
    guard code == 0, listen(descriptor, 128) == 0 else {
      let reason = code == 0 ? errno : code
      close(descriptor)
      throw Self.failure(path, reason)
    }
    var status = stat()
    stat(path, &status)
    self.descriptor = descriptor
    inode = status.st_ino
  }

  /// Takes the next client that knocks; nil if there is none.
  func accept() -> Int32? {
    let client = Glibc.accept(descriptor, nil, nil)
    guard client >= 0 else { return nil }
    _ = fcntl(client, F_SETFL, fcntl(client, F_GETFL) | O_NONBLOCK)
    _ = fcntl(client, F_SETFD, FD_CLOEXEC)
    return client
  }

  /// Stops listening, and removes the socket unless another one stands in its place.
  func end() {
    close(descriptor)
    var status = stat()
    if stat(path, &status) == 0, status.st_ino == inode { unlink(path) }
  }

  private static func removeStale(_ path: String) throws {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      throw Failure(code: 73, "--socket: \(path) exists and is no socket")
    }
    let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    defer { close(probe) }
    if try withAddress(path, { connect(probe, $0, $1) }) == 0 {
      throw Failure(code: Failure.temporary, "--socket: another server listens at \(path)")
    }
    guard errno == ECONNREFUSED else { throw failure(path, errno) }
    unlink(path)
  }

  private static func withAddress<T>(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> T) throws
    -> T
  {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let room = MemoryLayout.size(ofValue: address.sun_path) - 1
    guard !path.isEmpty, path.utf8.count <= room, !path.utf8.contains(0) else {
      throw Failure.usage("--socket: expected a path of 1 to \(room) bytes")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }

  private static func failure(_ path: String, _ code: Int32) -> Failure {
    let reason = String(cString: strerror(code))
    let exit: Int32 = code == EACCES || code == EPERM ? 77 : 73
    return Failure(code: exit, "--socket: \(path): \(reason)")
  }
}
