import Formats
import Foundation

/// The bytes of an input as they come, chunk after chunk; the ground of the JSON and the CSV reader.
struct ImportChunks: ~Copyable {
  let input: ImportInput
  /// What was read and not yet consumed stands from `position` until just before `end`.
  let buffer: UnsafeMutablePointer<UInt8>
  var position = 0
  private(set) var end = 0
  /// From 1; whoever consumes a line feed counts it.
  var line = 1
  private var isExhausted = false
  private let capacity: Int

  /// Reads an input from its beginning. A byte order mark of UTF-8 is passed over.
  init(_ input: ImportInput, capacity: Int = ImportInput.chunk) throws {
    self.input = input
    self.capacity = max(capacity, 16)
    buffer = .allocate(capacity: self.capacity)
    input.rewind()
    if try has(3), buffer[0] == 0xEF, buffer[1] == 0xBB, buffer[2] == 0xBF { position = 3 }
  }

  deinit { buffer.deallocate() }

  /// Whether at least `count` bytes (16 at the most) stand in the buffer; reads on if need be.
  @inline(__always)
  mutating func has(_ count: Int) throws -> Bool {
    if end - position >= count { return true }
    return try fill(count)
  }

  /// The next byte, which stays; nil at the end.
  @inline(__always)
  mutating func peek() throws -> UInt8? {
    try has(1) ? buffer[position] : nil
  }

  private mutating func fill(_ count: Int) throws -> Bool {
    memmove(buffer, buffer + position, end - position)
    end -= position
    position = 0
    while end < count && !isExhausted {
      let added = try input.read(into: buffer + end, capacity: capacity - end)
      if added == 0 { isExhausted = true }
      end += added
    }
    return end >= count
  }

  /// A problem at this line.
  func problem(_ expected: String, found: String? = nil) -> ImportProblem {
    ImportProblem(file: input.name, line: line, expected: expected, found: found)
  }

  /// What comes next, in words for an error.
  mutating func foundNext() throws -> String {
    guard let byte = try peek() else { return "the end of the file" }
    _ = try has(4)
    let rest = UnsafeBufferPointer(start: buffer + position, count: end - position)
    let length = UTF8Decoding.scalar(in: rest, at: 0).length
    return byte == 0x22
      ? "a quote" : ImportProblem.quote(UnsafeBufferPointer(rebasing: rest[..<length]))
  }

  /// Takes the characters beyond ASCII that stand here.
  mutating func character(into arena: inout ByteArena, keeps: Bool) throws {
    while let byte = try peek(), byte >= 0x80 {
      let length = UTF8Decoding.length(byte)
      guard length > 0, try has(length) else { throw problem("UTF-8", found: hexadecimal(byte)) }
      let bytes = UnsafeBufferPointer(start: buffer + position, count: length)
      guard UTF8Decoding.scalar(in: bytes, at: 0).scalar != nil else {
        throw problem("UTF-8", found: hexadecimal(byte))
      }
      if keeps { arena.append(buffer + position, count: length) }
      position += length
    }
  }

  private func hexadecimal(_ byte: UInt8) -> String {
    "the byte 0x" + String(byte, radix: 16, uppercase: true)
  }
}
