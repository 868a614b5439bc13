import Foundation
import TestSupport
import Testing

@testable import Formats

@Suite struct JSONReadingTests {
  /// Reads a whole document, in chunks so small that every token is cut somewhere.
  private func read(_ bytes: some Sequence<UInt8>, chunk: Int = 16) throws {
    var reader = try JSONReader(try Fixtures.input(bytes), chunk: chunk)
    try reader.skip()
    guard try reader.isAtEnd() else { throw ImportProblem(file: "file", expected: "the end") }
  }

  private func text(_ json: String, chunk: Int = 16) throws -> String {
    var reader = try JSONReader(try Fixtures.input(json), chunk: chunk)
    return try reader.text()
  }

  static let valid = [
    "{}", "[]", " [ ] ", "{ }", "0", "-0", "1e5", "1E+5", "1.25e-7", "\"\"", "true", "false", "null",
    "[1,2,3]", "[[[[]]]]", #"{"a":{"b":[{"c":null}]}}"#, #"{"a":1,"a":2}"#, "\u{FEFF}[1]",
    "\t\r\n[1 , 2]\n\n",
    #""\u00e9\ud83d\ude00\b\f\n\r\t\/\\\"""#, "\"\u{7f}\u{80}é漢👍\"", "123456789012345678901234567890",
    "[\"\(String(repeating: "x", count: 5000))\"]",
    String(repeating: "[", count: 256) + String(repeating: "]", count: 256),
  ]

  static let invalid = [
    "", " ", "{", "[", "}", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}",
    "{a:1}", "{'a':1}", "{1:1}", "[1]]", "[1] x", "nul", "nulll", "True", "tru", "+1", "01", "-", "-a", "1.",
    ".5", "1.e5", "1e", "1e+", "0x10", "NaN", "Infinity", "\"", "\"abc", "\"\\\"", "\"\\x\"", "\"\\u12\"",
    "\"\\u12g4\"", #""\ud800""#, #""\udc00""#, #""\ud800\u0041""#, #""\ud800x""#, "\"a\nb\"", "\"a\tb\"",
    "\"\u{0}\"", "// x\n1", "[1]/**/", "\u{FEFF}", "[\u{FEFF}]", "\u{a0}[]", "{\"a\":1 \"b\":2}", "[1;2]",
    String(repeating: "[", count: 257) + String(repeating: "]", count: 257),
    String(repeating: "[", count: 100_000), String(repeating: "{\"a\":", count: 100_000),
    String(repeating: "1", count: 5000),
  ]

  @Test(arguments: valid) func accepts(json: String) throws {
    try read(json.utf8)
    try read(json.utf8, chunk: 1 << 16)
  }

  @Test(arguments: invalid) func refuses(json: String) {
    #expect(throws: ImportProblem.self) { try read(json.utf8) }
    #expect(throws: ImportProblem.self) { try read(json.utf8, chunk: 1 << 16) }
  }

  @Test(
    arguments: [
      [0x80], [0xC0, 0x80], [0xC3], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xFF, 0xFE],
      [0xE2, 0x28, 0xA1],
    ] as [[UInt8]])
  func refusesWhatIsNotUTF8(bytes: [UInt8]) {
    for text in [
      [0x22] + bytes + [0x22], [0x22, 0x61] + bytes, [0x7B, 0x22] + bytes + Array("\":1}".utf8), bytes,
    ] {
      let problem = #expect(throws: ImportProblem.self) { try read(text) }
      #expect(problem?.exitCode == 65)
    }
  }

  @Test func unescapes() throws {
    let json = #""\u0041\u00e9\u6f22\ud83d\ude00 \"\\\/\b\f\n\r\t é漢😀""#
    #expect(try text(json) == "Aé漢😀 \"\\/\u{8}\u{c}\n\r\t é漢😀")
  }

  @Test func agreesWithFoundationOnTexts() throws {
    var random = SeededRandom(seed: 11)
    let pieces = [
      "a", "\\n", "\\\"", "é", "漢", "👍", "\\u00e9", "\\ud83d\\ude00", "0123456789abcdef", "\\\\", " ",
    ]
    for _ in 0..<200 {
      let body = (0..<Int.random(in: 0...40, using: &random)).map { _ in
        pieces[Int.random(in: 0..<pieces.count, using: &random)]
      }
      let json = "\"\(body.joined())\""
      let expected =
        try JSONSerialization.jsonObject(with: Data(json.utf8), options: .fragmentsAllowed) as? String
      #expect(try text(json, chunk: Int.random(in: 16...64, using: &random)) == expected)
    }
  }

  @Test(arguments: [
    ("[1,\n2,\n\n x]", 4, "a value"), ("{\"a\":1,\n\"b\" 2}", 2, "a colon after a key"),
    ("[1\n2]", 2, "a comma or ]"), ("{\"a\":1\n,\n}", 3, "a key in quotes"),
    ("\n\n[\"\\q\"]", 3, "one of \" \\ / b f n r t u after a backslash"),
  ])
  func namesTheLine(json: String, line: Int, expected: String) {
    let problem = #expect(throws: ImportProblem.self) { try read(json.utf8) }
    #expect(problem?.line == line)
    #expect(problem?.expected == expected)
  }

  @Test func showsWhatItFoundWithoutHarm() {
    let problem = #expect(throws: ImportProblem.self) { try read("[\u{1b}[2J]".utf8) }
    #expect(problem?.description == "file:1: expected a value, found \"\\u001b\"")
  }

  @Test(
    arguments: [
      ("12", 12), ("-3", -3), ("0", 0), ("-0", 0), ("5.0", 5), ("1e3", 1000), ("1.5e1", 15),
      ("999999999999999999", 999_999_999_999_999_999), ("1.5", nil),
      ("99999999999999999999", .max), ("-1e30", .min), ("1e400", .max), ("9223372036854775807", .max),
      ("1e-3", nil),
    ] as [(String, Int64?)])
  func readsWholeNumbers(text: String, value: Int64?) {
    #expect(WholeNumber.parse(text) == value.map { Int($0) })
  }

  @Test func findsEveryField() {
    for field in Field.allCases {
      #expect(Array(field.rawValue.utf8).withUnsafeBufferPointer { Field.named($0) } == field)
    }
    for name in [
      "", "i", "ids", "contents", "Owner", "message_send_schedule_ids", String(repeating: "x", count: 99),
    ] {
      #expect(Array(name.utf8).withUnsafeBufferPointer { Field.named($0) } == nil)
    }
  }

  @Test func ifAFieldOccursTwiceTheLastOneWins() throws {
    #expect(try Fixtures.message(#""content":"first","c\u006fntent":"last""#)?.message.content == "last")
  }
}
