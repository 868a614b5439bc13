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
}
