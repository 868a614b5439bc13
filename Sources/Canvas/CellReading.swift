/// Hands out the text cell by cell: what to draw, and its 1 or 2 columns; `false` from `body` ends it.
///
/// A cell is one character with its marks, cut the way ncurses and the C library count columns, which
/// is finer than graphemes: two emoji that a joiner makes one are two cells.
@inline(__always)
func forEachCell(of text: String, _ body: (CellText, Int) -> Bool) {
  var text = text
  text.withUTF8 { bytes in
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      let isAlone = index + 1 == bytes.count || bytes[index + 1] < 0x80
      if byte >= 0x20 && byte < 0x7F && isAlone {
        guard body(CellText(Unicode.Scalar(byte)), 1) else { return }
        index += 1
        continue
      }
      if let (scalar, next) = loneScalar(bytes, at: index) {
        guard body(CellText(scalar), 1) else { return }
        index = next
        continue
      }
      var cell = CellBuilder()
      index = cell.take(from: bytes, at: index)
      guard cell.columns == 0 || body(cell.text, cell.columns) else { return }
    }
  }
}

/// A letter, drawing character or typographic sign of one column before ASCII, another such or the end, which is most of what is not ASCII.
private func loneScalar(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> (Unicode.Scalar, Int)? {
  guard bytes[index] >= 0x80 else { return nil }
  let (scalar, next) = decode(bytes, at: index)
  guard isPlainSign(scalar) else { return nil }
  let isAlone = next == bytes.count || bytes[next] < 0x80 || isPlainSign(decode(bytes, at: next).0)
  return isAlone ? (scalar, next) : nil
}

private func isPlainSign(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0xA1...0xAC, 0xAE...0x2FF, 0x2010...0x2027, 0x2190...0x21FF, 0x2500...0x25FC: true
  default: false
  }
}

/// One cell, as it is put together from scalars.
private struct CellBuilder {
  private(set) var text = CellText()
  private(set) var columns = 0
  private var last: Unicode.Scalar?

  /// Reads one cell from the bytes of a valid UTF-8 text; returns the index after it.
  mutating func take(from bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> Int {
    var index = start
    while index < bytes.count {
      let (scalar, next) = decode(bytes, at: index)
      guard add(scalar) else { break }
      last = scalar
      index = next
    }
    return index
  }

  /// Adds a scalar, or says that it belongs to the next cell.
  private mutating func add(_ scalar: Unicode.Scalar) -> Bool {
    switch CharacterKind(scalar) {
    case .columns(let width): return begin(scalar, width)
    case .sign(let sign):
      let endsLine = scalar == "\n" && last == "\r"
      return endsLine || begin(sign, 1)
    case .mark:
      if columns == 0 { _ = begin("◌", 1) }
      text.append(scalar)
      return true
    case .dropped(let otherwise):
      guard let otherwise, columns < 2 else { return true }
      return begin(otherwise, 1)
    }
  }

  private mutating func begin(_ scalar: Unicode.Scalar, _ width: Int) -> Bool {
    guard columns == 0 else { return false }
    text = CellText(scalar)
    columns = width
    return true
  }
}

/// The scalar at an index, and the index after it; the bytes are a Swift string's, so they are valid.
private func decode(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> (Unicode.Scalar, Int) {
  let first = UInt32(bytes[index])
  if first < 0x80 { return (Unicode.Scalar(UInt8(first)), index + 1) }
  let count = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
  var code = first & (0x7F >> UInt32(count))
  for offset in 1..<count where index + offset < bytes.count {
    code = code << 6 | UInt32(bytes[index + offset]) & 0x3F
  }
  return (Unicode.Scalar(code) ?? "�", min(index + count, bytes.count))
}
