import Formats

/// Strict UTF-8: no overlong forms, no surrogates, nothing beyond U+10FFFF.
enum UTF8Decoding {
  /// The character that starts at `index` with its length in bytes; nil and 1 where the bytes are not UTF-8.
  @inline(__always)
  static func scalar(in utf8: UnsafeBufferPointer<UInt8>, at index: Int) -> (scalar: UInt32?, length: Int) {
    let first = utf8[index]
    if first < 0x80 { return (UInt32(first), 1) }
    let length = length(first)
    guard length > 0, index + length <= utf8.count else { return (nil, 1) }
    var scalar = UInt32(first) & (0x7F >> UInt32(length))
    for offset in 1..<length {
      let byte = utf8[index + offset]
      guard byte & 0xC0 == 0x80 else { return (nil, 1) }
      scalar = scalar << 6 | UInt32(byte & 0x3F)
    }
    return isValid(scalar, length) ? (scalar, length) : (nil, 1)
  }

  /// How many bytes a character has whose first byte is this one, at least 0x80; 0 if none begins so.
  @inline(__always)
  static func length(_ first: UInt8) -> Int {
    switch first {
    case 0xC2...0xDF: 2
    case 0xE0...0xEF: 3
    case 0xF0...0xF4: 4
    default: 0
    }
  }

  @inline(__always)
  private static func isValid(_ scalar: UInt32, _ length: Int) -> Bool {
    switch length {
    case 2: true
    case 3: scalar >= 0x800 && !(0xD800...0xDFFF).contains(scalar)
    default: (0x10000...0x10FFFF).contains(scalar)
    }
  }
}

extension ImportProblem {
  static func quote(_ text: UnsafeBufferPointer<UInt8>) -> String {
    quote(String(decoding: text, as: UTF8.self))
  }
}
