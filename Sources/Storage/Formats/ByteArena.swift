import Foundation

/// A buffer of bytes that grows, is emptied and filled again without giving its memory back.
///
/// What lies in it is named by ranges; pointers into it are good until the next append.
struct ByteArena: ~Copyable {
  private var start: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  private(set) var count = 0

  init(capacity: Int = 1024) {
    self.capacity = capacity
    start = .allocate(capacity: capacity)
  }

  deinit { start.deallocate() }

  mutating func removeAll() { count = 0 }

  /// Forgets everything from `end` on.
  mutating func truncate(to end: Int) { count = min(count, end) }

  @inline(__always)
  mutating func append(_ byte: UInt8) {
    if count == capacity { grow(by: 1) }
    start[count] = byte
    count += 1
  }

  @inline(__always)
  mutating func append(_ bytes: UnsafePointer<UInt8>, count added: Int) {
    if count + added > capacity { grow(by: added) }
    memcpy(start + count, bytes, added)
    count += added
  }

  /// The bytes of a range.
  @inline(__always)
  subscript(range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: start + range.lowerBound, count: range.count)
  }

  private mutating func grow(by added: Int) {
    let larger = max(capacity * 2, count + added)
    let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
    memcpy(moved, start, count)
    start.deallocate()
    start = moved
    capacity = larger
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// The bytes as a string; what is not UTF-8 becomes U+FFFD.
  var string: String { String(decoding: self, as: UTF8.self) }

  /// Whether the bytes are those of a literal.
  func equals(_ literal: StaticString) -> Bool {
    count == literal.utf8CodeUnitCount
      && memcmp(baseAddress ?? literal.utf8Start, literal.utf8Start, count) == 0
  }

  /// Whether two texts are the same bytes.
  func equals(_ other: UnsafeBufferPointer<UInt8>) -> Bool {
    guard count == other.count else { return false }
    guard count > 0, let mine = baseAddress, let theirs = other.baseAddress else { return true }
    return memcmp(mine, theirs, count) == 0
  }

  /// Whether U+0000 is among them.
  var containsNUL: Bool {
    guard count > 0, let start = baseAddress else { return false }
    return memchr(start, 0, count) != nil
  }
}
