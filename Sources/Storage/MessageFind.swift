import Scheduling

/// A message in which a text was found.
package struct FoundMessage: Equatable, Sendable {
  package var key: Int64
  package var id: String
  package var owner: String
  package var contact: String
  package var status: MessageStatus
}

extension Store {
  /// Hands every message in whose id, number or words a text occurs to `body`, of one phone or of all, in
  /// whatever script and case; ends when `body` returns false.
  package func findMessages(
    containing text: String, of phone: String? = nil, onlyWaiting: Bool = false,
    _ body: (FoundMessage) throws -> Bool
  ) throws {
    let text = SoughtText(text)
    try read(isRepeatable: false) { session in
      let keys = try phone.map { MessageKey.range(ofPhone: try Self.phone(session, named: $0).key) }
      let sql = """
        SELECT m.key, m.id, m.contact, m.content, p.number, m.status
        FROM message AS m JOIN phone AS p ON p.key = m.phone_key
        WHERE m.key >= ?1 AND m.key < ?2\(onlyWaiting ? " AND \(Schema.isWaiting)" : "") ORDER BY m.key
        """
      do {
        try session.each(
          sql, [.integer(keys?.lowerBound ?? 0), .integer(keys?.upperBound ?? .max)]
        ) { row in
          guard (1...3).contains(where: { row.withText($0, text.occurs(in:)) }) else { return }
          let found = FoundMessage(
            key: row.integer(0), id: row.text(1), owner: row.text(4), contact: row.text(2),
            status: MessageStatus(rawValue: row.text(5)) ?? .failed)
          if try !body(found) { throw Enough() }
        }
      } catch is Enough {}
    }
  }

  /// The keys of the stored waiting messages of a phone in whose id, contact or content a text occurs.
  package func findWaiting(of phone: String, containing text: String, limit: Int = .max) throws -> [Int64] {
    var keys: [Int64] = []
    guard limit > 0 else { return [] }
    try findMessages(containing: text, of: phone, onlyWaiting: true) { found in
      keys.append(found.key)
      return keys.count < limit
    }
    return keys
  }

  private struct Enough: Error {}
}

/// A text that is looked for without regard to case, in any script.
struct SoughtText {
  private let folded: String
  private let bytes: [UInt8]
  private let isASCII: Bool

  init(_ text: String) {
    folded = Self.fold(text)
    bytes = Array(folded.utf8)
    isASCII = bytes.allSatisfy { $0 < 0x80 }
  }

  /// Whether it occurs in some UTF-8.
  func occurs(in text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard !bytes.isEmpty else { return true }
    if text.allSatisfy({ $0 < 0x80 }) { return isASCII && occurs(inASCII: text) }
    return Self.fold(String(decoding: text, as: UTF8.self)).contains(folded)
  }

  private func occurs(inASCII text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard text.count >= bytes.count else { return false }
    for start in 0...text.count - bytes.count {
      var length = 0
      while length < bytes.count, Self.lower(text[start + length]) == bytes[length] { length += 1 }
      if length == bytes.count { return true }
    }
    return false
  }

  private static func lower(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }

  /// Upper case first, so that "ß" is found by "SS" and a final sigma by another.
  private static func fold(_ text: String) -> String { text.uppercased().lowercased() }
}
