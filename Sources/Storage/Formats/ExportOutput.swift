import Formats
import Glibc

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

/// Writes JSON to a file, or to whatever else takes bytes, many objects at a time.
///
/// What goes to a pipe waits in a temporary file without a name until ``finish()``: whoever reads slowly would else
/// keep one state of the database alive, and its log growing, as long as they like.
package struct ExportOutput: ~Copyable {
  package var json = JSONBytes()
  private let target: Int32
  private let spool: SpoolFile?
  private static let chunk = 128 * 1024

  /// Without room for a temporary file it writes to the pipe at once.
  package init(descriptor: Int32) {
    target = descriptor
    var status = stat()
    let isFile = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    spool = isFile ? nil : try? SpoolFile()
  }

  /// Writes what there is once it is enough for one call.
  package mutating func flushIfLarge() throws {
    if json.bytes.count >= Self.chunk { try flush() }
  }

  /// Writes all there is. Throws ``ExportProblem``.
  package mutating func flush() throws {
    try json.bytes.withUnsafeBytes { try Self.write($0, to: spool?.descriptor ?? target) }
    json.removeAll()
  }

  /// Hands on what waits. Throws ``ExportProblem``.
  package mutating func finish() throws {
    try flush()
    guard let spool else { return }
    guard lseek(spool.descriptor, 0, SEEK_SET) == 0 else { throw Self.failure }
    try withUnsafeTemporaryAllocation(byteCount: Self.chunk, alignment: 16) { buffer in
      while true {
        let count = Glibc.read(spool.descriptor, buffer.baseAddress, buffer.count)
        if count < 0, errno == EINTR { continue }
        if count < 0 { throw Self.failure }
        if count == 0 { return }
        try Self.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]), to: target)
      }
    }
  }

  private static var failure: ExportProblem { failure(errno) }

  private static func failure(_ code: Int32) -> ExportProblem {
    code == EPIPE ? .closed : .failed(reason: String(cString: strerror(code)))
  }

  private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) throws {
    if let code = AllBytes.write(bytes, to: descriptor) { throw failure(code) }
  }
}
