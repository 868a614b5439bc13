import GRDB
import Scheduling

/// Brings the rows of CSV files into the queue, and knows those that came in before.
///
/// Rows have no ids. Equal rows within one import are so many messages; a row of a later import is known
/// if the same one stood as often in an earlier one.
struct ImportRows: ~Copyable {
  private let now: Instant
  private let find: RawStatement
  private let keep: RawStatement
  /// Whether rows came in before this import.
  private let isFirst: Bool
  private var occurrences = RowOccurrences()
  /// Rows to be kept. They are written in the order of the index, many at a time, which costs a fraction
  /// of writing each to a place of its own.
  private var fresh: [Fingerprint] = []
  private var ids: ImportIDs

  static let batch = 1 << 18

  init(_ db: Database, now: Instant, seed: UInt64) throws {
    let find = try RawStatement(db, "SELECT 1 FROM known_row WHERE high = ? AND low = ?")
    let keep = try RawStatement(
      db, "INSERT INTO known_row (high, low, imported_at, message_key) VALUES (?, ?, ?, 0)")
    let isFirst = try Int.fetchOne(db, sql: "SELECT 1 FROM known_row LIMIT 1") == nil
    self.now = now
    self.find = find
    self.keep = keep
    self.isFirst = isFirst
    ids = ImportIDs(now: now, seed: seed)
  }

  /// Adds a row's message to the queue of a phone; false if the row is known.
  mutating func add(
    _ row: CSVMessage, from phone: PhoneDigits, phoneKey: Int64, sendAt: Instant?,
    into messages: borrowing ImportMessages
  ) throws -> Bool {
    guard try isNew(row, phone) else { return false }
    let empty = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
    var message = ImportedMessage(
      id: empty, owner: phone, contact: row.to, content: row.content,
      status: sendAt == nil ? .pending : .scheduled, queuedAt: now, sendAt: sendAt, isExact: false,
      sendAttemptCount: 0)
    while true {
      let isAdded = try ids.next { id in
        message.id = id
        return try messages.insert(message, phoneKey: phoneKey)
      }
      if isAdded { return true }
    }
  }

  private mutating func isNew(_ row: CSVMessage, _ phone: PhoneDigits) throws -> Bool {
    var fingerprint = Fingerprint(row, phone: phone, occurrence: 0)
    let occurrence = occurrences.count(fingerprint)
    if occurrence > 0 { fingerprint = Fingerprint(row, phone: phone, occurrence: occurrence) }
    if !isFirst, try isKept(fingerprint) { return false }
    fresh.append(fingerprint)
    if fresh.count == Self.batch { try save() }
    return true
  }

  private func isKept(_ fingerprint: Fingerprint) throws -> Bool {
    find.bind(1, Int64(bitPattern: fingerprint.high))
    find.bind(2, Int64(bitPattern: fingerprint.low))
    defer { find.reset() }
    return try find.step()
  }

  /// Writes the rows that are not written yet.
  mutating func save() throws {
    fresh.sort()
    keep.bind(3, now)
    for fingerprint in fresh {
      keep.bind(1, Int64(bitPattern: fingerprint.high))
      keep.bind(2, Int64(bitPattern: fingerprint.low))
      _ = try keep.step()
    }
    fresh.removeAll(keepingCapacity: true)
  }
}

/// Ids of many new messages: UUIDs of version 7 that follow each other, so that their index grows at its end.
///
/// 4,096 share a millisecond, then the next one follows (RFC 9562 lets a generator run ahead so).
struct ImportIDs {
  private var time: UInt64
  private var sequence: UInt64 = 0
  private var random: UInt64
  private var text = [UInt8](repeating: UInt8(ascii: "-"), count: 36)

  init(now: Instant, seed: UInt64) {
    time = UInt64(clamping: now) & 0xFFFF_FFFF_FFFF
    random = seed
  }

  /// Hands the next id to `body`.
  mutating func next<T>(_ body: (UnsafeBufferPointer<UInt8>) throws -> T) rethrows -> T {
    let high = time << 16 | 0x7000 | sequence
    let low = 0x8000_0000_0000_0000 | nextRandom() >> 2
    sequence += 1
    if sequence == 4096 {
      sequence = 0
      time = (time + 1) & 0xFFFF_FFFF_FFFF
    }
    return try text.withUnsafeMutableBufferPointer { text in
      Self.write(high, low, into: text)
      return try body(UnsafeBufferPointer(text))
    }
  }

  /// Two words as the groups of a UUID.
  private static func write(_ high: UInt64, _ low: UInt64, into text: UnsafeMutableBufferPointer<UInt8>) {
    var place = 0
    for digit in 0..<32 {
      if digit == 8 || digit == 12 || digit == 16 || digit == 20 { place += 1 }
      let word = digit < 16 ? high : low
      let value = UInt8(truncatingIfNeeded: word >> UInt64(60 - digit % 16 * 4)) & 0xF
      text[place] = value < 10 ? 0x30 + value : 0x57 + value
      place += 1
    }
  }

  /// SplitMix64 (Steele, Lea, Flood).
  private mutating func nextRandom() -> UInt64 {
    random &+= 0x9E37_79B9_7F4A_7C15
    var mixed = random
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
