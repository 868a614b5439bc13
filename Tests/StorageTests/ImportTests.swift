import Foundation
import Scheduling
import Testing

@testable import Storage

@Suite(.eachEngine) struct ImportTests {
  private typealias Fixtures = ImportFixtures

  @Test func bringsABundleWhateverItsOrder() throws {
    let message = Fixtures.message()
    let backwards = """
      {"messages":[\(message)],"message_send_schedules":[{"windows":[{"end_minute":720,"start_minute":540,\
      "day_of_week":1}],"timezone":"Europe/Tallinn","name":"Day","id":"s1"}],"phones":[{"max_send_attempts":3,\
      "message_send_schedule_id":"s1","sim":"SIM1","messages_per_minute":2,"phone_number":"18005550199","id":"p1"}]}
      """
    let (a, b) = (try Store.inMemory(), try Store.inMemory())
    let summary = try Fixtures.load(Fixtures.bundle(messages: message), into: a)
    #expect(summary.phones == ImportCounts(added: 1))
    #expect(summary.schedules == ImportCounts(added: 1))
    #expect(summary.messages == ImportCounts(added: 1))
    #expect(try Fixtures.load(backwards, into: b) == summary)
    #expect(try Fixtures.export(a) == Fixtures.export(b))
    #expect(try a.phone(named: "p1").maxSendAttempts == 3)
    #expect(try a.revisions(of: "s1").map(\.action) == [.import])
    #expect(try a.revisions(of: "s1").first?.stamp.author == "ada")
  }

  @Test func bringsSeveralFilesWhateverTheirOrder() throws {
    let store = try Store.inMemory()
    let summary = try Fixtures.load(
      "FromPhoneNumber,ToPhoneNumber,Content,SendTime(optional)\n18005550199,18005550100,hello,\n",
      "{\"messages\":[\(Fixtures.message())]}",
      #"{"status":"success","message":"fetched","data":{"id":"p1","phone_number":"+18005550199","messages_per_minute":2,"message_send_schedule_id":"s1"}}"#,
      #"{"data":[{"id":"s1","name":"Day","timezone":"UTC","windows":[{"day_of_week":0,"start_minute":0,"end_minute":1440}]}],"status":"success"}"#,
      into: store)
    #expect(summary.messages.added == 2)
    #expect(try store.phone(named: "+18005550199").scheduleID == "s1")
  }

  @Test func readsAnswersOfTheAPIWithTheirOtherFields() throws {
    let store = try Store.inMemory()
    try Fixtures.load(
      """
      {"status":"success","message":"fetched 2 phones","data":[
        {"id":"p1","user_id":"u","fcm_token":null,"phone_number":"+18005550199","messages_per_minute":0,"sim":"DEFAULT",
         "message_send_schedule_id":null,"max_send_attempts":0,"missed_call_auto_reply":null,
         "created_at":"2022-06-05T14:26:02.302718+03:00"},
        {"id":"p2","phone_number":"+18005550198","messages_per_minute":1,"sim":"SIM2"}]}
      """,
      """
      {"data":[
        {"id":"a","request_id":"r","owner":"+18005550199","user_id":"u","contact":"+18005550100","content":"one",
         "attachments":[],"encrypted":false,"type":"mobile-terminated","status":"sent","sim":"DEFAULT","send_time":133414,
         "request_received_at":"2022-06-05T14:26:01.520828+03:00","created_at":"2022-06-05T14:26:02.302718+03:00",
         "last_attempted_at":"2022-06-05T14:26:09.527976+03:00","sent_at":"2022-06-05T14:26:10.999999999+03:00",
         "scheduled_send_time":null,"send_attempt_count":1,"max_send_attempts":1,"failure_reason":null},
        {"id":"b","owner":"+18005550199","contact":"+18005550100","content":"in","type":"mobile-originated","status":"received"},
        {"id":"c","owner":"+18005550199","contact":"+18005550100","content":"","type":"call/missed","status":"received"}]}
      """, into: store)
    let phone = try store.phone(named: "p1")
    #expect(phone.messagesPerMinute == 0 && phone.sim == .sim1 && phone.maxSendAttempts == 2)
    #expect(try store.phone(named: "p2").sim == .sim2)
    let message = try store.message("a", now: Fixtures.now)
    #expect(message.queuedAt == Timestamp.parse("2022-06-05T11:26:01.520Z"))
    #expect(message.sentAt == Timestamp.parse("2022-06-05T11:26:10.999Z"))
    #expect(throws: StoreError.unknownMessage("b")) { try store.message("b", now: Fixtures.now) }
  }

