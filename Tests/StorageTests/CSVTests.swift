import Formats
import Foundation
import Scheduling
import Testing

@testable import Storage

@Suite struct CSVTests {
  private static let header = "FromPhoneNumber,ToPhoneNumber,Content,SendTime(optional)\n"

  /// A store with one phone, on whose clock local times stand.
  private func store(timeZone: String? = nil) throws -> Store {
    let store = try Store.inMemory()
    let schedule = try timeZone.map { zone in
      try store.addSchedule(
        ScheduleContent(name: "s", timeZone: zone, windows: [Window(day: 1, startMinute: 0, endMinute: 60)]),
        stamp: ImportFixtures.stamp)
    }
    try store.addPhone(Phone(id: "p1", number: "+18005550199", scheduleID: schedule?.id))
    return store
  }

  private func messages(_ store: Store) throws -> [Message] {
    var found: [Message] = []
    try store.forEachMessage(of: "p1", now: ImportFixtures.now) { found.append($0) }
    return found
  }

  private func rows(_ text: String, chunk: Int = 16) throws -> [[String]] {
    var reader = try CSVReader(try ImportFixtures.input(text), chunk: chunk)
    var rows: [[String]] = []
    while try reader.nextRow() { rows.append(reader.fields.indices.map { reader.field($0)?.string ?? "?" }) }
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
    var random = SplitMix(seed: 3)
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

  // MARK: - Messages

  @Test func readsHttpSMSsTemplate() throws {
    let store = try store()
    let summary = try ImportFixtures.bring(
      Self.header + "18005550199,18005550100,This is a sample text message1,\n"
        + "18005550199,18005550100,This is a sample text message2,2023-11-11T02:10:01\n", into: store)
    #expect(summary.messages == ImportCounts(added: 2))
    let messages = try messages(store)
    #expect(messages.map(\.contact) == ["+18005550100", "+18005550100"])
    #expect(messages.map(\.owner) == ["+18005550199", "+18005550199"])
    #expect(messages.map(\.status) == [.pending, .scheduled])
    #expect(messages.map(\.queuedAt) == [ImportFixtures.now, ImportFixtures.now])
    #expect(messages.map(\.sendAt) == [nil, Timestamp.parse("2023-11-11T02:10:01Z")])
    #expect(messages[0].id < messages[1].id)
  }

  @Test func readsColumnsInAnyOrderAndIgnoresOthers() throws {
    let store = try store()
    try ImportFixtures.bring(
      "\u{FEFF}\"Content\",AttachmentURLs(optional),sendtime, ToPhoneNumber ,FromPhoneNumber,note\r\n"
        + "\"  Hello, \"\"you\"\"\n\u{a0}\",,2026-03-29 08:00, 12345 , +18005550199 ,x\r\n\r\n,,,,,\r\n"
        + "short,,,+18005550101,18005550199\r\n", into: store)
    let messages = try messages(store)
    #expect(messages.map(\.content) == ["Hello, \"you\"", "short"])
    #expect(messages.map(\.contact) == ["12345", "+18005550101"])
    #expect(messages[0].sendAt == Timestamp.parse("2026-03-29T08:00:00Z"))
  }

  @Test(arguments: [
    ("2026-03-29T08:00:00", "2026-03-29T05:00:00Z"), ("2026-03-29 08:00:00.5", "2026-03-29T05:00:00.5Z"),
    ("2026-03-28T08:00", "2026-03-28T06:00:00Z"), ("2026-03-29T08:00:00+02:00", "2026-03-29T06:00:00Z"),
    ("2026-03-29T08:00:00Z", "2026-03-29T08:00:00Z"),
    // Skipped: 03:00 to 04:00 on that day. It counts as if the clock had not changed.
    ("2026-03-29T03:30:00", "2026-03-29T01:30:00Z"),
    // Repeated: the first of the two.
    ("2026-10-25T03:30:00", "2026-10-25T00:30:00Z"), ("2026-10-25T04:00:00", "2026-10-25T02:00:00Z"),
  ])
  func localTimesAreTheSchedulesClock(text: String, expected: String) throws {
    let store = try store(timeZone: "Europe/Tallinn")
    try ImportFixtures.bring(Self.header + "+18005550199,+18005550100,x,\(text)\n", into: store)
    #expect(try messages(store).first?.sendAt == Timestamp.parse(expected))
  }

  @Test(arguments: [
    ("", "FromPhoneNumber", "an empty file"), ("\n\n", "FromPhoneNumber", "an empty file"),
    ("hello\n", "CSV with the columns", "\"hello\""),
    ("From,To,Text\na,b,c", "CSV with the columns", "no column FromPhoneNumber"),
    ("FromPhoneNumber,ToPhoneNumber,Content,Content\n", "one column Content", "2"),
  ])
  func refusesOtherHeaders(text: String, expected: String, found: String) throws {
    let problem = try #require(try ImportFixtures.problem(text, into: store()))
    #expect(problem.expected.contains(expected))
    #expect(problem.found == found)
  }

  @Test(arguments: [
    ("1,2,3,4,5", "file1:2: expected 4 fields, found 5"),
    ("+18005550199,+18005550100", "file1:2: Content: expected a field, found a row of 2"),
    (
      "+18005550198,+18005550100,x,",
      "file1:2: FromPhoneNumber: expected the number of a known phone, found +18005550198"
    ),
    (
      "home,+18005550100,x,",
      "file1:2: FromPhoneNumber: expected a phone number such as +18005550199, 7 to 15 digits, found \"home\""
    ),
    (
      "+18005550199,,x,",
      "file1:2: ToPhoneNumber: expected a phone number such as +18005550199, 7 to 15 digits, or a short code of 3 to 6 digits, found nothing"
    ),
    (
      "+18005550199,1.8E+10,x,",
      "file1:2: ToPhoneNumber: expected a phone number such as +18005550199, 7 to 15 digits, or a short code of 3 to 6 digits, found \"1.8E+10\""
    ),
    (
      "+18005550199,+18005550100,x,tomorrow",
      "file1:2: SendTime: expected a time such as 2026-03-29T08:00:00, or with +02:00 at its end, found \"tomorrow\""
    ),
    (
      "+18005550199,+18005550100,x,2026-02-30T08:00:00",
      "file1:2: SendTime: expected a time such as 2026-03-29T08:00:00, or with +02:00 at its end, found \"2026-02-30T08:00:00\""
    ),
    (
      "+18005550199,+18005550100,\"x\n\n\"y,",
      "file1:4: expected a comma or the end of the line after field 3, found \"y\""
    ),
    (
      "\n\n+18005550199,+18005550100,\"x",
      "file1:4: expected a quote at the end of a field that begins here with one, found the end of the file"
    ),
    (
      "+18005550199,+18005550100,\u{1b}]0;x\u{7},\u{9b}2J",
      "file1:2: SendTime: expected a time such as 2026-03-29T08:00:00, or with +02:00 at its end, found \"\\u009b2J\""
    ),
  ])
  func namesWhatIsWrong(row: String, expected: String) throws {
    let store = try store()
    let before = try ImportFixtures.export(store)
    let good = "+18005550199,+18005550100,fine,\n"
    #expect(try ImportFixtures.problem(Self.header + row + "\n", into: store)?.description == expected)
    #expect(try ImportFixtures.problem(Self.header + good + row + "\n", into: store)?.exitCode == 65)
    #expect(try ImportFixtures.export(store) == before)
  }

  @Test func refusesWhatIsNotUTF8() throws {
    let store = try store()
    let bytes = Array((Self.header + "+18005550199,+18005550100,caf").utf8) + [0xE9, 0x0A]
    let files = try ImportFiles([try ImportFixtures.input(bytes)])
    let problem = #expect(throws: ImportProblem.self) {
      try store.bring(files, stamp: ImportFixtures.stamp, isDryRun: false, seed: 1)
    }
    #expect(problem?.description == "file:2: expected UTF-8, found the byte 0xE9")
  }

