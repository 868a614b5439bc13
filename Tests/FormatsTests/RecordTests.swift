import Scheduling
import Testing

@testable import Formats

/// What the fields of records mean.
@Suite struct RecordTests {
  private func kinds(_ records: [ImportRecord]) -> [String] {
    records.map {
      switch $0 {
      case .phone(let phone): "phone \(phone.id)"
      case .schedule(let schedule): "schedule \(schedule.id)"
      case .message(let message): "message \(message.message.id)"
      case .skipped(let reason, let id): "\(reason.rawValue) \(id ?? "-")"
      }
    }
  }

  private static let phone = #"{"id":"p","phone_number":"+18005550199"}"#
  private static let schedule =
    #"{"id":"s","name":"Day","timezone":"UTC","windows":[{"day_of_week":0,"start_minute":0,"end_minute":1440}]}"#
  private static let message =
    #"{"id":"m","owner":"+18005550199","contact":"+18005550100","content":"hi","status":"pending","created_at":"2026-03-29T06:00:00Z"}"#

  @Test func readsEveryShapeOfFile() throws {
    let (phone, schedule, message) = (Self.phone, Self.schedule, Self.message)
    let all = ["message m", "phone p", "schedule s"]
    let bundle =
      #"{"x":[{"id":1}],"messages":[\#(message)],"phones":[\#(phone)],"message_send_schedules":[\#(schedule)]}"#
    #expect(try kinds(Fixtures.records(bundle)).sorted() == all)
    #expect(try kinds(Fixtures.records("[\(message),\(phone),\(schedule)]")).sorted() == all)
    #expect(try kinds(Fixtures.records("\(message)\n\(phone)\n\n\(schedule)\n")).sorted() == all)
    #expect(
      try kinds(
        Fixtures.records(
          #"{"data":[\#(message),\#(phone),\#(schedule)],"message":"fetched","status":"success"}"#)
      )
      .sorted() == all)
    #expect(try kinds(Fixtures.records(#"{"status":"success","data":\#(phone)}"#)) == ["phone p"])
    #expect(try kinds(Fixtures.records(#"{"status":"success","data":null}"#)) == [])
    #expect(try kinds(Fixtures.records(#"{"phones":null,"messages":[]}"#)) == [])
  }

