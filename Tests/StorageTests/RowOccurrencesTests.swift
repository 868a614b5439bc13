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
    var random = ManyRandomNumbers()
    var expected: [[Int64]] = Array(repeating: [], count: 30)
    var number = 0
    for _ in 0..<40 {
      let rows = PackedRows()
      for _ in 0..<Int.random(in: 1...60, using: &random) {
        let owner = Int.random(in: 0..<30, using: &random)
        number += 1
        expected[owner].append(Int64(number))
        let text = String(repeating: "x", count: Int.random(in: 0..<5_000, using: &random))
        rows.add(
          PackedRows.CSVRow(
            contact: "12345", content: text, isExact: false, fingerprint: RowFingerprint(high: 1, low: 2)),
          number: number, owner: owner)
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
}
