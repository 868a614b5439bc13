import Formats
import Foundation
import Scheduling
import Testing

@testable import Storage

@Suite(.eachEngine) struct CSVTests {
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

  // MARK: - Messages

  @Test func readsHttpSMSsTemplate() throws {
    let store = try store()
    let summary = try ImportFixtures.load(
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
    try ImportFixtures.load(
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
    try ImportFixtures.load(Self.header + "+18005550199,+18005550100,x,\(text)\n", into: store)
    #expect(try messages(store).first?.sendAt == Timestamp.parse(expected))
  }

  @Test(arguments: [
    ("", "FromPhoneNumber", "an empty file"), ("\n\n", "FromPhoneNumber", "an empty file"),
    ("hello\n", "CSV with the columns", "none of these columns"),
    ("From,To,Text\na,b,c", "CSV with the columns", "none of these columns"),
    ("From,ToPhoneNumber,Text\na,b,c", "CSV with the columns", "no column FromPhoneNumber"),
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
      "file1:2: FromPhoneNumber: expected the number of a known phone, found \"+18005550198\""
    ),
    (
      "home,+18005550100,x,",
      "file1:2: FromPhoneNumber: expected a phone number such as +18005550199, found \"home\""
    ),
    (
      "+18005550199,,x,",
      "file1:2: ToPhoneNumber: expected a number such as +18005550199, or a short code or national number of 3 to 15 digits, found nothing"
    ),
    (
      "+18005550199,1.8E+10,x,",
      "file1:2: ToPhoneNumber: expected a number such as +18005550199, or a short code or national number of 3 to 15 digits, found \"1.8E+10\""
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
      "file1:4: expected a separator or the end of the line after field 3, found \"y\""
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
      try store.importFiles(files, ImportOptions(stamp: ImportFixtures.stamp))
    }
    #expect(problem?.description == "file:2: expected UTF-8, found the byte 0xE9")
  }

  // MARK: - Again

  @Test func theSameRowsTwiceAddNothing() throws {
    let store = try store(timeZone: "Europe/Tallinn")
    let row = "+18005550199,+18005550100,hello,2026-03-29T08:00:00\n"
    let text = Self.header + row + row + "+18005550199,+18005550100,hello,\n"
    #expect(try ImportFixtures.load(text, into: store).messages == ImportCounts(added: 3))
    let before = try ImportFixtures.export(store)
    #expect(
      try ImportFixtures.load(text, into: store, now: ImportFixtures.now + .day).messages
        == ImportCounts(unchanged: 3))
    #expect(try ImportFixtures.export(store) == before)
    // The clock of the schedule changes what a row means, not which row it is.
    _ = try store.changeSchedule("s", stamp: ImportFixtures.stamp) { $0.timeZone = "Asia/Tokyo" }
    #expect(try ImportFixtures.load(text, into: store).messages == ImportCounts(unchanged: 3))
    #expect(
      try ImportFixtures.load(text + row, into: store).messages == ImportCounts(added: 1, unchanged: 3))
    // Written otherwise, it is the same row.
    let other =
      "Content,FromPhoneNumber,ToPhoneNumber,SendTime\n\"hello \",18005550199,18005550100,2026-03-29 08:00\n"
    #expect(try ImportFixtures.load(other, into: store).messages == ImportCounts(unchanged: 1))
  }

  @Test func aRowWithoutASendTimeIsKnownForSevenDays() throws {
    let store = try store()
    let text =
      Self.header + "+18005550199,+18005550100,hello,\n+18005550199,+18005550100,timed,2026-04-01T08:00:00\n"
    let now = ImportFixtures.now
    #expect(try ImportFixtures.load(text, into: store).messages.added == 2)
    let soon = try ImportFixtures.load(text, into: store, now: now + 7 * .day - 1)
    #expect(soon.messages == ImportCounts(unchanged: 2))
    #expect(soon.notes == ["2 rows came on 2026-03-29 already; --again queues them anyway"])
    let later = try ImportFixtures.load(text, into: store, now: now + 7 * .day)
    #expect(later.messages == ImportCounts(added: 1, unchanged: 1))
    // It is known again from then on.
    #expect(try ImportFixtures.load(text, into: store, now: now + 8 * .day).messages.added == 0)
  }

  @Test func againQueuesRowsThatAreKnown() throws {
    let store = try store()
    let text = Self.header + "+18005550199,+18005550100,hello,2026-04-01T08:00:00\n"
    try ImportFixtures.load(text, into: store)
    #expect(try ImportFixtures.load(text, into: store, isAgain: true).messages == ImportCounts(added: 1))
    #expect(try ImportFixtures.load(text, into: store).messages == ImportCounts(unchanged: 1))
    #expect(try messages(store).count == 2)
    #expect(try store.check().isEmpty)
  }

  @Test func theUnsentMessagesOfARemovedPhoneAreNotKnown() throws {
    let store = try store()
    let text = Self.header + "+18005550199,+18005550100,hello,2026-04-01T08:00:00\n"
    try ImportFixtures.load(text, into: store)
    try store.removePhone("p1")
    try store.addPhone(Phone(id: "p1", number: "+18005550199"))
    #expect(try ImportFixtures.load(text, into: store).messages == ImportCounts(added: 1))
  }

  @Test func manyPhonesInTurnKeepTheirOrder() throws {
    let store = try Store.inMemory()
    for index in 0..<5 { try store.addPhone(Phone(id: "q\(index)", number: "+1800555010\(index)")) }
    let rows = (0..<500).map { "+1800555010\($0 * 7 % 5),+18005550100,text \($0),\n" }
    #expect(try ImportFixtures.load(Self.header + rows.joined(), into: store).messages.added == 500)
    #expect(try ImportFixtures.load(Self.header + rows.joined(), into: store).messages.added == 0)
    for index in 0..<5 {
      var contents: [Int] = []
      try store.forEachMessage(of: "q\(index)", now: ImportFixtures.now) {
        contents.append(Int($0.content.dropFirst(5)) ?? -1)
      }
      #expect(contents == (0..<500).filter { $0 * 7 % 5 == index })
    }
    #expect(try store.check().isEmpty)
  }

  @Test func rowsThatAreLeftOutByADryRunAreNotKnown() throws {
    let store = try store()
    let text = Self.header + "+18005550199,+18005550100,hello,\n"
    #expect(try ImportFixtures.load(text, into: store, isDryRun: true).messages.added == 1)
    #expect(try ImportFixtures.load(text, into: store).messages.added == 1)
  }

  @Test func manyEqualRowsAreSoManyMessages() throws {
    let store = try store()
    let text = Self.header + String(repeating: "+18005550199,+18005550100,hello,\n", count: 10_000)
    #expect(try ImportFixtures.load(text, into: store).messages == ImportCounts(added: 10_000))
    #expect(try ImportFixtures.load(text, into: store).messages == ImportCounts(unchanged: 10_000))
    #expect(Set(try messages(store).map(\.id)).count == 10_000)
  }
}
