import Glibc

/// The text of an input as it comes: a window of UTF-8 that moves over the file and holds what is being read.
///
/// UTF-16 with its mark is turned into UTF-8 on the way; the mark of UTF-8 is passed over.
struct ByteWindow: ~Copyable {
  /// One text, number or row may have so many bytes.
  static let limit = 16 << 20

  /// What errors call the input.
  let name: String
  private let input: ImportInput?
  /// From 1; whoever passes a line feed counts it.
  var line = 1
  private var buffer: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  private var position = 0
  private var end = 0
  private var isExhausted = false
  private var utf16: UTF16Decoder?

  /// Reads an input from its beginning. Throws ``ImportProblem`` for what is no text, such as a workbook.
  init(_ input: ImportInput, chunk: Int = ImportInput.chunk) throws {
    self.input = input
    name = input.name
    capacity = max(chunk, 16)
    buffer = .allocate(capacity: capacity)
    input.rewind()
    try readMark()
  }

  /// Reads a text in memory.
  init(_ text: String) {
    input = nil
    name = "text"
    let bytes = Array(text.utf8)
    capacity = max(bytes.count, 1)
    buffer = .allocate(capacity: capacity)
    bytes.withUnsafeBufferPointer {
      if let start = $0.baseAddress { buffer.update(from: start, count: $0.count) }
    }
    end = bytes.count
    isExhausted = true
  }

  deinit { buffer.deallocate() }

  /// The byte `offset` bytes on, which stays; nil beyond the end.
  @inline(__always)
  mutating func byte(_ offset: Int = 0) throws -> UInt8? {
    if position + offset < end { return buffer[position + offset] }
    return try fill(offset) ? buffer[position + offset] : nil
  }

  /// How many of the bytes from `offset` on, as far as they are in the window, are none that ends or spoils a field.
  ///
  /// It looks at eight at a time (`haszero` of Anderson's "Bit Twiddling Hacks": the lowest bit that it finds is right).
  func plainCount(from offset: Int, separator: UInt8) -> Int {
    let (ones, highs): (UInt64, UInt64) = (0x0101_0101_0101_0101, 0x8080_8080_8080_8080)
    @inline(__always) func zeros(_ word: UInt64) -> UInt64 { (word &- ones) & ~word & highs }
    let separators = ones &* UInt64(separator)
    var place = position + offset
    while place + 8 <= end {
      let word = UInt64(littleEndian: UnsafeRawPointer(buffer + place).loadUnaligned(as: UInt64.self))
      let found =
        zeros(word) | zeros(word ^ separators) | zeros(word ^ ones &* 0x22) | zeros(word ^ ones &* 0x0A)
        | zeros(word ^ ones &* 0x0D)
      if found != 0 { return place + found.trailingZeroBitCount / 8 - position - offset }
      place += 8
    }
    while place < end {
      let byte = buffer[place]
      if byte == separator || byte == 0x22 || byte == 0x0A || byte == 0x0D || byte == 0 { break }
      place += 1
    }
    return place - position - offset
  }

  @inline(__always)
  mutating func advance(_ count: Int = 1) { position += count }

