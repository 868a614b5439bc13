import Foundation
import Scheduling
import Testing

@testable import Formats

@Suite struct JSONWritingTests {
  private func written(_ write: (inout JSONBytes) -> Void) -> String {
    var json = JSONBytes()
    write(&json)
    return json.string
  }

  @Test func writesPhonesWithAllKeysInOrder() {
    var phone = Phone(
      id: "p", number: "+18005550199", label: "A \"desk\"", messagesPerMinute: 7, messagesPerDay: 90,
      scheduleID: "s")
    #expect(
      written { $0.phone(phone) } == """
        {"id":"p","phone_number":"+18005550199","label":"A \\"desk\\"","messages_per_minute":7,"messages_per_day":90,\
        "sim":"SIM1","message_send_schedule_id":"s","max_send_attempts":2,"retry_delay_seconds":60,\
        "pause_after_failures":5,"held_until":null,"hold_reason":null}
        """)
    phone.hold = Hold(until: 0, reason: "modem", endsWithSuccess: true)
    phone.failuresInARow = 5
    let held = written { $0.phone(phone) { $0.raw(",\"waiting\":1") } }
    #expect(
      held.hasSuffix(
        """
        "held_until":"1970-01-01T00:00:00.000Z","hold_reason":"modem","hold_ends_with_success":true,\
        "failures_in_row":5,"waiting":1}
        """))
  }

  @Test func writesSchedules() {
    var schedule = Schedule(
      id: "s",
      content: ScheduleContent(
        name: "Day", timeZone: "Europe/Tallinn", isActive: false,
        windows: [
          Window(day: 1, startMinute: 540, endMinute: 720), Window(day: 6, startMinute: 0, endMinute: 1440),
        ]))
    #expect(
      written { $0.schedule(schedule) } == """
        {"id":"s","name":"Day","timezone":"Europe/Tallinn","is_active":false,"windows":[\
        {"day_of_week":1,"start_minute":540,"end_minute":720},{"day_of_week":6,"start_minute":0,"end_minute":1440}]}
        """)
    schedule.content.exceptions = [
      ScheduleException(date: .yearly(month: 12, day: 25), note: "Christmas"),
      ScheduleException(
        date: .yearly(month: 12, day: 31), windows: [DayWindow(startMinute: 540, endMinute: 720)]),
    ]
    #expect(
      written { $0.schedule(schedule) }.hasSuffix(
        """
        "exceptions":[{"date":"--12-25","windows":[],"note":"Christmas"},\
        {"date":"--12-31","windows":[{"start_minute":540,"end_minute":720}],"note":""}]}
        """))
  }

  @Test func columnsOfADatabaseAreReadBack() {
    let windows = [
      Window(day: 1, startMinute: 540, endMinute: 720), Window(day: 6, startMinute: 0, endMinute: 1440),
    ]
    #expect(ScheduleColumns.windows(written { $0.windows(windows) }) == windows)
    let exceptions = [
      ScheduleException(date: .yearly(month: 2, day: 29), note: "“leap”\u{202e}"),
      ScheduleException(
        date: .yearly(month: 12, day: 31), windows: [DayWindow(startMinute: 540, endMinute: 720)]),
    ]
    #expect(ScheduleColumns.exceptions(written { $0.exceptions(exceptions) }) == exceptions)
    #expect(ScheduleColumns.exceptions("[]") == [])
    for text in ["", "{}", "[1]", "[] x", #"[{"day_of_week":7,"start_minute":0,"end_minute":1}]"#, "[]"] {
      #expect(ScheduleColumns.windows(text) == nil)
    }
  }

  @Test func writesMessagesWithNulls() {
    let message = Message(
      id: "m", owner: "+1800", contact: "+1801", content: "hi", queuedAt: 1_774_764_000_000, isExact: true)
    #expect(
      written { $0.message(message) } == """
        {"id":"m","owner":"+1800","contact":"+1801","content":"hi","status":"pending",\
        "request_received_at":"2026-03-29T06:00:00.000Z","scheduled_send_time":null,"exact":true,"expires_at":null,\
        "retry_at":null,"last_attempted_at":null,"sent_at":null,"send_attempt_count":0,"max_send_attempts":null,\
        "lease_expires_at":null,"failure_reason":null}
        """)
  }

  @Test(
    arguments: [
      (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
      (951_827_696_789, "2000-02-29T12:34:56.789Z"), (4_102_444_799_009, "2099-12-31T23:59:59.009Z"),
      (Instant.max, "9999-12-31T23:59:59.999Z"), (Instant.min, "0000-01-01T00:00:00.000Z"),
    ] as [(Instant, String)])
  func writesTimes(instant: Instant, expected: String) {
    #expect(written { $0.time(instant) } == "\"\(expected)\"")
  }

  @Test(arguments: [
    ("plain é 漢字 👍", "plain é 漢字 👍"), ("\u{0}\u{1b}[2J\u{7f}", "\\u0000\\u001b[2J\\u007f"),
    ("a\nb\tc\rd\\e\"f/", "a\\nb\\tc\\rd\\\\e\\\"f/"), ("\u{9b}31m", "\\u009b31m"),
    ("\u{2028}\u{2029}\u{202e}\u{2066}", "\\u2028\\u2029\\u202e\\u2066"),
  ])
  func escapesWhatCouldHarmATerminal(text: String, expected: String) {
    #expect(written { $0.text(text) } == "\"\(expected)\"")
  }

  @Test func whatItWritesIsReadBackByFoundation() throws {
    let scalars = (0...0x10FFFF).lazy.filter { $0 % 37 == 0 || $0 < 0x3000 }.compactMap(Unicode.Scalar.init)
    let texts = scalars.map { "a\(Character($0))z" }
    let bytes = "[" + texts.map { text in written { $0.text(text) } }.joined(separator: ",") + "]"
    let read = try JSONDecoder().decode([String].self, from: Data(bytes.utf8))
    #expect(read.map { Array($0.unicodeScalars) } == texts.map { Array($0.unicodeScalars) })
  }

  @Test(
    arguments: [
      [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x80], [0xE2, 0x82], [0xFF],
      [0xF0, 0x80, 0x80, 0x80],
    ] as [[UInt8]])
  func repairsDamagedText(bytes: [UInt8]) {
    let json = written { json in bytes.withUnsafeBufferPointer { json.text($0) } }
    #expect(json == "\"" + String(repeating: "\u{FFFD}", count: bytes.count) + "\"")
  }
}
