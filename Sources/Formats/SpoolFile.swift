import Glibc

/// A file without a name, which goes with this value.
package final class SpoolFile {
  package let descriptor: Int32

  /// Makes it in `$TMPDIR`, or else in /tmp, for its owner alone. Throws ``ImportProblem`` with exit code 74.
  package init() throws {
    let named = getenv("TMPDIR").map { String(cString: $0) } ?? ""
    let directory = named.isEmpty ? "/tmp" : named
    var template = Array((directory + "/send-schedule-XXXXXX").utf8CString)
    descriptor = mkstemp(&template)
    guard descriptor >= 0 else {
      let reason = String(cString: strerror(errno))
      throw ImportProblem(
        file: directory, expected: "cannot keep a temporary file (\(reason))", exitCode: 74)
    }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    unlink(template)
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Writes bytes where the last ones ended.
  package func append(_ bytes: UnsafeRawBufferPointer) throws {
    if let code = AllBytes.write(bytes, to: descriptor) { throw Self.problem(code) }
  }

  /// Fills `bytes` with what stands from an offset on, all of which was written.
  package func read(_ bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws {
    var done = 0
    while done < bytes.count, let start = bytes.baseAddress {
      let count = pread(descriptor, start + done, bytes.count - done, off_t(offset + done))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Self.problem(count == 0 ? EIO : errno) }
      done += count
    }
  }

  private static func problem(_ code: Int32) -> ImportProblem {
    let reason = String(cString: strerror(code))
    return ImportProblem(
      file: "import", expected: "cannot use a temporary file (\(reason))", exitCode: 74)
  }
}
