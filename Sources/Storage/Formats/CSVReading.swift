import Formats

/// Reads CSV (RFC 4180) as it comes, row by row, in little memory.
///
/// Rows end with a line feed, a carriage return or both. A quote stands only around a whole field, and
/// doubled inside one. Rows without any text are passed over.
struct CSVReader: ~Copyable {
  /// A field may have so many bytes.
  static let fieldLimit = 16 << 20
  /// A row may have so many fields.
  static let columnLimit = 1024

  private var chunks: ImportChunks
  private(set) var bytes = ByteArena(capacity: 4096)
  /// Where the fields of the row lie in `bytes`.
  private(set) var fields: [Range<Int>] = []
  /// The line on which the row begins.
  private(set) var line = 1

  init(_ input: ImportInput, chunk: Int = ImportInput.chunk) throws {
    chunks = try ImportChunks(input, capacity: chunk)
  }

  /// Reads the next row into `fields`; false at the end.
  mutating func nextRow() throws -> Bool {
    repeat {
      guard try chunks.peek() != nil else { return false }
      line = chunks.line
      bytes.removeAll()
      fields.removeAll(keepingCapacity: true)
      repeat { try readField() } while try isFollowedByField()
    } while bytes.count == 0
    return true
  }

  /// A field of the row; nil beyond its last one. It is good until the next row.
  func field(_ index: Int) -> UnsafeBufferPointer<UInt8>? {
    index < fields.count ? bytes[fields[index]] : nil
  }

  /// A problem with the row.
  func problem(_ place: String, _ expected: String, found: String?) -> ImportProblem {
    ImportProblem(file: chunks.input.name, line: line, place: place, expected: expected, found: found)
  }

  private mutating func readField() throws {
    let start = bytes.count
    if try chunks.peek() == UInt8(ascii: "\"") {
      chunks.position += 1
      try quoted(from: chunks.line)
    } else {
      try unquoted()
    }
    guard bytes.count - start <= Self.fieldLimit, fields.count < Self.columnLimit else {
      throw chunks.problem("at most \(Self.columnLimit) fields of at most \(Self.fieldLimit) bytes")
    }
    fields.append(start..<bytes.count)
  }

  /// Whether a comma follows a field; the end of the row is consumed.
  private mutating func isFollowedByField() throws -> Bool {
    switch try chunks.peek() {
    case nil: return false
    case UInt8(ascii: ","):
      chunks.position += 1
      return true
    case 0x0D:
      chunks.position += 1
      if try chunks.peek() == 0x0A { chunks.position += 1 }
      chunks.line += 1
      return false
    case 0x0A:
      chunks.position += 1
      chunks.line += 1
      return false
    default:
      throw chunks.problem(
        "a comma or the end of the line after field \(fields.count)", found: try chunks.foundNext())
    }
  }

  private mutating func unquoted() throws {
    while try chunks.has(1) {
      let start = chunks.position
      var index = start
      while index < chunks.end {
        let byte = chunks.buffer[index]
        if byte < 0x30, byte == 0x2C || byte == 0x0A || byte == 0x0D || byte == 0x22 || byte == 0 { break }
        if byte >= 0x80 { break }
        index += 1
      }
      if index > start { bytes.append(chunks.buffer + start, count: index - start) }
      chunks.position = index
      guard index < chunks.end else { continue }
      let byte = chunks.buffer[index]
      if byte < 0x80 {
        if byte == 0x22 {
          throw chunks.problem(
            "a quote only around a whole field, and doubled inside it",
            found: "a quote in field \(fields.count + 1)")
        }
        if byte == 0 { throw chunks.problem("a text without NUL characters") }
        return
      }
      try chunks.character(into: &bytes, keeps: true)
    }
  }

  /// Reads a field after its opening quote, which stood on line `first`.
  private mutating func quoted(from first: Int) throws {
    while try chunks.has(1) {
      let start = chunks.position
      var index = start
      while index < chunks.end {
        let byte = chunks.buffer[index]
        if byte == 0x22 || byte >= 0x80 || byte == 0 { break }
        if byte == 0x0A { chunks.line += 1 }
        index += 1
      }
      if index > start { bytes.append(chunks.buffer + start, count: index - start) }
      chunks.position = index
      guard index < chunks.end else { continue }
      if chunks.buffer[index] >= 0x80 {
        try chunks.character(into: &bytes, keeps: true)
        continue
      }
      if chunks.buffer[index] == 0 { throw chunks.problem("a text without NUL characters") }
      chunks.position += 1
      guard try chunks.peek() == 0x22 else { return }
      bytes.append(0x22)
      chunks.position += 1
    }
    chunks.line = first
    throw chunks.problem(
      "a quote at the end of a field that begins here with one", found: "the end of the file")
  }
}