  /// Bytes that were looked at already; good until the next look.
  @inline(__always)
  func bytes(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: buffer + position + range.lowerBound, count: range.count)
  }

  /// The text of bytes that were looked at already.
  func text(_ range: Range<Int>) throws -> String {
    try checkUTF8(range)
    return String(decoding: bytes(range), as: UTF8.self)
  }

  /// Throws a problem for bytes that are no UTF-8.
  func checkUTF8(_ range: Range<Int>) throws {
    let bytes = bytes(range)
    var bits: UInt8 = 0
    for byte in bytes { bits |= byte }
    // To validate costs more than all the rest of reading a field.
    if bits >= 0x80, String(validating: bytes, as: UTF8.self) == nil { throw notUTF8(bytes) }
  }

  /// Turns doubled quotes among bytes that were looked at already into single ones, and says how many bytes those are then.
  mutating func mergeDoubledQuotes(_ range: Range<Int>) -> Int {
    let start = position + range.lowerBound
    var (from, to) = (start, start)
    while from < position + range.upperBound {
      if buffer[from] == 0x22 { from += 1 }
      buffer[to] = buffer[from]
      from += 1
      to += 1
    }
    return to - start
  }

  private mutating func fill(_ offset: Int) throws -> Bool {
    while position + offset >= end {
      if isExhausted { return false }
      if position > 0 {
        memmove(buffer, buffer + position, end - position)
        end -= position
        position = 0
      }
      if end * 2 > capacity { try grow() }
      let added = try read(into: buffer + end, capacity: capacity - end)
      if added == 0 { isExhausted = true }
      end += added
    }
    return true
  }

  private mutating func grow() throws {
    guard capacity <= 2 * Self.limit else { throw problem("at most \(Self.limit) bytes in one piece") }
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity * 2)
    memcpy(larger, buffer, end)
    buffer.deallocate()
    buffer = larger
    capacity *= 2
  }

  private mutating func read(into target: UnsafeMutablePointer<UInt8>, capacity: Int) throws -> Int {
    guard let input else { return 0 }
    guard utf16 != nil else { return try input.read(into: target, capacity: capacity) }
    return try utf16?.read(from: input, into: target, capacity: capacity, line: line) ?? 0
  }

  // MARK: - What kind of file it is

  private mutating func readMark() throws {
    switch (try byte(0), try byte(1), try byte(2), try byte(3)) {
    case (0xEF, 0xBB, 0xBF, _): position = 3
    case (0xFF, 0xFE, _, _): try restart(UTF16Decoder(isBigEndian: false))
    case (0xFE, 0xFF, _, _): try restart(UTF16Decoder(isBigEndian: true))
    case (0x50, 0x4B, 0x03, 0x04), (0xD0, 0xCF, 0x11, 0xE0):
      throw ImportProblem(
        file: name, expected: "this is an Excel workbook: save it as CSV (UTF-8)", isPlain: true)
    default: break
    }
  }

  private mutating func restart(_ decoder: UTF16Decoder) throws {
    utf16 = decoder
    (position, end, isExhausted) = (0, 0, false)
    input?.rewind()
    // The mark itself comes out as U+FEFF, three bytes.
    if try byte(2) != nil { position = 3 }
  }

  // MARK: - Problems

  /// A problem at this line.
  func problem(_ expected: String, found: String? = nil) -> ImportProblem {
    ImportProblem(file: name, line: line, expected: expected, found: found)
  }

  /// What stands `offset` bytes on, in words for an error.
  mutating func found(at offset: Int = 0) throws -> String {
    guard let first = try byte(offset) else { return "the end of the file" }
    if first == 0x22 { return "a quote" }
    var count = 1
    while count < 4, let next = try byte(offset + count), next & 0xC0 == 0x80 { count += 1 }
    return ImportProblem.quote(String(decoding: bytes(offset..<offset + count), as: UTF8.self))
  }

  private func notUTF8(_ bytes: UnsafeBufferPointer<UInt8>) -> ImportProblem {
    problem("UTF-8", found: firstInvalid(bytes))
  }

  /// The first byte that belongs to no character, in words.
  private func firstInvalid(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
    var index = 0
    while index < bytes.count {
      let first = bytes[index]
      let length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
      let upper = min(index + length, bytes.count)
      if String(validating: bytes[index..<upper], as: UTF8.self) == nil {
        return "the byte 0x" + String(first, radix: 16, uppercase: true)
      }
      index = upper
    }
    return nil
  }
}

/// Turns UTF-16 into UTF-8, chunk after chunk.
struct UTF16Decoder {
  let isBigEndian: Bool
  /// What was read and waits for its other half: at most a surrogate and a byte.
  private var rest: [UInt8] = []

  init(isBigEndian: Bool) { self.isBigEndian = isBigEndian }

  /// Reads up to `capacity` bytes of UTF-8, at least 16; 0 at the end.
  mutating func read(
    from input: ImportInput, into target: UnsafeMutablePointer<UInt8>, capacity: Int, line: Int
  ) throws -> Int {
    var count = 0
    while count == 0 {
      // Two bytes become at most three.
      var raw = [UInt8](repeating: 0, count: max(2, (capacity - 4) / 2))
      let added = try raw.withUnsafeMutableBufferPointer { buffer in
        try buffer.baseAddress.map { try input.read(into: $0, capacity: buffer.count) } ?? 0
      }
      if added == 0 {
        guard rest.isEmpty else { throw Self.problem(input, line) }
        return 0
      }
      let bytes = rest + raw[..<added]
      count = try decode(bytes, into: target, input, line)
    }
    return count
  }

  private mutating func decode(
    _ bytes: [UInt8], into target: UnsafeMutablePointer<UInt8>, _ input: ImportInput, _ line: Int
  ) throws -> Int {
    var count = 0
    var index = 0
    while index + 1 < bytes.count {
      let unit = unit(bytes, index)
      var scalar = Unicode.Scalar(UInt32(unit))
      var length = 2
      if UTF16.isLeadSurrogate(unit) {
        guard index + 3 < bytes.count else { break }
        let second = self.unit(bytes, index + 2)
        guard UTF16.isTrailSurrogate(second) else { throw Self.problem(input, line) }
        scalar = Unicode.Scalar(0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(second) - 0xDC00))
        length = 4
      }
      guard let scalar else { throw Self.problem(input, line) }
      for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
        target[count] = byte
        count += 1
      }
      index += length
    }
    rest = Array(bytes[index...])
    return count
  }

  private func unit(_ bytes: [UInt8], _ index: Int) -> UInt16 {
    let (first, second) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
    return isBigEndian ? first << 8 | second : second << 8 | first
  }

  private static func problem(_ input: ImportInput, _ line: Int) -> ImportProblem {
    ImportProblem(
      file: input.name, line: line, expected: "UTF-16, as its mark says", found: "half a character")
  }
}
