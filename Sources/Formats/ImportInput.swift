import Glibc

/// One file of an import, which is read in chunks and may be read several times.
///
/// A pipe is first copied to a temporary file without a name, so that it can be read again and nobody
/// who waits for the database waits for whoever writes into the pipe.
package final class ImportInput {
  /// Is told how many bytes were read just now; throwing ends the import.
  package typealias Monitor = (_ bytes: Int) throws -> Void

  /// As it stands in messages.
  package let name: String
  /// In bytes.
  package let size: Int
  private let file: Int32
  /// Where a pipe was copied to.
  private let spool: SpoolFile?
  private let first: off_t
  private var offset: off_t = 0
  private let monitor: Monitor

  package static let chunk = 256 * 1024

  /// Opens a file, or standard input for `-`. Throws ``ImportProblem`` with exit code 66 or 74.
  package convenience init(path: String, monitor: @escaping Monitor = { _ in }) throws {
    if path == "-" {
      try self.init(descriptor: dup(STDIN_FILENO), name: "standard input", monitor: monitor)
    } else {
      let file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
      guard file >= 0 else { throw Self.unreadable(path, errno) }
      try self.init(descriptor: file, name: path, monitor: monitor)
    }
  }

  /// Takes over an open file.
  package init(descriptor: Int32, name: String, monitor: @escaping Monitor = { _ in }) throws {
    self.name = name
    self.monitor = monitor
    var status = stat()
    guard descriptor >= 0, fstat(descriptor, &status) == 0 else { throw Self.unreadable(name, errno) }
    guard status.st_mode & S_IFMT != S_IFDIR else {
      close(descriptor)
      throw ImportProblem(file: name, expected: "is a directory, expected a file", exitCode: 66)
    }
    if status.st_mode & S_IFMT == S_IFREG {
      file = descriptor
      spool = nil
      first = max(0, lseek(descriptor, 0, SEEK_CUR))
      size = max(0, status.st_size - first)
    } else {
      defer { close(descriptor) }
      let (spool, count) = try Self.spool(descriptor, name: name, monitor: monitor)
      self.spool = spool
      (file, size, first) = (spool.descriptor, count, 0)
    }
    offset = first
  }

  deinit { if spool == nil { close(file) } }

  /// Begins again.
  package func rewind() { offset = first }

  /// Reads up to `capacity` bytes; 0 at the end.
  package func read(into buffer: UnsafeMutablePointer<UInt8>, capacity: Int) throws -> Int {
    while true {
      let count = pread(file, buffer, capacity, offset)
      if count >= 0 {
        offset += count
        try monitor(count)
        return count
      }
      guard errno == EINTR else {
        throw ImportProblem(
          file: name, expected: "cannot be read on (\(Self.reason(errno)))", exitCode: 74)
      }
      try monitor(0)
    }
  }

  /// Copies a pipe to a file without a name.
  private static func spool(_ pipe: Int32, name: String, monitor: Monitor) throws -> (SpoolFile, size: Int) {
    let file = try SpoolFile()
    let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: chunk)
    defer { buffer.deallocate() }
    var size = 0
    while true {
      try monitor(0)
      let count = Glibc.read(pipe, buffer, chunk)
      if count == 0 { return (file, size) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw unreadable(name, errno, exitCode: 74) }
      try writeAll(buffer, count, to: file.descriptor)
      size += count
    }
  }

  private static func writeAll(_ bytes: UnsafeMutablePointer<UInt8>, _ count: Int, to file: Int32) throws {
    guard let code = AllBytes.write(UnsafeRawBufferPointer(start: bytes, count: count), to: file) else {
      return
    }
    throw ImportProblem(
      file: "standard input", expected: "cannot be kept in a temporary file (\(reason(code)))", exitCode: 74)
  }

  private static func unreadable(_ name: String, _ code: Int32, exitCode: Int32 = 66) -> ImportProblem {
    ImportProblem(file: name, expected: "cannot be read (\(reason(code)))", exitCode: exitCode)
  }

  private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