  @Test func skipsAndCountsWhatIsNotForSending() throws {
    let store = try Store.inMemory()
    let skipped = ["\"status\":\"received\"", "\"status\":\"deleted\"", "\"type\":\"call/missed\""]
      .enumerated()
      .map { Fixtures.message("x\($0)", $1) }
    let summary = try Fixtures.load(
      Fixtures.bundle(messages: (skipped + [Fixtures.message()]).joined(separator: ",")), into: store)
    #expect(summary.messages == ImportCounts(added: 1, skipped: 3))
    #expect(
      summary.notes == [
        "skipped: 1 message received (x0)", "skipped: 1 message missed call (x2)",
        "skipped: 1 message deleted (x1)",
      ])
  }

  @Test func theSameTwiceChangesNothing() throws {
    let store = try Store.inMemory()
    let bundle = Fixtures.bundle(
      messages: Fixtures.message() + "," + Fixtures.message("m2", "\"status\":\"sent\""))
    try Fixtures.load(bundle, into: store)
    let before = try Fixtures.export(store)
    let again = try Fixtures.load(bundle, into: store, now: Fixtures.now + 5000)
    #expect(again.phones == ImportCounts(unchanged: 1))
    #expect(again.schedules == ImportCounts(unchanged: 1))
    #expect(again.messages == ImportCounts(unchanged: 2))
    #expect(try Fixtures.export(store) == before)
    #expect(try store.revisions(of: "s1").count == 1)
  }

  @Test func aDryRunChangesNothing() throws {
    let store = try Store.inMemory()
    let summary = try Fixtures.load(
      Fixtures.bundle(messages: Fixtures.message()), into: store, isDryRun: true)
    #expect(summary.isDryRun && summary.messages.added == 1)
    #expect(try store.phones().isEmpty)
    #expect(try Fixtures.export(store) == Fixtures.export(Store.inMemory()))
  }

  @Test func updatesPhonesAndSchedulesToWhatTheFileSays() throws {
    let store = try Store.inMemory()
    try Fixtures.load(Fixtures.bundle(), into: store)
    _ = try store.changePhone("p1") { $0.label = "desk" }
    let summary = try Fixtures.load(
      Fixtures.bundle(
        schedule:
          #"{"id":"s1","name":"Day","timezone":"UTC","is_active":false,"windows":[{"day_of_week":1,"start_minute":540,"end_minute":720}]}"#,
        phone:
          #"{"id":"other","phone_number":"+18005550199","messages_per_minute":9,"message_send_schedule_id":null}"#
      ),
      into: store)
    #expect(summary.phones == ImportCounts(updated: 1))
    #expect(summary.schedules == ImportCounts(updated: 1))
    let phone = try store.phone(named: "+18005550199")
    #expect(
      phone
        == Phone(id: "p1", number: "+18005550199", label: "desk", messagesPerMinute: 9, maxSendAttempts: 3))
    let schedule = try store.schedule(named: "s1")
    #expect(schedule.revision == 2 && schedule.content.timeZone == "UTC" && !schedule.content.isActive)
    // A file that does not say whether a schedule is active leaves that as it is.
    try Fixtures.load(Fixtures.bundle(), into: store)
    #expect(try !store.schedule(named: "s1").content.isActive)
  }

  @Test func aPhoneMayLeaveItsNumberToANewOne() throws {
    let store = try Store.inMemory()
    try store.addPhone(Phone(id: "old", number: "+18005550199"))
    let bundle = """
      {"phones":[{"id":"new","phone_number":"+18005550199"},{"id":"old","phone_number":"+18005550198"}]}
      """
    #expect(try Fixtures.load(bundle, into: store).phones == ImportCounts(added: 1, updated: 1))
    #expect(try Fixtures.load(bundle, into: store).phones == ImportCounts(unchanged: 2))
    #expect(try store.phones().map(\.id) == ["old", "new"])
  }

  @Test func knownMessagesOnlyMoveForward() throws {
    let store = try Store.inMemory()
    func status(_ status: String) -> String {
      Fixtures.bundle(
        messages: Fixtures.message(
          "m1",
          "\"status\":\"\(status)\",\"last_attempted_at\":\"2026-03-29T07:00:00Z\",\"send_attempt_count\":1"))
    }
    try Fixtures.load(status("pending"), into: store)
    var seen: [MessageStatus] = []
    for word in [
      "scheduled", "sending", "pending", "failed", "sending", "sent", "failed", "delivered", "sent",
    ] {
      try Fixtures.load(status(word), into: store)
      let json = try Fixtures.export(store)
      seen.append(
        try #require(MessageStatus.allCases.first { json.contains("\"status\":\"\($0.rawValue)\"") }))
    }
    #expect(
      seen == [.pending, .sending, .sending, .failed, .failed, .sent, .sent, .delivered, .delivered])
    #expect(try store.state(of: "p1", now: Fixtures.now).waiting == 0)
  }

  @Test func aMessageThatMovesOnCountsInTheQueueInWhichItIs() throws {
    let store = try Store.inMemory()
    try Fixtures.load(Fixtures.bundle(messages: Fixtures.message()), into: store)
    // The phone left its number to another one; the message stays with the phone that had it.
    try Fixtures.load(
      Fixtures.bundle(
        messages: Fixtures.message("m1", #""status":"sent""#),
        phone: #"{"id":"p2","phone_number":"+18005550199"},{"id":"p1","phone_number":"+18005550198"}"#),
      into: store)
    #expect(try store.phoneStates(now: Fixtures.now).map(\.waiting) == [0, 0])
    #expect(try store.check().isEmpty)
  }

  @Test func aMessageInSendingIsClaimedAtItsLastAttempt() throws {
    let store = try Store.inMemory()
    try Fixtures.load(
      Fixtures.bundle(
        messages: [
          Fixtures.message("a", #""status":"sending","last_attempted_at":"2026-03-29T07:00:00Z""#),
          Fixtures.message("b", #""status":"sending""#),
          Fixtures.message(
            "c",
            #""status":"sending","last_attempted_at":"2026-03-29T07:00:00Z","lease_expires_at":"2026-03-29T09:00:00Z""#
          ),
        ].joined(separator: ",")), into: store)
    let at = Fixtures.now
    #expect(try store.message("a", now: at).leaseExpiresAt == at + .hour + .minute)
    #expect(try store.message("b", now: at).leaseExpiresAt == at + .minute)
    #expect(try store.message("b", now: at).lastAttemptedAt == at)
    #expect(try store.message("c", now: at).leaseExpiresAt == at + 3 * .hour)
  }

  @Test func countsWaitingMessages() throws {
    let store = try Store.inMemory()
    let words = ["pending", "scheduled", "expired", "sent", "failed", "canceled", "delivered", "sending"]
    let messages = words.enumerated().map { Fixtures.message("m\($0)", "\"status\":\"\($1)\"") }
    try Fixtures.load(Fixtures.bundle(messages: messages.joined(separator: ",")), into: store)
    #expect(try store.state(of: "p1", now: Fixtures.now).waiting == 3)
  }

  @Test func messagesWithoutAttemptsLeftHaveFailed() throws {
    let store = try Store.inMemory()
    let cases = [
      ("a", #""status":"expired","send_attempt_count":3"#),
      ("b", #""status":"expired","send_attempt_count":2"#),
      ("c", #""status":"pending","send_attempt_count":1,"max_send_attempts":1"#),
      ("d", #""status":"scheduled","send_attempt_count":3,"max_send_attempts":4"#),
    ]
    let bundle = Fixtures.bundle(messages: cases.map { Fixtures.message($0, $1) }.joined(separator: ","))
    #expect(try Fixtures.load(bundle, into: store).messages.added == 4)
    let statuses = try ["a", "b", "c", "d"].map { try store.message($0, now: Fixtures.now).status.isWaiting }
    #expect(statuses == [false, true, false, true])
    #expect(try store.message("a", now: Fixtures.now).failureReason == "no attempts left")
    #expect(try store.message("d", now: Fixtures.now).maxSendAttempts == 4)
    #expect(try Fixtures.load(bundle, into: store).messages == ImportCounts(unchanged: 4))
    #expect(try store.state(of: "p1", now: Fixtures.now).waiting == 2)
    #expect(try store.check().isEmpty)
  }

  @Test func aKnownMessageWithOtherWordsIsSaid() throws {
    let store = try Store.inMemory()
    try Fixtures.load(Fixtures.bundle(messages: Fixtures.message()), into: store)
    let summary = try Fixtures.load(
      Fixtures.bundle(messages: Fixtures.message("m1", #""content":"other""#)), into: store)
    #expect(summary.messages == ImportCounts(unchanged: 1))
    #expect(
      summary.notes == [
        "1 known message with another owner, contact or text in the file, left as it was here (m1)"
      ])
    #expect(try store.message("m1", now: 0).content == "hi")
  }

  @Test func keepsEveryFieldOfAPhoneAndASchedule() throws {
    let store = try Store.inMemory()
    let bundle = Fixtures.bundle(
      schedule: """
        {"id":"s1","name":"Day","timezone":"UTC","windows":[{"day_of_week":1,"start_minute":540,"end_minute":720}],\
        "exceptions":[{"date":"--12-25","windows":[],"note":"Christmas"},{"date":"2026-12-24",\
        "windows":[{"start_minute":540,"end_minute":600}]}]}
        """,
      phone: """
        {"id":"p1","phone_number":"+18005550199","label":"desk","messages_per_minute":2,"messages_per_day":100,"sim":"SIM2",\
        "message_send_schedule_id":"s1","max_send_attempts":3,"retry_delay_seconds":30,"pause_after_failures":0,\
        "held_until":"2026-12-24T10:00:00Z","hold_reason":"modem","failures_in_row":2,\
        "past_sends":[{"send_time":"2026-03-29T05:00:00Z","count":3}]}
        """)
    try Fixtures.load(bundle, into: store)
    let phone = try store.phone(named: "p1")
    #expect(phone.messagesPerDay == 100 && phone.retryDelaySeconds == 30 && phone.pauseAfterFailures == 0)
    #expect(phone.hold == Timestamp.parse("2026-12-24T10:00:00Z").map { Hold(until: $0, reason: "modem") })
    #expect(phone.failuresInARow == 2)
    #expect(try store.schedule(named: "s1").content.exceptions.map(\.note) == ["", "Christmas"])
    #expect(try store.state(of: "p1", now: Fixtures.now).previous == Timestamp.parse("2026-03-29T05:00:00Z"))
    let text = try Fixtures.export(store)
    let other = try Store.inMemory()
    try Fixtures.load(text, into: other)
    #expect(try Fixtures.export(other) == text)
    let again = try Fixtures.load(bundle, into: store)
    #expect(again.phones == ImportCounts(unchanged: 1) && again.schedules == ImportCounts(unchanged: 1))
  }

  @Test func equalRecordsWithinAnImportCountOnce() throws {
    let store = try Store.inMemory()
    let summary = try Fixtures.load(
      Fixtures.bundle(messages: Fixtures.message() + "," + Fixtures.message()), Fixtures.bundle(), into: store
    )
    #expect(summary.messages == ImportCounts(added: 1, unchanged: 1))
    #expect(summary.phones == ImportCounts(added: 1, unchanged: 1))
    #expect(summary.schedules == ImportCounts(added: 1, unchanged: 1))
  }
}
