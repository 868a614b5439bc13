import Formats
import Scheduling
import Testing

@testable import Storage

@Suite struct RowOccurrencesTests {
  @Test(arguments: [16, 100, 1 << 20]) func rowsAreCountedHoweverFewAreHeld(held: Int) throws {
    var occurrences = RowOccurrences(held: held)
    var expected: [Int: Int] = [:]
    var random = ManyRandomNumbers()
    for _ in 0..<5_000 {
      // Some come often, most once or twice.
      let number =
        Bool.random(using: &random)
        ? Int.random(in: 0..<20, using: &random) : Int.random(in: 0..<2_000, using: &random)
      let before = expected[number, default: 0]
      #expect(try occurrences.count(Int64(bitPattern: SipHash128.of("text \(number)").0)) == before)
      expected[number] = before + 1
    }
  }

  @Test func rowsComeBackByPhoneInTheirOrder() throws {
    let spool = try RowSpool()
    let contact = try #require([UInt8]("12345".utf8).withUnsafeBufferPointer { PhoneNumber.contact($0) })
    var random = ManyRandomNumbers()
    var expected: [[Int64]] = Array(repeating: [], count: 30)
    var number = 0
    for _ in 0..<40 {
      let rows = PackedRows()
      for _ in 0..<Int.random(in: 1...60, using: &random) {
        let owner = Int.random(in: 0..<30, using: &random)
        number += 1
        expected[owner].append(Int64(number))
        let text = Array(repeating: UInt8(ascii: "x"), count: Int.random(in: 0..<5_000, using: &random))
        text.withUnsafeBufferPointer {
          rows.add(
            PackedRows.CSVRow(
              contact: contact, content: $0, isExact: false, fingerprint: RowFingerprint(high: 1, low: 2)),
            number: number, owner: owner)
        }
      }
      try spool.add(rows, groups: 300)
    }
    var found: [[Int64]] = Array(repeating: [], count: 30)
    var owners: [Int] = []
    try spool.each { group in
      if owners.last != group.owner { owners.append(group.owner) }
      var count = 0
      try PackedRow.each(in: group.bytes) { row in
        #expect(row.owner == group.owner)
        found[group.owner].append(row.number)
        count += 1
      }
      #expect(count == group.count)
    }
    #expect(found == expected && owners == owners.sorted())
  }

  // MARK: - Packed rows

  private struct Plain: Equatable {
    var number: Int64
    var owner: Int
    var sendAt: Instant?
    var expiresAt: Instant?
    var isExact: Bool
    var words: [Int64]
    var texts: [String]

    init(_ row: PackedRow) {
      (number, owner, sendAt, expiresAt, isExact) = (
        row.number, row.owner, row.sendAt, row.expiresAt, row.isExact
      )
      (words, texts) = ([row.high, row.low], [row.contact.string, row.content.string])
    }
  }

  private func unpacked(_ bytes: some Sequence<UInt8>) throws -> [Plain] {
    try Array(bytes).withUnsafeBufferPointer { bytes in
      var rows: [Plain] = []
      try PackedRow.each(in: bytes) { rows.append(Plain($0)) }
      return rows
    }
  }

  @Test func packedRowsAreReadAsTheyWere() throws {
    let words: [Int64] = [0, 1, -1, .max, .min, 0x0123_4567_89AB_CDEF]
    let instants: [Instant?] = [
      nil, 0, 1, -1, Instant.storable.lowerBound, Instant.storable.upperBound, 1_774_771_200_000,
    ]
    let texts = ["", "Hello", "é漢👍\n\t\"", String(repeating: "x", count: 70_000)]
    let contact = try #require(
      [UInt8]("+123456789012345".utf8).withUnsafeBufferPointer { PhoneNumber.contact($0) })
    let rows = PackedRows()
    var expected: [Plain] = []
    for place in 0..<84 {
      let (word, other) = (words[place % 6], words[place / 2 % 6])
      let (sendAt, expiresAt) = (instants[place % 7], instants[place / 3 % 7])
      let (number, owner, isExact) = (1 << (place % 40), place * 64, place % 2 == 0)
      var text = texts[place % 4]
      text.withUTF8 {
        rows.add(
          PackedRows.CSVRow(
            contact: contact, content: $0, sendAt: sendAt, expiresAt: expiresAt, isExact: isExact,
            fingerprint: RowFingerprint(high: word, low: other)), number: number, owner: owner)
      }
      var plain = Plain(PackedRow(kind: .row, number: Int64(number), owner: owner))
      (plain.sendAt, plain.expiresAt, plain.isExact) = (sendAt, expiresAt, isExact)
      (plain.words, plain.texts) = ([word, other], ["+123456789012345", text])
      expected.append(plain)
    }
    #expect(try unpacked(rows.bytes) == expected)
    // They are kept in columns of text.
    #expect(String(validating: rows.bytes, as: UTF8.self)?.contains("\0") == false)
    let first = rows.bytes[..<Int(try #require(rows.entries.first).end)]
    for count in 1..<first.count {
      #expect(throws: PackedRow.Unreadable.self) { try unpacked(first.prefix(count)) }
    }
  }

  /// What an older program left in a database.
  @Test func rowsInDecimalsAreStillRead() throws {
    let text =
      "r12\t3\t\t1774771200000\t1\t-9223372036854775808\t7\t5\t123453\té!r13\t0\t0\t\t0\t1\t-1\t5\t543210\t"
    let rows = try unpacked(text.utf8)
    #expect(rows.map(\.number) == [12, 13] && rows.map(\.owner) == [3, 0])
    #expect(rows.map(\.sendAt) == [nil, 0] && rows.map(\.expiresAt) == [1_774_771_200_000, nil])
    #expect(rows.map(\.words) == [[.min, 7], [1, -1]] && rows.map(\.isExact) == [true, false])
    #expect(rows.map(\.texts) == [["12345", "é!"], ["54321", ""]])
    for damage in ["r12", "r12\t3\t\t\t0\tx\t7\t5\t123450\t", "q", "r1\t0\t\t\t0\t1\t1\t-5\t12345"] {
      #expect(throws: PackedRow.Unreadable.self) { try unpacked(damage.utf8) }
    }
  }

  /// Rows are known again by their fingerprints, for which a number and its text are the same.
  @Test(arguments: ["123", "12345678", "+1234567", "123456789", "+12345678901", "+123456789012345"])
  func aNumberHasTheHashOfItsText(text: String) throws {
    var text = text
    let number = try #require(text.withUTF8 { PhoneNumber.contact($0) })
    #expect(number.string == text && number.count == text.utf8.count)
    var (ofNumber, ofText) = (SipHash128(), SipHash128())
    ofNumber.add(number)
    ofText.add(text)
    #expect(ofNumber.finish() == ofText.finish())
  }
}
