import Canvas
import Formats
import Glibc
import Scheduling
import Storage
import Synchronization

/// Standard output, gathered into large writes; everything else goes to standard error.
final class Output: Sendable {
  static let shared = Output()

  private let buffer = Mutex<[UInt8]>([])
  private static let size = 1 << 16

  /// Prints bytes as they are.
  func write(_ bytes: [UInt8]) throws {
    let full: [UInt8]? = buffer.withLock { buffer in
      buffer += bytes
      guard buffer.count >= Self.size else { return nil }
      defer { buffer.removeAll(keepingCapacity: true) }
      return buffer
    }
    if let full { try Self.put(full) }
  }

  /// Prints a line in which nothing can act on a terminal.
  func line(_ text: String) throws { try write(Array(harmless(text).utf8) + [0x0A]) }

  /// Prints JSON that `build` writes, as a line.
  func json(_ build: (inout JSONBytes) -> Void) throws {
    var json = JSONBytes()
    build(&json)
    json.newline()
    try write(json.bytes)
  }

  func flush() throws {
    let rest = buffer.withLock { buffer in
      defer { buffer.removeAll(keepingCapacity: true) }
      return buffer
    }
    try Self.put(rest)
  }

  /// Forgets what was not yet written.
  func discard() { buffer.withLock { $0.removeAll() } }

  /// Prints a line to standard error.
  static func complain(_ text: String) { putError(harmless(text) + "\n") }

  /// Says that a database was made where none was: the path may be mistyped.
  static func announceNew(_ path: String) { complain("send-schedule: made a new database: \(path)") }

  /// Prints a question to standard error, to be answered on the same line.
  static func ask(_ text: String) { putError(harmless(text)) }

  private static func putError(_ text: String) {
    let bytes = Array(text.utf8)
    _ = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  private static func put(_ bytes: [UInt8]) throws {
    guard let code = bytes.withUnsafeBytes({ AllBytes.write($0, to: STDOUT_FILENO) }) else { return }
    // Nobody reads any more, which is nothing to complain about.
    if code == EPIPE { throw Failure(code: Failure.closedPipe, "") }
    throw Failure(code: Failure.inputOutput, "standard output: \(String(cString: strerror(code)))")
  }
}
