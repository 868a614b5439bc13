import Glibc

/// What tells one state of a file from another without reading it.
struct FileStamp: Equatable, Sendable {
  var device: UInt64
  var inode: UInt64
  var size: Int64
  var seconds: Int64
  var nanoseconds: Int64

  /// The state of what a path leads to, through links; nil if there is nothing.
  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  init(_ status: stat) {
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    size = Int64(status.st_size)
    seconds = Int64(status.st_mtim.tv_sec)
    nanoseconds = Int64(status.st_mtim.tv_nsec)
  }
}

/// Files of the system, which are small.
enum SystemFile {
  enum Content: Equatable {
    case bytes([UInt8])
    /// Nothing is there, or a directory.
    case missing
    case unreadable(String)
  }

  /// The bytes of a regular file of at most `limit` bytes.
  static func read(_ path: String, limit: Int = 65_536) -> Content {
    // Whoever opens a pipe would wait for its writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      return errno == ENOENT || errno == ENOTDIR ? .missing : .unreadable(String(cString: strerror(errno)))
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return .unreadable(String(cString: strerror(errno))) }
    if status.st_mode & S_IFMT == S_IFDIR { return .missing }
    guard status.st_mode & S_IFMT == S_IFREG else { return .unreadable("it is no file") }
    guard status.st_size <= limit else { return .unreadable("it is too long") }
    return read(descriptor, limit: limit)
  }

  private static func read(_ descriptor: Int32, limit: Int) -> Content {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 8192)
    while true {
      let count = Glibc.read(descriptor, &piece, piece.count)
      if count < 0 {
        if errno == EINTR { continue }
        return .unreadable(String(cString: strerror(errno)))
      }
      if count == 0 { return .bytes(bytes) }
      bytes += piece[..<count]
      guard bytes.count <= limit else { return .unreadable("it is too long") }
    }
  }

  /// The text of a file; nil if it cannot be read.
  static func text(_ path: String, limit: Int = 1_048_576) -> String? {
    guard case .bytes(let bytes) = read(path, limit: limit) else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The first line of a file that has one, as far as it is short; nil if it cannot be read, or begins with none.
  static func firstLine(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = Glibc.read(descriptor, &bytes, bytes.count)
    let line = bytes.prefix(max(0, count)).prefix { $0 != 0x0A }
    return line.isEmpty ? nil : String(decoding: line, as: UTF8.self)
  }

  /// What stands in a directory, in no order, without hidden files.
  static func names(in directory: String) -> [(name: String, isDirectory: Bool)] {
    guard let stream = opendir(directory) else { return [] }
    defer { closedir(stream) }
    var names: [(name: String, isDirectory: Bool)] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasPrefix(".") { continue }
      names.append((name, isDirectory(directory + "/" + name, type: entry.pointee.d_type)))
    }
    return names
  }

  private static func isDirectory(_ path: String, type: UInt8) -> Bool {
    if type == UInt8(DT_DIR) { return true }
    if type == UInt8(DT_REG) { return false }
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Whether a file begins as RFC 9636 has it.
  static func isZone(_ path: String) -> Bool {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var magic = [UInt8](repeating: 0, count: 4)
    return Glibc.read(descriptor, &magic, 4) == 4 && magic == Array("TZif".utf8)
  }
}
