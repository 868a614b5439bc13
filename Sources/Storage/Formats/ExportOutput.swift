import Formats
import Foundation

/// Why an export could not be written.
package enum ExportProblem: Error, Equatable, Sendable {
  /// Nobody reads any more; nothing needs to be said about it.
  case closed
  /// The disk is full, or something like it.
  case failed(reason: String)

  /// The sysexits code; for a closed pipe what a shell reports of a program that SIGPIPE ended.
  package var exitCode: Int32 {
    switch self {
    case .closed: 141
    case .failed: 74
    }
  }
}

extension ExportProblem: CustomStringConvertible {
  package var description: String {
    switch self {
    case .closed: "nobody reads the output"
    case .failed(let reason): "cannot write (\(reason))"
    }
  }
}

/// Writes JSON to a file or pipe, many objects at a time.
package struct ExportOutput {
  package var json = JSONBytes()
  private let descriptor: Int32
  private static let chunk = 128 * 1024

  package init(descriptor: Int32) { self.descriptor = descriptor }

  /// Writes what there is once it is enough for one call.
  package mutating func flushIfLarge() throws {
    if json.bytes.count >= Self.chunk { try flush() }
  }

  /// Writes all there is. Throws ``ExportProblem``.
  package mutating func flush() throws {
    try json.bytes.withUnsafeBytes { bytes in
      var done = 0
      while done < bytes.count, let start = bytes.baseAddress {
        let written = write(descriptor, start + done, bytes.count - done)
        if written < 0, errno == EINTR { continue }
        guard written > 0 else {
          throw errno == EPIPE ? ExportProblem.closed : .failed(reason: String(cString: strerror(errno)))
        }
        done += written
      }
    }
    json.removeAll()
  }
}
