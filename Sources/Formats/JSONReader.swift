/// Reads JSON (RFC 8259, nothing looser) as it comes, value by value, in little memory.
///
/// Whoever reads asks for what should come next; anything else is an ``ImportProblem`` with its line.
/// After ``openObject()`` each ``nextKey()`` that is not nil is followed by reading or skipping one value,
/// after ``openArray()`` each ``nextElement()``.
struct JSONReader: ~Copyable {
  /// Deeper nesting is refused, so that hostile input cannot use up the stack.
  static let depthLimit = 256

  /// A key: one of the fields that an import knows, or another.
  enum Key: Equatable {
    case known(Field)
    case unknown
  }

  var window: ByteWindow
  private var depth = 0
  /// Whether the innermost open object or array has had no element so far.
  private var isFirst = true

  init(_ input: ImportInput, chunk: Int = ImportInput.chunk) throws {
    window = try ByteWindow(input, chunk: chunk)
  }

  /// Reads a text in memory.
  init(_ text: String) { window = ByteWindow(text) }

  /// The line of what comes next, once white space was passed over.
  var line: Int { window.line }

  // MARK: - Structure

  /// The first byte of the next value, which is not consumed.
  mutating func peek() throws -> UInt8 {
    guard let byte = try afterSpace() else { throw try unexpected("a value") }
    return byte
  }

  mutating func openObject() throws { try open(UInt8(ascii: "{"), "an object, which begins with {") }

  mutating func openArray() throws { try open(UInt8(ascii: "["), "a list, which begins with [") }

  /// Goes to the value of the next key; nil at the end of the object, which is then closed.
  mutating func nextKey() throws -> Key? {
    guard try next(before: UInt8(ascii: "}"), "a comma or }") else { return nil }
    guard try afterSpace() == 0x22 else { throw try unexpected("a key in quotes") }
    let (length, isPlain) = try scanText()
    let field =
      isPlain
      ? Field.named(window.bytes(1..<length - 1))
      : Field(rawValue: try unescaped(length))
    if field == nil { _ = try window.text(1..<length - 1) }
    window.advance(length)
    guard try afterSpace() == UInt8(ascii: ":") else { throw try unexpected("a colon after a key") }
    window.advance()
    return field.map(Key.known) ?? .unknown
  }

  /// Goes to the next element; false at the end of the array, which is then closed.
  mutating func nextElement() throws -> Bool { try next(before: UInt8(ascii: "]"), "a comma or ]") }

  /// Whether nothing but white space follows.
  mutating func isAtEnd() throws -> Bool { try afterSpace() == nil }

  private mutating func open(_ bracket: UInt8, _ expected: String) throws {
    guard try afterSpace() == bracket else { throw try unexpected(expected) }
    guard depth < Self.depthLimit else {
      throw window.problem("at most \(Self.depthLimit) levels of nesting")
    }
    window.advance()
    depth += 1
    isFirst = true
  }

  private mutating func next(before end: UInt8, _ expected: String) throws -> Bool {
    let byte = try afterSpace()
    if byte == end {
      window.advance()
      depth -= 1
      isFirst = false
      return false
    }
    if isFirst {
      isFirst = false
      return true
    }
    guard byte == UInt8(ascii: ",") else { throw try unexpected(expected) }
    window.advance()
    return true
  }

  /// The next byte that is not white space, which stays; nil at the end.
  @inline(__always)
  private mutating func afterSpace() throws -> UInt8? {
    while let byte = try window.byte() {
      switch byte {
      case 0x0A: window.line += 1
      case 0x20, 0x0D, 0x09: break
      default: return byte
      }
      window.advance()
    }
    return nil
  }

  private mutating func unexpected(_ expected: String) throws -> ImportProblem {
    window.problem(expected, found: try window.found())
  }

  // MARK: - Values

  /// Reads a value of any kind with all that is in it.
  mutating func value() throws -> JSONValue {
    switch try peek() {
    case UInt8(ascii: "{"): return .object(try object())
    case UInt8(ascii: "["):
      var list: [JSONNode] = []
      try openArray()
      while try nextElement() {
        _ = try peek()
        let line = line
        // What is longer than anything that makes sense is counted no further.
        if list.count < 20_000 { list.append(JSONNode(value: try value(), line: line)) } else { try skip() }
      }
      return .list(list)
    case 0x22: return .text(try text())
    case UInt8(ascii: "t"):
      try literal("true")
      return .boolean(true)
    case UInt8(ascii: "f"):
      try literal("false")
      return .boolean(false)
    case UInt8(ascii: "n"):
      try literal("null")
      return .null
    case UInt8(ascii: "-"), 0x30...0x39: return .number(try number())
    default: throw try unexpected("a value")
    }
  }

