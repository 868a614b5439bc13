import Scheduling

/// One message of an import, packed: in few bytes, read without making texts of them.
///
/// Its first byte says what it is and how its numbers stand. The form is kept in databases: what an older program left,
/// a newer one must read.
struct PackedRow {
  /// A row of CSV, or a message of a bundle.
  enum Kind: UInt8 {
    /// Its numbers stand in characters of six bits each, from `0` on, the lowest bits first. How many they are stands in
    /// front in the same way, none for no number; fingerprints have eleven for each half. Texts have their length in front.
    case row = 0x52
    /// Its numbers stand in decimals with a tab behind each, nothing for none. Texts have their length in front.
    case message = 0x6D

    /// A row as older programs wrote it: its numbers as those of a message.
    static let decimalRow: UInt8 = 0x72
  }

  /// Characters of six bits that 64 bits take.
  static let sixesOfWord = 11

  /// UTF-8 that stands where the row was read from.
  typealias Text = UnsafeBufferPointer<UInt8>

  let kind: Kind
  /// Its number among all of the import, from 1.
  let number: Int64
  /// Its phone's number among those of the import, from 0.
  let owner: Int
  /// Its place in the order in which all are queued; only where they are.
  var place = 0
  var contact = Text(start: nil, count: 0)
  var content = Text(start: nil, count: 0)
  var sendAt: Instant?
  var expiresAt: Instant?
  var isExact = false
  /// The fingerprint of a row.
  var high: Int64 = 0
  var low: Int64 = 0
  /// What else a message says; nil for a row.
  var message: PackedMessage?

  /// The rows in `bytes`, one after another; ends where `body` throws, and at what makes no sense.
  static func each(in bytes: Text, _ body: (PackedRow) throws -> Void) throws {
    var reader = PackReader(bytes)
    while !reader.isAtEnd {
      guard let row = reader.row() else { throw Unreadable() }
      try body(row)
    }
  }

  /// The same, with the bytes of each row.
  static func each(in bytes: Text, _ body: (PackedRow, Text) throws -> Void) throws {
    var reader = PackReader(bytes)
    while !reader.isAtEnd {
      let start = reader.place
      guard let row = reader.row() else { throw Unreadable() }
      try body(row, Text(rebasing: bytes[start..<reader.place]))
    }
  }

  struct Unreadable: Error {}
}

/// What only messages of bundles say.
final class PackedMessage {
  var id = PackedRow.Text(start: nil, count: 0)
  var status = MessageStatus.pending
  var queuedAt: Instant = 0
  var retryAt: Instant?
  var lastAttemptedAt: Instant?
  var sentAt: Instant?
  var sendTime: Instant?
  var leaseExpiresAt: Instant?
  var attempts: Int64 = 0
  var maxAttempts: Int64?
  var reason: PackedRow.Text?
  var place = RowPlace()
}

/// Where a message stands in the files: file and list by their numbers.
struct RowPlace {
  var file: Int64 = 0
  var line: Int64 = 0
  var list: Int64 = 0
  var index: Int64?
}

extension PackedRow.Text {
  /// The text as one of Swift's.
  var string: String { String(decoding: self, as: UTF8.self) }
}
