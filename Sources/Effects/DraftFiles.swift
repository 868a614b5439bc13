import Formats
import FoundationEssentials
import Glibc
import Storage

/// Drafts that cannot go into the database, as files that only their owner may read.
///
/// They lie beside the database, so that whoever finds the one finds the other; where that cannot be (a server, a
/// directory that is gone or full) in a directory of the user.
package struct DraftFiles: Sendable {
  private struct Place {
    /// What the paths of the files begin with.
    let prefix: String
    /// Whether the directory is made where it is not there.
    let isMade: Bool
  }

  /// The better place first.
  private let places: [Place]

  /// `database` is the path of a file, nil for a server; `name` is what errors call it; `userDirectory` is made
  /// when it is needed.
  package init(database: String?, name: String, userDirectory: String?) {
    places = [
      database.map { Place(prefix: $0 + "-draft-", isMade: false) },
      userDirectory.map { Place(prefix: "\($0)/\(Self.hash(name))-draft-", isMade: true) },
    ].compactMap { $0 }
  }

  private struct Record: Codable {
    var subject: String
    var author: String
    var payload: String
    var updatedAt: Int64
  }

  /// Writes a draft in place of the one with the same subject; false if no place takes it.
  func keep(_ draft: Storage.Draft) -> Bool {
    let record = Record(
      subject: draft.subject, author: draft.author, payload: draft.payload, updatedAt: draft.updatedAt)
    guard let bytes = try? JSONEncoder().encode(record) else { return false }
    let name = Self.hash(draft.subject, draft.author)
    return places.contains { place in
      if place.isMade { Self.makeDirectory(PathName.parent(of: place.prefix)) }
      return Self.write([UInt8](bytes), to: place.prefix + name)
    }
  }

  /// The drafts of an author, in any order.
  func drafts(of author: String) -> [Storage.Draft] {
    places.flatMap { Self.files($0.prefix) }.compactMap { path in
      guard let bytes = Self.read(path),
        let record = try? JSONDecoder().decode(Record.self, from: bytes), record.author == author
      else { return nil }
      return Storage.Draft(
        subject: record.subject, author: record.author, payload: record.payload, updatedAt: record.updatedAt)
    }
  }

  /// Removes a draft, if there is one.
  func forget(subject: String, author: String) {
    for place in places { unlink(place.prefix + Self.hash(subject, author)) }
  }

  // MARK: Files

  private static func files(_ prefix: String) -> [String] {
    let (directory, name) = (PathName.parent(of: prefix), PathName.last(of: prefix))
    return PathName.names(in: directory.isEmpty ? "." : directory).filter { $0.hasPrefix(name) }
      .map { prefix + $0.dropFirst(name.count) }
  }

  private static let longest = 1 << 24

  /// Nobody else's file is believed, nor one that others could have written.
  private static func read(_ path: String) -> Data? {
    let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o022 == 0,
      status.st_uid == geteuid(), status.st_size < longest
    else { return nil }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var count = 0
    while count < bytes.count {
      let more = bytes.withUnsafeMutableBytes { buffer in
        Glibc.read(descriptor, buffer.baseAddress.map { $0 + count }, buffer.count - count)
      }
      if more < 0, errno == EINTR { continue }
      guard more > 0 else { return nil }
      count += more
    }
    return Data(bytes)
  }

  /// The file has all of it, or is as before.
  private static func write(_ bytes: [UInt8], to path: String) -> Bool {
    var name = Array((path + ".XXXXXX").utf8CString)
    let descriptor = mkstemp(&name)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    let isWritten = fill(descriptor, bytes) && rename(name, path) == 0
    if !isWritten { unlink(name) }
    return isWritten
  }

  private static func fill(_ descriptor: Int32, _ bytes: [UInt8]) -> Bool {
    guard bytes.withUnsafeBytes({ AllBytes.write($0, to: descriptor) }) == nil else { return false }
    return fsync(descriptor) == 0 || errno == EINVAL
  }

  /// Makes a directory for its owner alone, and those that lead to it.
  package static func makeDirectory(_ path: String) {
    guard !path.isEmpty, access(path, F_OK) != 0 else { return }
    makeDirectory(PathName.parent(of: path))
    mkdir(path, 0o700)
  }

  /// A name for texts that are no names of files (FNV-1a).
  private static func hash(_ texts: String...) -> String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in texts.joined(separator: "\0").utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return String(hash, radix: 16)
  }
}
