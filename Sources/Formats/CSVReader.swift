/// Reads CSV (RFC 4180) as it comes, row by row, in little memory.
///
/// Fields are separated by commas, semicolons or tabs, as the first row tells, and rows end with a line feed, a
/// carriage return or both. A quote stands only around a whole field, and doubled inside one. Rows without any
/// text are passed over.
struct CSVReader: ~Copyable {
  /// A row may have so many fields.
  static let columnLimit = 1024

  private var window: ByteWindow
  private let separator: UInt8
  /// Where the fields stand, from the beginning of the row, which stays in the window.
  private var places: [Range<Int>] = []
  /// Bytes of the row that were read.
  private var size = 0
  /// The line on which the row begins.
  private(set) var line = 1

  init(_ input: ImportInput, chunk: Int = ImportInput.chunk) throws {
    var window = try ByteWindow(input, chunk: chunk)
    separator = try Self.separator(of: &window)
    self.window = window
  }

  /// Reads the next row; false at the end.
  mutating func nextRow() throws -> Bool {
    var isEmpty = true
    repeat {
      window.advance(size)
      size = 0
      guard try window.byte() != nil else { return false }
      line = window.line
      places.removeAll(keepingCapacity: true)
      repeat {
        guard places.count < Self.columnLimit else {
          throw window.problem("at most \(Self.columnLimit) fields")
        }
        let place = try window.byte(size) == 0x22 ? quoted() : unquoted()
        if !place.isEmpty { isEmpty = false }
        places.append(place)
      } while try isFollowedByField()
    } while isEmpty
    return true
  }

  /// How many fields the row has.
  var count: Int { places.count }

  /// The UTF-8 of a field, which is there until the next row is read.
  subscript(index: Int) -> UnsafeBufferPointer<UInt8> { window.bytes(places[index]) }

  /// The texts of the fields.
  var fields: [String] { places.map { String(decoding: window.bytes($0), as: UTF8.self) } }

  /// A problem with the row.
  func problem(_ place: String, _ expected: String, found: String?) -> ImportProblem {
    ImportProblem(file: window.name, line: line, place: place, expected: expected, found: found)
  }

  /// Takes the separator that stands most often outside quotes in the first row with any text, or the one
  /// that a first line `sep=;` names, as Excel has it.
  private static func separator(of window: inout ByteWindow) throws -> UInt8 {
    let separators = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")]
    if try window.byte(0) == UInt8(ascii: "s"), try window.byte(1) == UInt8(ascii: "e"),
      try window.byte(2) == UInt8(ascii: "p"), try window.byte(3) == UInt8(ascii: "="),
      let named = try window.byte(4), separators.contains(named)
    {
      window.advance(5)
      return named
    }
    var counts = [0, 0, 0]
    var isQuoted = false
    var offset = 0
    while let byte = try window.byte(offset), offset < 1 << 16 {
      if byte == 0x22 { isQuoted.toggle() }
      if !isQuoted, byte == 0x0A || byte == 0x0D, counts != [0, 0, 0] { break }
      if !isQuoted, let index = separators.firstIndex(of: byte) { counts[index] += 1 }
      offset += 1
    }
    return separators[counts.firstIndex(of: counts.max() ?? 0) ?? 0]
  }

  /// Whether another field follows; the end of the row is consumed.
  private mutating func isFollowedByField() throws -> Bool {
    switch try window.byte(size) {
    case nil: return false
    case separator:
      size += 1
      return true
    case 0x0D:
      size += try window.byte(size + 1) == 0x0A ? 2 : 1
      window.line += 1
      return false
    case 0x0A:
      size += 1
      window.line += 1
      return false
    default:
      throw window.problem(
        "a separator or the end of the line after field \(places.count)", found: try window.found(at: size))
    }
  }

  private mutating func unquoted() throws -> Range<Int> {
    let start = size
    while let byte = try window.byte(size), byte != separator, byte != 0x0A, byte != 0x0D {
      if byte == 0x22 {
        throw window.problem(
          "a quote only around a whole field, and doubled inside it",
          found: "a quote in field \(places.count + 1)")
      }
      if byte == 0 { throw window.problem("a text without NUL characters") }
      size += 1
      size += window.plainCount(from: size, separator: separator)
    }
    try window.checkUTF8(start..<size)
    return start..<size
  }

  private mutating func quoted() throws -> Range<Int> {
    let start = size + 1
    var end = start
    var lines = 0
    var hasQuotes = false
    while let byte = try window.byte(end) {
      if byte == 0x0A { lines += 1 }
      if byte == 0 { throw window.problem("a text without NUL characters") }
      if byte == 0x22 {
        guard try window.byte(end + 1) == 0x22 else {
          try window.checkUTF8(start..<end)
          size = end + 1
          window.line += lines
          return hasQuotes ? start..<start + window.mergeDoubledQuotes(start..<end) : start..<end
        }
        hasQuotes = true
        end += 1
      }
      end += 1
    }
    throw window.problem(
      "a quote at the end of a field that begins here with one", found: "the end of the file")
  }
}
