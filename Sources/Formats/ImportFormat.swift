/// What kind of file an import was given.
package enum ImportFormat: Sendable {
  case json, csv

  /// Told by the first character that is not white space.
  package static func of(_ input: ImportInput) throws -> ImportFormat {
    var window = try ByteWindow(input, chunk: 4096)
    while let byte = try window.byte() {
      switch byte {
      case 0x20, 0x09, 0x0A, 0x0D: window.advance()
      case UInt8(ascii: "{"), UInt8(ascii: "["): return .json
      default: return .csv
      }
    }
    return .csv
  }
}