  @Test(
    arguments: [
      (#"{"status":"error","message":"You are not authorized"}"#, "You are not authorized"),
      (#"{"status":"error","message":"no","data":"Make sure your API key is set"}"#, "no"),
      (#"{"data":{"phone_number":["required"]},"status":"error","message":"validation errors"}"#, nil),
    ] as [(String, String?)])
  func quotesAnErrorOfTheAPI(text: String, words: String?) throws {
    let problem = try Fixtures.problem(text)
    if let words {
      #expect(problem == "file:1: the API answered with an error: \"\(words)\"")
    } else {
      #expect(problem != nil)
    }
  }

  @Test func readsAllFieldsOfAPhone() throws {
    let text = """
      {"id":"p","phone_number":"18005550199","label":"desk","messages_per_minute":7,"messages_per_day":100,"sim":"SIM2",\
      "message_send_schedule_id":"s","max_send_attempts":3,"retry_delay_seconds":30,"pause_after_failures":0,\
      "held_until":"9999-12-31T23:59:59.999Z","hold_reason":"broken","failures_in_row":2}
      """
    guard case .phone(let record)? = try Fixtures.records(text).first else {
      throw ImportProblem(file: "", expected: "")
    }
    let phone = record.phone(over: nil)
    #expect(
      phone
        == Phone(
          id: "p", number: "+18005550199", label: "desk", sim: .sim2, messagesPerMinute: 7,
          messagesPerDay: 100,
          maxSendAttempts: 3, retryDelaySeconds: 30, pauseAfterFailures: 0, failuresInARow: 2,
          hold: Hold(until: .untilReleased, reason: "broken"), scheduleID: "s"))
    guard case .phone(let bare)? = try Fixtures.records(Self.phone).first else { return }
    #expect(bare.phone(over: phone) == phone)
    guard
      case .phone(let released)? = try Fixtures.records(
        #"{"id":"q","phone_number":"+18005550199","held_until":null,"message_send_schedule_id":null}"#
      ).first
    else { return }
    #expect(released.phone(over: phone).hold == nil && released.phone(over: phone).scheduleID == nil)
    #expect(released.phone(over: phone).id == "p")
  }

  @Test func readsExceptions() throws {
    let exceptions = """
      "exceptions":[{"date":"--12-25","windows":[],"note":"Christmas"},{"date":"2026-12-24","windows":[\
      {"start_minute":780,"end_minute":800},{"start_minute":540,"end_minute":720}]}]}
      """
    guard
      case .schedule(let record)? = try Fixtures.records(Self.schedule.dropLast() + "," + exceptions).first
    else { throw ImportProblem(file: "", expected: "") }
    let eve = try #require(CivilDate(year: 2026, month: 12, day: 24))
    #expect(
      record.exceptions == [
        ScheduleException(
          date: .day(eve),
          windows: [DayWindow(startMinute: 540, endMinute: 720), DayWindow(startMinute: 780, endMinute: 800)]),
        ScheduleException(date: .yearly(month: 12, day: 25), note: "Christmas"),
      ])
    let known = record.content(over: nil)
    guard case .schedule(let bare)? = try Fixtures.records(Self.schedule).first else { return }
    #expect(bare.content(over: known).exceptions == known.exceptions)
  }

  @Test(arguments: [
    (
      #"{"date":"2026-02-29"}"#,
      #"[0].date: expected a date such as 2026-12-24, or --12-25 for every year, found "2026-02-29""#
    ),
    (
      #"{"date":"--02-30"}"#,
      #"[0].date: expected a date such as 2026-12-24, or --12-25 for every year, found "--02-30""#
    ),
    (
      #"{"date":"24 dec"}"#,
      #"[0].date: expected a date such as 2026-12-24, or --12-25 for every year, found "24 dec""#
    ),
    (#"{"windows":[]}"#, "[0].date: expected text, found nothing"),
    (
      #"{"date":"--02-29"},{"date":"--02-29"}"#,
      #"[1].date: expected another date than that of exceptions[0], found "--02-29""#
    ),
    (
      #"{"date":"--02-29","windows":[{"start_minute":60,"end_minute":60}]}"#,
      "[0].windows[0].end_minute: expected later than start_minute, found 60"
    ),
    (
      #"{"date":"--02-29","windows":[{"start_minute":60,"end_minute":1441}]}"#,
      "[0].windows[0].end_minute: expected 1 to 1440, found 1441"
    ),
    (
      #"{"date":"--02-29","windows":[{"start_minute":60,"end_minute":70},{"start_minute":69,"end_minute":80}]}"#,
      "[0].windows[1].start_minute: expected no overlap with window 0 of the same date, found 69"
    ),
    (
      #"{"date":"--02-29","note":"a\nb"}"#,
      #"[0].note: expected a text of at most 255 characters without control characters, found "a\nb""#
    ),
    ("7", "[0]: expected an object, found 7"),
  ])
  func namesWhatIsWrongWithAnException(text: String, expected: String) throws {
    let problem = try Fixtures.problem(Self.schedule.dropLast() + ",\"exceptions\":[\(text)]}")
    #expect(problem == "file:1: exceptions" + expected)
  }

  @Test func aThousandExceptionsAreEnough() throws {
    let many = (0...1000).map { "{\"date\":\"\(CivilDate(days: 20_000 + Int64($0)).text)\"}" }
    #expect(
      try Fixtures.problem(Self.schedule.dropLast() + ",\"exceptions\":[\(many.joined(separator: ","))]}")
        == "file:1: exceptions: expected at most 1000 of them, found 1001")
    #expect(
      try Fixtures.problem(
        Self.schedule.dropLast() + ",\"exceptions\":[\(many.dropLast().joined(separator: ","))]}") == nil)
  }

  // MARK: - Messages

  @Test func aMessageWithASendTimeIsExactUnlessItSaysOtherwise() throws {
    let time = #""scheduled_send_time":"2026-03-29T08:00:00Z""#
    #expect(try Fixtures.message(time)?.message.isExact == true)
    #expect(try Fixtures.message(time + #","exact":false"#)?.message.isExact == false)
    #expect(try Fixtures.message(#""x":1"#)?.message.isExact == false)
  }

