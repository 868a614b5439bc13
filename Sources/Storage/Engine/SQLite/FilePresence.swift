import Glibc

/// Shows other processes that this one runs, by a lock on one byte of a file that all of them see.
///
/// The kernel releases it however the process ends, and it holds across containers, which do not know each other's
/// process numbers. The byte lies far beyond the file's end and the bytes that SQLite locks.
package final class FilePresence: Presence {
  /// Names this process.
  package let name: String
  /// Names the file among those of other machines and users.
  package let scope: String
  private let descriptor: Int32

  // As <fcntl.h> has them on Linux; locks of an open file, not of a process.
  private static let getLock: Int32 = 36
  private static let setLock: Int32 = 37
  private static let firstByte: Int64 = 1 << 41
  private static let mostBytes: Int64 = 1 << 40

  /// Nil if the file cannot be locked, as on some network file systems. `isMade` makes it where it is not there.
  package init?(file path: String, isMade: Bool = false) {
    descriptor = open(path, O_RDWR | O_CLOEXEC | (isMade ? O_CREAT : 0), 0o600)
    guard descriptor >= 0 else { return nil }
    scope = Self.scope(of: descriptor)
    for _ in 0..<100 {
      let number = Int64.random(in: 1..<Self.mostBytes)
      if Self.lock(descriptor, byte: number, Self.setLock) != nil {
        name = String(number)
        return
      }
    }
    return nil
  }

  // The descriptor stays open until the program ends: closing any of a file's descriptors would end the locks that
  // SQLite holds on it.

  private static func scope(of descriptor: Int32) -> String {
    var status = stat()
    fstat(descriptor, &status)
    var host = [CChar](repeating: 0, count: 256)
    gethostname(&host, host.count - 1)
    // The same in every process, as a `Hasher` is not: FNV-1a.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    let words =
      host.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)) + Array("\(status.st_dev) \(status.st_ino)".utf8)
    for byte in words { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return String(hash, radix: 36)
  }

  /// Whether a process with a name runs; nil if the file's locks cannot be asked for.
  package func isRunning(_ name: String) -> Bool? {
    guard let number = Int64(name), (1..<Self.mostBytes).contains(number), name != self.name else {
      return name == self.name
    }
    return Self.lock(descriptor, byte: number, Self.getLock).map { $0 != Int16(F_UNLCK) }
  }

  /// Locks a byte, or asks who has it locked; the type of lock that there is, nil if that failed.
  private static func lock(_ descriptor: Int32, byte: Int64, _ command: Int32) -> Int16? {
    var lock = flock()
    lock.l_type = Int16(F_WRLCK)
    lock.l_whence = Int16(SEEK_SET)
    lock.l_start = off_t(firstByte + byte)
    lock.l_len = 1
    let result = withUnsafeMutablePointer(to: &lock) { fcntl(descriptor, command, $0) }
    return result == 0 ? lock.l_type : nil
  }
}
