import Glibc

/// Tells a file from any other, whatever its name.
struct FileIdentity: Hashable {
  private let device: UInt64
  private let inode: UInt64

  /// Nil if there is no file at the path.
  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    (device, inode) = (UInt64(status.st_dev), UInt64(status.st_ino))
  }
}