  /// Reads an object: the fields that an import knows; others have to be JSON and are ignored.
  mutating func object() throws -> JSONObject {
    _ = try peek()
    var object = JSONObject(line: line)
    try openObject()
    while let key = try nextKey() {
      guard case .known(let field) = key else {
        try skip()
        continue
      }
      _ = try peek()
      let line = line
      object.add(field, JSONNode(value: try value(), line: line))
    }
    return object
  }

  /// Passes over a value of any kind, which has to be JSON all the same.
  mutating func skip() throws {
    switch try peek() {
    case UInt8(ascii: "{"):
      try openObject()
      while try nextKey() != nil { try skip() }
    case UInt8(ascii: "["):
      try openArray()
      while try nextElement() { try skip() }
    default: _ = try value()
    }
  }

  private mutating func literal(_ word: StaticString) throws {
    for index in 0..<word.utf8CodeUnitCount {
      guard try window.byte() == word.utf8Start[index] else { throw try unexpected("\(word)") }
      window.advance()
    }
  }

  private mutating func number() throws -> String {
    let start = try window.byte() == UInt8(ascii: "-") ? 1 : 0
    var count = try digits(from: start)
    if try window.byte(start) == 0x30, count > start + 1 {
      throw window.problem("no zero in front of other digits")
    }
    if try window.byte(count) == UInt8(ascii: ".") { count = try digits(from: count + 1) }
    if let byte = try window.byte(count), byte | 0x20 == UInt8(ascii: "e") {
      let sign = try window.byte(count + 1)
      count = try digits(from: sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") ? count + 2 : count + 1)
    }
    let text = try window.text(0..<count)
    window.advance(count)
    return text
  }

  /// Passes over at least one digit.
  private mutating func digits(from start: Int) throws -> Int {
    var count = start
    while try isDigit(window.byte(count)) { count += 1 }
    guard count > start else {
      window.advance(start)
      throw try unexpected("a digit")
    }
    guard count - start <= 4096 else { throw window.problem("a number of at most 4096 digits") }
    return count
  }

  private func isDigit(_ byte: UInt8?) -> Bool { byte.map { (0x30...0x39).contains($0) } ?? false }

  // MARK: - Texts

  /// Reads a text in quotes.
  mutating func text() throws -> String {
    guard try peek() == 0x22 else { throw try unexpected("text") }
    let (length, isPlain) = try scanText()
    let text = isPlain ? try window.text(1..<length - 1) : try unescaped(length)
    window.advance(length)
    return text
  }

  /// Finds the end of the text that begins here: its length with both quotes, and whether it has no escapes.
  private mutating func scanText() throws -> (length: Int, isPlain: Bool) {
    var count = 1
    var isPlain = true
    while let byte = try window.byte(count) {
      if byte == 0x22 { return (count + 1, isPlain) }
      if byte == 0x5C {
        isPlain = false
        count += 1
        guard try window.byte(count) != nil else { break }
      } else if byte < 0x20 {
        window.advance(count)
        throw try unexpected("control characters of a text to be escaped")
      }
      count += 1
      if count > ByteWindow.limit { throw window.problem("a text of at most \(ByteWindow.limit) bytes") }
    }
    throw window.problem("a quote at the end of a text", found: "the end of the file")
  }

  /// The text of the token that begins here, with its escapes taken out.
  private func unescaped(_ length: Int) throws -> String {
    let bytes = window.bytes(1..<length - 1)
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      if byte == 0x5C {
        try unescape(bytes, &index, into: &text)
      } else {
        text.append(byte)
        index += 1
      }
    }
    guard let text = String(validating: text, as: UTF8.self) else { throw window.problem("UTF-8") }
    return text
  }

  private func unescape(
    _ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int, into text: inout [UInt8]
  ) throws {
    let byte = bytes[index + 1]
    index += 2
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "u"):
      let scalar = try escapedScalar(bytes, &index)
      text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    default:
      throw window.problem(
        "one of \" \\ / b f n r t u after a backslash",
        found: ImportProblem.quote(String(decoding: [byte], as: UTF8.self)))
    }
  }

  /// Four digits after `\u`, and a second escape after the first half of a pair.
  private func escapedScalar(_ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int) throws -> Unicode.Scalar
  {
    let first = try fourDigits(bytes, &index)
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard first < 0xDC00 else { throw window.problem("the first half of a surrogate pair before its second") }
    guard index + 1 < bytes.count, bytes[index] == 0x5C, bytes[index + 1] == UInt8(ascii: "u") else {
      throw window.problem("the second half of a surrogate pair")
    }
    index += 2
    let second = try fourDigits(bytes, &index)
    guard (0xDC00...0xDFFF).contains(second),
      let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    else { throw window.problem("the second half of a surrogate pair") }
    return scalar
  }

  private func fourDigits(_ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int) throws -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard index < bytes.count, let digit = Character(Unicode.Scalar(bytes[index])).hexDigitValue else {
        throw window.problem("four hexadecimal digits after \\u")
      }
      value = value << 4 | UInt32(digit)
      index += 1
    }
    return value
  }
}
