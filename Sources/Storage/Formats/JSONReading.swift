import Formats

/// Reads one JSON document (RFC 8259, nothing looser) as it comes, value by value, in little memory.
///
/// Whoever reads asks for what should come next; anything else is an ``ImportProblem`` with its line.
/// After ``openObject()`` each ``nextKey()`` that is true is followed by reading or skipping one value,
/// after ``openArray()`` each ``nextElement()``.
struct JSONReader: ~Copyable {
  /// What a value is.
  enum Kind: UInt8 {
    case object, array, text, number, boolean, null

    /// For an error: what was found.
    var words: String {
      switch self {
      case .object: "an object"
      case .array: "a list"
      case .text: "text"
      case .number: "a number"
      case .boolean: "true or false"
      case .null: "null"
      }
    }
  }

  /// Deeper nesting is refused, so that hostile input cannot use up the stack.
  static let depthLimit = 256
  /// A text that is kept may have so many bytes; one that is skipped any number.
  static let textLimit = 16 << 20

  var chunks: ImportChunks
  private var depth = 0
  /// Whether the innermost open object or array has had no element so far.
  private var isFirst = true
  private var keyBytes = ByteArena(capacity: 256)

  init(_ input: ImportInput, chunk: Int = ImportInput.chunk) throws {
    chunks = try ImportChunks(input, capacity: chunk)
  }

  /// The line of what comes next, once ``peek()`` has passed over the white space.
  var line: Int { chunks.line }

  /// The key that ``nextKey()`` found last; good until the next one.
  var key: UnsafeBufferPointer<UInt8> { mutating get { keyBytes[0..<keyBytes.count] } }

  // MARK: - Structure

  /// What the next value is; it is not consumed.
  mutating func peek() throws -> Kind {
    let byte = try afterSpace()
    switch byte {
    case UInt8(ascii: "{"): return .object
    case UInt8(ascii: "["): return .array
    case UInt8(ascii: "\""): return .text
    case UInt8(ascii: "-"): return .number
    case .some(0x30...0x39): return .number
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .boolean
    case UInt8(ascii: "n"): return .null
    default: throw chunks.problem("a value", found: try chunks.foundNext())
    }
  }

  mutating func openObject() throws { try open(UInt8(ascii: "{"), "an object, which begins with {") }

  mutating func openArray() throws { try open(UInt8(ascii: "["), "a list, which begins with [") }

  /// Goes to the value of the next key; false at the end of the object, which is then closed.
  mutating func nextKey() throws -> Bool {
    guard try next(before: UInt8(ascii: "}"), "a comma or }") else { return false }
    guard try afterSpace() == UInt8(ascii: "\"") else {
      throw chunks.problem("a key in quotes", found: try chunks.foundNext())
    }
    keyBytes.removeAll()
    chunks.position += 1
    try chunks.text(into: &keyBytes, keeps: true, limit: Self.textLimit)
    guard try afterSpace() == UInt8(ascii: ":") else {
      throw chunks.problem("a colon after a key", found: try chunks.foundNext())
    }
    chunks.position += 1
    return true
  }

  /// Goes to the next element; false at the end of the array, which is then closed.
  mutating func nextElement() throws -> Bool {
    try next(before: UInt8(ascii: "]"), "a comma or ]")
  }

  /// Makes sure that nothing but white space follows.
  mutating func finish() throws {
    if try afterSpace() != nil { throw chunks.problem("the end of the file", found: try chunks.foundNext()) }
  }

  /// Whether nothing but white space follows.
  mutating func isAtEnd() throws -> Bool { try afterSpace() == nil }

  private mutating func open(_ bracket: UInt8, _ expected: String) throws {
    guard try afterSpace() == bracket else { throw chunks.problem(expected, found: try chunks.foundNext()) }
    guard depth < Self.depthLimit else {
      throw chunks.problem("at most \(Self.depthLimit) levels of nesting")
    }
    chunks.position += 1
    depth += 1
    isFirst = true
  }

  private mutating func next(before end: UInt8, _ expected: String) throws -> Bool {
    let byte = try afterSpace()
    if byte == end {
      chunks.position += 1
      depth -= 1
      isFirst = false
      return false
    }
    if isFirst {
      isFirst = false
      return true
    }
    guard byte == UInt8(ascii: ",") else { throw chunks.problem(expected, found: try chunks.foundNext()) }
    chunks.position += 1
    return true
  }

  /// The next byte that is not white space, which stays; nil at the end.
  @inline(__always)
  private mutating func afterSpace() throws -> UInt8? {
    while true {
      guard let byte = try chunks.peek() else { return nil }
      switch byte {
      case 0x0A: chunks.line += 1
      case 0x20, 0x0D, 0x09: break
      default: return byte
      }
      chunks.position += 1
    }
  }

  // MARK: - Values

  /// Reads a text and appends it, unescaped, to an arena.
  mutating func text(into arena: inout ByteArena) throws {
    guard try peek() == .text else { throw chunks.problem("text", found: try chunks.foundNext()) }
    chunks.position += 1
    try chunks.text(into: &arena, keeps: true, limit: Self.textLimit)
  }

  /// Reads a number and appends it, as it is written, to an arena.
  mutating func number(into arena: inout ByteArena) throws {
    guard try peek() == .number else { throw chunks.problem("a number", found: try chunks.foundNext()) }
    try chunks.number(into: &arena)
  }

  mutating func boolean() throws -> Bool {
    let isTrue = try afterSpace() == UInt8(ascii: "t")
    try literal(isTrue ? "true" : "false")
    return isTrue
  }

  mutating func null() throws { try literal("null") }

  private mutating func literal(_ word: StaticString) throws {
    _ = try afterSpace()
    for index in 0..<word.utf8CodeUnitCount {
      guard try chunks.peek() == word.utf8Start[index] else {
        throw chunks.problem("\(word)", found: try chunks.foundNext())
      }
      chunks.position += 1
    }
  }

  /// Passes over a value of any kind, which has to be JSON all the same.
  mutating func skip() throws {
    switch try peek() {
    case .object:
      try openObject()
      while try nextKey() { try skip() }
    case .array:
      try openArray()
      while try nextElement() { try skip() }
    case .text:
      chunks.position += 1
      try chunks.text(into: &keyBytes, keeps: false, limit: Self.textLimit)
    case .number:
      keyBytes.removeAll()
      try chunks.number(into: &keyBytes)
    case .boolean: _ = try boolean()
    case .null: try null()
    }
  }
}