  // MARK: - Again

  @Test func theSameRowsTwiceAddNothing() throws {
    let store = try store(timeZone: "Europe/Tallinn")
    let row = "+18005550199,+18005550100,hello,2026-03-29T08:00:00\n"
    let text = Self.header + row + row + "+18005550199,+18005550100,hello,\n"
    #expect(try ImportFixtures.bring(text, into: store).messages == ImportCounts(added: 3))
    let before = try ImportFixtures.export(store)
    #expect(
      try ImportFixtures.bring(text, into: store, now: ImportFixtures.now + .day).messages
        == ImportCounts(unchanged: 3))
    #expect(try ImportFixtures.export(store) == before)
    // The clock of the schedule changes what a row means, not which row it is.
    _ = try store.changeSchedule("s", stamp: ImportFixtures.stamp) { $0.timeZone = "Asia/Tokyo" }
    #expect(try ImportFixtures.bring(text, into: store).messages == ImportCounts(unchanged: 3))
    #expect(
      try ImportFixtures.bring(text + row, into: store).messages == ImportCounts(added: 1, unchanged: 3))
    // Written otherwise, it is the same row.
    let other =
      "Content,FromPhoneNumber,ToPhoneNumber,SendTime\n\"hello \",18005550199,18005550100,2026-03-29 08:00\n"
    #expect(try ImportFixtures.bring(other, into: store).messages == ImportCounts(unchanged: 1))
  }

  @Test func rowsThatAreLeftOutByADryRunAreNotKnown() throws {
    let store = try store()
    let text = Self.header + "+18005550199,+18005550100,hello,\n"
    #expect(try ImportFixtures.bring(text, into: store, isDryRun: true).messages.added == 1)
    #expect(try ImportFixtures.bring(text, into: store).messages.added == 1)
  }

  @Test func manyEqualRowsAreSoManyMessages() throws {
    let store = try store()
    let text = Self.header + String(repeating: "+18005550199,+18005550100,hello,\n", count: 10_000)
    #expect(try ImportFixtures.bring(text, into: store).messages == ImportCounts(added: 10_000))
    #expect(try ImportFixtures.bring(text, into: store).messages == ImportCounts(unchanged: 10_000))
    #expect(Set(try messages(store).map(\.id)).count == 10_000)
  }
}