  @Test func readsAllFieldsOfAMessage() throws {
    let message = try #require(
      try Fixtures.message(
        #"""
        "expires_at":"2026-03-29T09:00:00Z","retry_at":"2026-03-29T08:30:00Z","max_send_attempts":4,"send_attempt_count":1,
        "failure_reason":"no signal","created_at":"2020-01-01T00:00:00Z","last_attempted_at":"2026-03-29T07:00:00Z"
        """#
      )?.message)
    #expect(message.expiresAt == Timestamp.parse("2026-03-29T09:00:00Z"))
    #expect(message.retryAt == Timestamp.parse("2026-03-29T08:30:00Z"))
    #expect(message.queuedAt == Timestamp.parse("2026-03-29T06:00:00Z"))
    #expect(
      message.maxSendAttempts == 4 && message.sendAttemptCount == 1 && message.failureReason == "no signal")
    #expect(try Fixtures.message(#""max_send_attempts":0"#)?.message.maxSendAttempts == nil)
  }

  @Test func theSendTimeIsThatOfTheLastClaimOrElseWhenItWasSent() throws {
    let (a, b) = ("2026-03-29T07:00:00Z", "2026-03-29T07:00:05Z")
    func time(_ fields: String) throws -> Instant? { try Fixtures.message(fields)?.sendTime }
    #expect(
      try time(#""status":"sent","last_attempted_at":"\#(a)","sent_at":"\#(b)""#) == Timestamp.parse(a))
    #expect(try time(#""status":"sent","sent_at":"\#(b)""#) == Timestamp.parse(b))
    #expect(try time(#""status":"failed","sent_at":"\#(b)""#) == nil)
    #expect(try time(#""x":1"#) == nil)
  }

  @Test(arguments: [
    (#""type":"mobile-originated""#, SkipReason.received), (#""status":"received""#, .received),
    (#""type":"call/missed""#, .missedCall), (#""status":"deleted""#, .deleted),
    (#""encrypted":true"#, .encrypted),
    (#""attachments":["https://example.com/a.png"]"#, .attachments),
  ])
  func skipsWhatCannotBeSent(fields: String, reason: SkipReason) throws {
    let records = try Fixtures.records(Self.message.dropLast() + "," + fields + "}")
    guard case .skipped(reason, id: "m")? = records.first else {
      Issue.record("\(records)")
      return
    }
    #expect(try Fixtures.message(#""encrypted":false,"attachments":[],"type":"mobile-terminated""#) != nil)
    #expect(try Fixtures.message(#""attachments":null"#) != nil)
  }

  @Test(arguments: [
    ("+37251234567", "+37251234567"), ("18005550100", "+18005550100"), ("8005550100", "+8005550100"),
    ("51234567", "51234567"), ("12345", "12345"), ("0501234567", "0501234567"), ("GOOGLE", "GOOGLE"),
  ])
  func onlyLongNumbersGetAPlus(contact: String, expected: String) throws {
    #expect(try Fixtures.message(#""contact":"\#(contact)""#)?.message.contact == expected)
  }

  @Test func namesAreShortAndWithoutControlCharacters() {
    #expect(NameRule.acceptsName(String(repeating: "ä", count: 255)))
    #expect(!NameRule.acceptsName(String(repeating: "ä", count: 256)))
    #expect(!NameRule.acceptsName("") && NameRule.acceptsLabel(""))
    for bad in ["a\nb", "\u{1b}", "\u{7f}", "\u{9b}", "\u{2028}", "\u{0}"] {
      #expect(!NameRule.acceptsLabel(bad))
    }
  }

  @Test func whatIsWrittenIsReadBack() throws {
    let message = Message(
      id: "m", owner: "+18005550199", contact: "12345",
      content: "\u{202e}a\u{0}\"\\\u{1F600}".replacing("\u{0}", with: ""),
      status: .sending, queuedAt: 5, sendAt: 6, isExact: false, expiresAt: 7, retryAt: 8, lastAttemptedAt: 9,
      sentAt: 10,
      leaseExpiresAt: 11, sendAttemptCount: 12, maxSendAttempts: 13, failureReason: "no")
    var json = JSONBytes()
    json.message(message)
    guard case .message(let read)? = try Fixtures.records(json.string).first else {
      Issue.record("no message")
      return
    }
    #expect(read.message == message && read.sendTime == 9)
  }
}
