import Formats
import Foundation
import Scheduling
import Testing

@testable import Storage

/// Each way in which an import can be wrong: what is said, and that nothing is changed.
@Suite(.eachEngine) struct ImportProblemTests {
  private typealias Fixtures = ImportFixtures

  private func check(_ text: String, _ expected: String) throws {
    let store = try Store.inMemory()
    try Fixtures.load(Fixtures.bundle(messages: Fixtures.message("m0")), into: store)
    let before = try Fixtures.export(store)
    let problem = try #require(try Fixtures.problem(text, into: store))
    #expect(problem.description == expected)
    #expect(problem.exitCode == 65)
    #expect(try Fixtures.export(store) == before)
  }

  @Test(arguments: [
    (
      #""id":"""#,
      "id: expected a text of 1 to 255 characters, not all spaces, without control characters, found \"\""
    ),
    (#""id":7"#, "id: expected text, found 7"),
    (
      #""id":null"#,
      "id: expected a text of 1 to 255 characters, not all spaces, without control characters, found null"
    ),
    (
      #""id":"a\nb""#,
      #"id: expected a text of 1 to 255 characters, not all spaces, without control characters, found "a\nb""#
    ),
    (
      #""id":"a\u009bb""#,
      #"id: expected a text of 1 to 255 characters, not all spaces, without control characters, found "a\u009bb""#
    ),
    (
      #""owner":"+18005550198""#,
      #"owner: expected the number of a phone that is known or imported with it, found "+18005550198""#
    ),
    (
      #""owner":"desk""#,
      #"owner: expected a phone number such as +18005550199, found "desk""#
    ),
    (
      #""owner":"+08005550199""#,
      #"owner: expected a phone number such as +18005550199, found "+08005550199""#
    ),
    (#""contact":18005550100"#, "contact: expected text, found 18005550100"),
    (
      #""contact":null"#,
      "contact: expected a text of 1 to 255 characters, not all spaces, without control characters, found null"
    ),
    (#""content":["x"]"#, "content: expected text, found a list"),
    (#""content":null"#, "content: expected text, found null"),
    (#""content":"a\u0000b""#, #"content: expected a text without NUL characters, found "a\u0000b""#),
    (
      #""status":"lost""#,
      #"status: expected pending, scheduled, expired, sending, sent, delivered, failed, canceled or received, found "lost""#
    ),
    (
      #""request_received_at":"yesterday""#,
      #"request_received_at: expected a time such as 2026-03-29T08:00:00+02:00, found "yesterday""#
    ),
    (
      #""request_received_at":"2026-02-29T08:00:00Z""#,
      #"request_received_at: expected a time such as 2026-03-29T08:00:00+02:00, found "2026-02-29T08:00:00Z""#
    ),
    (
      #""request_received_at":null"#,
      "request_received_at: expected a time such as 2026-03-29T08:00:00+02:00, found null"
    ),
    (
      #""scheduled_send_time":1774764000"#,
      "scheduled_send_time: expected a time such as 2026-03-29T08:00:00+02:00, found 1774764000"
    ),
    (
      #""scheduled_send_time":"2026-03-29T08:00:00""#,
      #"scheduled_send_time: expected a time such as 2026-03-29T08:00:00+02:00, found "2026-03-29T08:00:00""#
    ),
    (#""exact":"yes""#, #"exact: expected true or false, found "yes""#),
    (#""exact":1"#, "exact: expected true or false, found 1"),
    (
      #""last_attempted_at":true"#,
      "last_attempted_at: expected a time such as 2026-03-29T08:00:00+02:00, found true or false"
    ),
    (#""sent_at":{}"#, "sent_at: expected a time such as 2026-03-29T08:00:00+02:00, found an object"),
    (#""send_attempt_count":-1"#, "send_attempt_count: expected 0 to 2147483647, found -1"),
    (#""send_attempt_count":1.5"#, "send_attempt_count: expected a whole number, found 1.5"),
    (
      #""send_attempt_count":99999999999999999999"#,
      "send_attempt_count: expected 0 to 2147483647, found 99999999999999999999"
    ),
  ])
  func ofAMessage(field: String, expected: String) throws {
    let messages = Fixtures.message("m1") + ",\n" + Fixtures.message("m2", field)
    try check(Fixtures.bundle(messages: messages), "file1:4: messages[1].\(expected)")
  }

  @Test(arguments: [
    (
      #""phone_number":"12""#,
      #"phone_number: expected a phone number such as +18005550199, found "12""#
    ),
    (
      #""phone_number":"+1234567890123456""#,
      #"phone_number: expected a phone number such as +18005550199, found "+1234567890123456""#
    ),
    (#""messages_per_minute":-1"#, "messages_per_minute: expected 0 to 2147483647, found -1"),
    (#""messages_per_minute":2147483648"#, "messages_per_minute: expected 0 to 2147483647, found 2147483648"),
    (#""messages_per_minute":"5""#, #"messages_per_minute: expected a whole number, found "5""#),
    (#""sim":"SIM3""#, #"sim: expected SIM1 or SIM2, found "SIM3""#),
    (#""max_send_attempts":-2"#, "max_send_attempts: expected 0 to 2147483647, found -2"),
    (#""label":5"#, "label: expected text, found 5"),
    (
      #""message_send_schedule_id":"gone""#,
      #"message_send_schedule_id: expected the id of a schedule that is known or imported with it, found "gone""#
    ),
    (
      #""message_send_schedule_id":"""#,
      #"message_send_schedule_id: expected a text of 1 to 255 characters, not all spaces, without control characters, found """#
    ),
  ])
  func ofAPhone(field: String, expected: String) throws {
    let phone = #"{"id":"p2","phone_number":"+18005550177","messages_per_minute":1,\#(field)}"#
    try check(Fixtures.bundle(phone: phone), "file1:1: phones[0].\(expected)")
    try check("{\"data\":\(phone)}", "file1:1: data.\(expected)")
  }

  @Test(
    arguments: [
      (
        #""name":"""#,
        #"name: expected a text of 1 to 255 characters, not all spaces, without control characters, found """#
      ),
      (
        #""name":"a\u001bb""#,
        #"name: expected a text of 1 to 255 characters, not all spaces, without control characters, found "a\u001bb""#
      ),
      (
        #""timezone":"Europe/Talinn""#,
        #"timezone: expected an IANA time zone such as Europe/Tallinn, found "Europe/Talinn""#
      ),
      (#""timezone":"GMT+3""#, nil), (#""timezone":"PST""#, nil), (#""timezone":"../../etc/passwd""#, nil),
      (#""is_active":"no""#, #"is_active: expected true or false, found "no""#),
      (#""windows":[]"#, "windows: expected at least one window, found none"),
      (#""windows":null"#, "windows: expected a list of windows, found null"),
      (#""windows":"always""#, #"windows: expected a list of windows, found "always""#),
      (#""windows":[7]"#, "windows[0]: expected an object, found 7"),
      (
        #""windows":[{"day_of_week":1,"start_minute":0}]"#,
        "windows[0].end_minute: expected a whole number, found nothing"
      ),
      (
        #""windows":[{"day_of_week":1.5,"start_minute":0,"end_minute":1}]"#,
        #"windows[0].day_of_week: expected a whole number, found 1.5"#
      ),
      (
        #""windows":[{"day_of_week":1,"start_minute":0,"end_minute":9},{"day_of_week":7,"start_minute":0,"end_minute":1}]"#,
        "windows[1].day_of_week: expected 0 to 6, 0 is Sunday, found 7"
      ),
      (
        #""windows":[{"day_of_week":1,"start_minute":-1,"end_minute":9}]"#,
        "windows[0].start_minute: expected 0 to 1439, found -1"
      ),
      (
        #""windows":[{"day_of_week":1,"start_minute":0,"end_minute":1441}]"#,
        "windows[0].end_minute: expected 1 to 1440, found 1441"
      ),
      (
        #""windows":[{"day_of_week":1,"start_minute":60,"end_minute":60}]"#,
        "windows[0].end_minute: expected later than start_minute, found 60"
      ),
      (
        #""windows":[{"day_of_week":1,"start_minute":0,"end_minute":60},{"day_of_week":1,"start_minute":59,"end_minute":90}]"#,
        "windows[1].start_minute: expected no overlap with window 0 of the same day, found 59"
      ),
    ] as [(String, String?)])
  func ofASchedule(field: String, expected: String?) throws {
    let schedule =
      #"{"id":"s1","name":"Day","timezone":"UTC","windows":[{"day_of_week":1,"start_minute":5,"end_minute":9}],\#(field)}"#
    guard let expected else {
      #expect(
        try Fixtures.problem(Fixtures.bundle(schedule: schedule))?.place
          == "message_send_schedules[0].timezone")
      return
    }
    try check(Fixtures.bundle(schedule: schedule), "file1:2: message_send_schedules[0].\(expected)")
  }

  @Test(arguments: [
    (
      "{}",
      "file1:1: expected a bundle with phones, message_send_schedules or messages, or an answer with data, found an object without them"
    ),
    ("[1]", "file1:1: [0]: expected an object, found 1"),
    (#"{"phones":{}}"#, "file1:1: phones: expected a list of records, found an object"),
    (#"{"messages":"none"}"#, #"file1:1: messages: expected a list of records, found "none""#),
    (
      #"{"data":"cannot find user","status":"error"}"#,
      #"file1:1: data: expected a list of records, found "cannot find user""#
    ),
    (
      #"{"message":"You are not authorized to carry out this request.","status":"error"}"#,
      #"file1:1: the API answered with an error: "You are not authorized to carry out this request.""#
    ),
    (
      #"{"data":[{"id":"x","version":1}]}"#,
      "file1:1: data[0]: expected a phone, a send schedule or a message, found another object"
    ),
    ("{\"messages\":[\n{\"id\" 1}]}", "file1:2: messages[0]: expected a colon after a key, found \"1\""),
    ("{\"messages\":[\n{}]}", "file1:2: messages[0].status: expected text, found nothing"),
    ("PK\u{3}\u{4}xl/", "file1: this is an Excel workbook: save it as CSV (UTF-8)"),
    ("{\"phones\":[{\"id\":\"a\"", "file1:1: phones[0]: expected a comma or }, found the end of the file"),
    ("{\"phones\":[]} x", "file1:1: expected an object, which begins with {, found \"x\""),
    ("{\"phones\":[],}", "file1:1: expected a key in quotes, found \"}\""),
  ])
  func ofADocument(text: String, expected: String) throws {
    try check(text, expected)
  }

  @Test func recordsThatContradictEachOther() throws {
    try check(
      Fixtures.bundle(messages: Fixtures.message("m1") + "," + Fixtures.message("m1", #""content":"other""#)),
      #"file1:3: messages[1].id: expected what the other record of this message says, found "m1""#)
    let phone = #"{"id":"p1","phone_number":"+18005550199","messages_per_minute":5}"#
    try check(
      Fixtures.bundle(phone: phone + "," + phone.replacingOccurrences(of: "5}", with: "6}")),
      #"file1:1: phones[1].id: expected what the other record of this phone says (phones[0]), found "p1""#)
    try check(
      Fixtures.bundle(
        phone: #"{"id":"p7","phone_number":"+18005550177"},{"id":"p8","phone_number":"+18005550177"}"#),
      #"file1:1: phones[1].id: expected what the other record of this phone says (phones[0]), found "p8""#)
  }

  @Test func aPhoneMayNotTakeTheNumberOfAnother() throws {
    let store = try Store.inMemory()
    try store.addPhone(Phone(id: "a", number: "+18005550101"))
    try store.addPhone(Phone(id: "b", number: "+18005550102"))
    let problem = try Fixtures.problem(#"{"phones":[{"id":"a","phone_number":"+18005550102"}]}"#, into: store)
    #expect(
      problem?.description
        == #"file1:1: phones[0].phone_number: expected a number that no other phone has, found "+18005550102""#
    )
  }

  @Test func aPhonesIDMayNotBeTheNumberOfAnother() throws {
    let store = try Store.inMemory()
    try store.addPhone(Phone(id: "a", number: "+18005550101"))
    for phones in [
      #"{"id":"+18005550101","phone_number":"+18005550102"}"#,
      #"{"id":"+18005550103","phone_number":"+18005550102"},{"id":"b","phone_number":"+18005550103"}"#,
    ] {
      let problem = try #require(try Fixtures.problem("{\"phones\":[\(phones)]}", into: store))
      #expect(problem.expected == "a text that is no other phone's number")
    }
    #expect(
      try Fixtures.problem(#"{"phones":[{"id":"+18005550104","phone_number":"+18005550104"}]}"#, into: store)
        == nil)
  }

  @Test func filesThatCannotBeRead() throws {
    for (path, words) in [("/nonexistent/file", "cannot be read"), ("/tmp", "is a directory")] {
      let problem = #expect(throws: ImportProblem.self) { try ImportInput(path: path) }
      #expect(problem?.exitCode == 66)
      #expect(problem?.description.contains(words) == true)
    }
  }
}
