import Glibc
import Storage

/// Tells when somebody writes to the database, asleep until then (inotify on its directory).
///
/// Where that cannot be had ``descriptors`` is empty and nothing is told: look from time to time.
final class DatabaseWatch {
  private let descriptor: Int32
  private let names: Set<String>

  init(path: String) {
    let resolved = realpath(path, nil)
    let file = resolved.map { String(cString: $0) } ?? path
    free(resolved)
    let (parent, name) = (PathName.parent(of: file), PathName.last(of: file))
    names = [name, name + "-wal"]
    let opened = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
    let events = UInt32(IN_MODIFY | IN_CREATE | IN_MOVED_TO)
    if opened >= 0, inotify_add_watch(opened, parent.isEmpty ? "." : parent, events) < 0 {
      close(opened)
      descriptor = -1
    } else {
      descriptor = opened
    }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  var descriptors: [Int32] { descriptor >= 0 ? [descriptor] : [] }

  /// Whether the database was written to since the last call.
  func takeChange() -> Bool {
    guard descriptor >= 0 else { return false }
    var isChanged = false
    let size = 16 * 1024
    withUnsafeTemporaryAllocation(byteCount: size, alignment: 8) { buffer in
      while let base = buffer.baseAddress {
        let count = read(descriptor, base, size)
        if count <= 0 { break }
        isChanged = names(in: UnsafeRawBufferPointer(start: base, count: count)) || isChanged
      }
    }
    return isChanged
  }

  private func names(in buffer: UnsafeRawBufferPointer) -> Bool {
    var isOurs = false
    var offset = 0
    let header = MemoryLayout<inotify_event>.size
    while offset + header <= buffer.count {
      let event = buffer.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
      let bytes = buffer[offset + header..<min(offset + header + Int(event.len), buffer.count)]
      isOurs = isOurs || names.contains(String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self))
      offset += header + Int(event.len)
    }
    return isOurs
  }
}
