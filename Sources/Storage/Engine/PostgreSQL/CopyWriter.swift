/// Writes rows in the text format of COPY (PostgreSQL documentation, "COPY", section "Text Format").
///
/// Rows go to the server some at a time, each time with a COPY of its own, so that the connection is free in between.
final class CopyWriter: RowWriter {
  private(set) var count = 0
  private var bytes: [UInt8] = []
  private var isFirst = true
  private let send: ([UInt8]) throws -> Void

  /// Bytes that are collected before they are sent.
  private static let most = 1 << 20

  init(_ send: @escaping ([UInt8]) throws -> Void) {
    self.send = send
    bytes.reserveCapacity(Self.most + 4096)
  }

  func null() {
    separate()
    bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "N")])
  }

  func integer(_ value: Int64) {
    separate()
    value.withDecimalDigits { bytes.append(contentsOf: $0) }
  }

  func text(_ value: String) {
    separate()
    var value = value
    value.withUTF8(escape)
  }

  func text(_ value: UnsafeBufferPointer<UInt8>) {
    separate()
    escape(value)
  }

  func endRow() throws {
    bytes.append(UInt8(ascii: "\n"))
    isFirst = true
    count += 1
    if bytes.count >= Self.most { try flush() }
  }

  /// Sends what was collected.
  func flush() throws {
    guard !bytes.isEmpty else { return }
    try send(bytes)
    bytes.removeAll(keepingCapacity: true)
  }

  private func separate() {
    if !isFirst { bytes.append(UInt8(ascii: "\t")) }
    isFirst = false
  }

  private func escape(_ text: UnsafeBufferPointer<UInt8>) {
    var start = 0
    for (index, byte) in text.enumerated() {
      let letter: UInt8
      switch byte {
      case UInt8(ascii: "\\"): letter = byte
      case UInt8(ascii: "\t"): letter = UInt8(ascii: "t")
      case UInt8(ascii: "\n"): letter = UInt8(ascii: "n")
      case UInt8(ascii: "\r"): letter = UInt8(ascii: "r")
      default: continue
      }
      bytes.append(contentsOf: text[start..<index])
      bytes.append(UInt8(ascii: "\\"))
      bytes.append(letter)
      start = index + 1
    }
    bytes.append(contentsOf: text[start...])
  }
}
