import Foundation
import TestSupport
import Testing

@testable import Formats

@Suite struct CSVReaderTests {
  private func rows(_ text: String, chunk: Int = 16) throws -> [[String]] {
    var reader = try CSVReader(try Fixtures.input(text), chunk: chunk)
    var rows: [[String]] = []
    while try reader.nextRow() { rows.append(reader.fields) }
    return rows
  }

  // MARK: - Rows

  @Test(
    arguments: [
      ("a,b\nc,d", [["a", "b"], ["c", "d"]]), ("a,b\r\nc,d\r\n", [["a", "b"], ["c", "d"]]),
      ("a\rb\r", [["a"], ["b"]]), ("a,,\n,,\n,b,", [["a", "", ""], ["", "b", ""]]),
      ("\n\n a \n\n", [[" a "]]),
      (#""a","b ""c"" d","""#, [["a", "b \"c\" d", ""]]),
      (#""a","b ""c"" d","""""#, [["a", "b \"c\" d", "\""]]),
      ("\"x\ny\r\nz\",1\n2,3", [["x\ny\r\nz", "1"], ["2", "3"]]), ("\u{FEFF}a,b", [["a", "b"]]), ("", []),
      ("\"\",\"\"\n", []), ("é,漢\n👍,x", [["é", "漢"], ["👍", "x"]]), ("a\"b,c", nil), ("\"a\"b,c", nil),
      ("\"a", nil), ("a,\"b\n\n", nil), ("a\u{0}b", nil), ("\"a\u{0}b\"", nil),
    ] as [(String, [[String]]?)])
  func readsRows(text: String, expected: [[String]]?) throws {
    for chunk in [16, 17, 64, 1 << 16] {
      if let expected {
        #expect(try rows(text, chunk: chunk) == expected)
      } else {
        #expect(throws: ImportProblem.self) { try rows(text, chunk: chunk) }
      }
    }
  }

  @Test func writtenAndReadRowsAreTheSame() throws {
    var random = SeededRandom(seed: 3)
    let pieces = ["a", "\"", ",", "\n", "\r\n", "é", "漢", " ", "0123456789", ";", "'"]
    for _ in 0..<300 {
      let table = (0..<Int.random(in: 1...5, using: &random)).map { _ in
        (0..<3).map { column in
          let count = Int.random(in: column == 0 ? 1...6 : 0...6, using: &random)
          return (0..<count).map { _ in pieces[Int.random(in: 0..<pieces.count, using: &random)] }.joined()
        }
      }
      let text = table.map { row in
        row.map { "\"\($0.replacingOccurrences(of: "\"", with: "\"\""))\"" }.joined(separator: ",")
      }.joined(separator: "\r\n")
      #expect(try rows(text, chunk: Int.random(in: 16...40, using: &random)) == table)
    }
  }

  @Test(arguments: [
    ("a;b;c\n1;2,5;3", [["a", "b", "c"], ["1", "2,5", "3"]]), ("a\tb\n1,2\t;", [["a", "b"], ["1,2", ";"]]),
    ("\"a;b\",c\n1,2", [["a;b", "c"], ["1", "2"]]), ("sep=;\na;b\n", [["a", "b"]]),
    ("a,b;c,d\n1,2,3", [["a", "b;c", "d"], ["1", "2", "3"]]),
  ])
  func tellsSeparatorsApart(text: String, expected: [[String]]) throws {
    #expect(try rows(text) == expected)
  }

  @Test(arguments: [true, false]) func readsUTF16(isBigEndian: Bool) throws {
    let text = "\u{FEFF}From\tTo\r\né漢😀\t\"a\tb\"\r\n"
    let bytes = text.utf16.flatMap { unit in
      isBigEndian ? [UInt8(unit >> 8), UInt8(unit & 0xFF)] : [UInt8(unit & 0xFF), UInt8(unit >> 8)]
    }
    for chunk in [16, 17, 4096] {
      var reader = try CSVReader(try Fixtures.input(bytes), chunk: chunk)
      #expect(try reader.nextRow())
      #expect(reader.fields == ["From", "To"])
      #expect(try reader.nextRow())
      #expect(reader.fields == ["é漢😀", "a\tb"])
      #expect(try !reader.nextRow())
    }
    for damage in [
      Array(bytes.dropLast()), bytes + (isBigEndian ? [0xD8, 0, 0, 0x41] : [0, 0xD8, 0x41, 0]),
    ] {
      #expect(throws: ImportProblem.self) {
        var reader = try CSVReader(try Fixtures.input(damage))
        while try reader.nextRow() {}
      }
    }
  }

  @Test(arguments: [[0x50, 0x4B, 0x03, 0x04, 0x14], [0xD0, 0xCF, 0x11, 0xE0, 0xA1]] as [[UInt8]])
  func namesAWorkbook(bytes: [UInt8]) throws {
    let problem = #expect(throws: ImportProblem.self) { _ = try CSVReader(try Fixtures.input(bytes)) }
    #expect(problem?.description == "file: this is an Excel workbook: save it as CSV (UTF-8)")
    #expect(problem?.exitCode == 65)
  }

  @Test func readsTheColumnsOfMessages() throws {
    var reader = try CSVMessageReader(
      try Fixtures.input(
        """
        ExpiresAt;Exact(optional);SendTime(optional);Content;ToPhoneNumber;FromPhoneNumber
        2026-03-29T10:00:00Z;no;2026-03-29 08:00;a,b;51234567;18005550199
        ;yes;;c;18005550100;+18005550199
        ;;2026-03-29T08:00:00Z;d;12345;+18005550199
        """))
    var rows: [CSVMessage] = []
    var contents: [String] = []
    while let row = try reader.next(skipped: {}) {
      rows.append(row)
      contents.append(String(decoding: row.content, as: UTF8.self))
    }
    #expect(rows.map(\.from?.string) == ["+18005550199", "+18005550199", "+18005550199"])
    #expect(rows.map(\.to.string) == ["51234567", "+18005550100", "12345"])
    #expect(contents == ["a,b", "c", "d"])
    #expect(rows.map(\.isExact) == [false, true, true])
    #expect(rows.map(\.line) == [2, 3, 4])
    #expect(rows[0].sendTime == .local(1_774_771_200_000) && rows[0].expiresAt == .instant(1_774_778_400_000))
    #expect(rows[1].sendTime == .none && rows[2].sendTime == .instant(1_774_771_200_000))
  }

  @Test func rowsWithAttachmentsAreSkipped() throws {
    let header = "FromPhoneNumber,ToPhoneNumber,Content,SendTime(optional),AttachmentURLs(optional)\n"
    var reader = try CSVMessageReader(
      try Fixtures.input(header + "+18005550199,12345,a,,https://example.com/a.png\n+18005550199,12345,b,,\n")
    )
    var skipped = 0
    let row = try #require(try reader.next(skipped: { skipped += 1 }))
    #expect(String(decoding: row.content, as: UTF8.self) == "b")
    #expect(skipped == 1)
  }
}
