import Glibc
import Storage
import Synchronization

/// Tells when somebody writes to the database, asleep until then: the server tells, or inotify of a file's directory.
///
/// Where that cannot be had ``descriptors`` is empty and nothing is told: look from time to time.
final class DatabaseWatch: Sendable {
  private let descriptor: Int32
  private let directory: String
  private let names: Set<String>
  /// Somebody wrote while nothing was told.
  private let hasMissed = Mutex(false)
  /// Where a server tells.
  private let server: (any Changes)?

  private static let changes = UInt32(IN_MODIFY | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO)
  /// What never happens to a directory that is being watched, but that it goes.
  private static let nothing = UInt32(IN_DELETE_SELF)

  init(_ store: Store) {
    let path = store.path
    server = store.changes()
    guard !Store.isOnServer(path) else {
      (descriptor, directory, names) = (-1, "", [])
      return
    }
    let file = PathName.real(path)
    let (parent, name) = (PathName.parent(of: file), PathName.last(of: file))
    names = [name, name + "-wal"]
    directory = parent.isEmpty ? "." : parent
    let opened = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
    if opened >= 0, inotify_add_watch(opened, directory, Self.changes) < 0 {
      close(opened)
      descriptor = -1
    } else {
      descriptor = opened
    }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  var descriptors: [Int32] {
    if let server { return [server.descriptor] }
    return descriptor >= 0 ? [descriptor] : []
  }

  /// Whether the database was written to since the last call.
  func takeChange() -> Bool {
    if let server { return server.take() != .nothing }
    guard descriptor >= 0 else { return false }
    var isChanged = hasMissed.withLock { hasMissed in
      defer { hasMissed = false }
      return hasMissed
    }
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

  /// Does a write that is no news: it wakes nobody who waits for ``descriptors``. Returns whether others wrote
  /// meanwhile, which the next ``takeChange()`` tells.
  ///
  /// `version` is the database's as the connection sees it that writes. One thread at a time.
  func silently(version: () throws -> StoreVersion?, _ write: () throws -> Void) throws -> Bool {
    guard descriptor >= 0 else {
      try write()
      return false
    }
    let before = try? version()
    // In place of the watch that there is; what was told before stays told.
    inotify_add_watch(descriptor, directory, Self.nothing)
    do {
      defer { inotify_add_watch(descriptor, directory, Self.changes) }
      try write()
    }
    // Now that changes are told again: what came until here is in the version.
    let after = try? version()
    guard let before, let after, after.mayHaveOthers(since: before) else { return false }
    hasMissed.withLock { $0 = true }
    return true
  }

  private func names(in buffer: UnsafeRawBufferPointer) -> Bool {
    var isOurs = false
    var offset = 0
    let header = MemoryLayout<inotify_event>.size
    while offset + header <= buffer.count {
      let event = buffer.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
      let bytes = buffer[offset + header..<min(offset + header + Int(event.len), buffer.count)]
      // More happened than could be told.
      let isOverflow = event.mask & UInt32(IN_Q_OVERFLOW) != 0
      isOurs =
        isOurs || isOverflow || names.contains(String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self))
      offset += header + Int(event.len)
    }
    return isOurs
  }
}
