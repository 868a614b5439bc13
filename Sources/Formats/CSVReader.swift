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
  private(set) var fields: [String] = []
  /// The line on which the row begins.
  private(set) var line = 1

  init(_ input: ImportInput, chunk: Int = ImportInput.chunk) throws {
    var window = try ByteWindow(input, chunk: chunk)
    separator = try Self.separator(of: &window)
    self.window = window
  }

  /// Reads the next row into `fields`; false at the end.
  mutating func nextRow() throws -> Bool {
    repeat {
      guard try window.byte() != nil else { return false }
      line = window.line
      fields.removeAll(keepingCapacity: true)
      repeat {
        guard fields.count < Self.columnLimit else {
          throw window.problem("at most \(Self.columnLimit) fields")
        }
        fields.append(try window.byte() == 0x22 ? quoted() : unquoted())
      } while try isFollowedByField()
    } while fields.allSatisfy(\.isEmpty)
    return true
  }

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
    switch try window.byte() {
    case nil: return false
    case separator:
      window.advance()
      return true
    case 0x0D:
      window.advance(try window.byte(1) == 0x0A ? 2 : 1)
      window.line += 1
      return false
    case 0x0A:
      window.advance()
      window.line += 1
      return false
    default:
      throw window.problem(
        "a separator or the end of the line after field \(fields.count)", found: try window.foundNext())
    }
  }

  private mutating func unquoted() throws -> String {
    var count = 0
    while let byte = try window.byte(count), byte != separator, byte != 0x0A, byte != 0x0D {
      if byte == 0x22 {
        throw window.problem(
          "a quote only around a whole field, and doubled inside it",
          found: "a quote in field \(fields.count + 1)")
      }
      if byte == 0 { throw window.problem("a text without NUL characters") }
      count += 1
      count += window.plainCount(from: count, separator: separator)
    }
    let text = try window.text(0..<count)
    window.advance(count)
    return text
  }

  private mutating func quoted() throws -> String {
    var count = 1
    var lines = 0
    var hasQuotes = false
    while let byte = try window.byte(count) {
      if byte == 0x0A { lines += 1 }
      if byte == 0 { throw window.problem("a text without NUL characters") }
      if byte == 0x22 {
        guard try window.byte(count + 1) == 0x22 else {
          var text = try window.text(1..<count)
          if hasQuotes { text = text.replacing("\"\"", with: "\"") }
          window.advance(count + 1)
          window.line += lines
          return text
        }
        hasQuotes = true
        count += 1
      }
      count += 1
    }
    throw window.problem(
      "a quote at the end of a field that begins here with one", found: "the end of the file")
  }
}
