extension Unicode.Scalar {
  /// Whether a character could act on a terminal, break a line or turn the text around it: control characters,
  /// separators of lines and paragraphs, controls of text direction, marks of byte order and annotation.
  package var actsOnText: Bool {
    switch value {
    case 0...0x1F, 0x7F...0x9F, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF,
      0xFFF9...0xFFFB:
      true
    default: false
    }
  }
}
