import Formats
import Scheduling
import Testing

@testable import Storage

@Suite(.eachEngine) struct ScheduleTests {
  let store: Store
  let office: Schedule

  init() throws {
    store = try Store.sample()
    office = try store.addSchedule(try .sample(), stamp: someone)
  }

  @Test func whatIsSavedIsRead() throws {
    #expect(try store.schedule(named: "Office") == office)
    #expect(try store.schedule(named: office.id) == office)
    #expect(try store.schedules() == [office])
  }

  @Test func aNameIsTakenOnce() throws {
    #expect(throws: StoreError.scheduleExists("Office")) {
      try store.addSchedule(try .sample(), stamp: someone)
    }
    _ = try store.addSchedule(try .sample("Night"), stamp: someone)
    #expect(throws: StoreError.scheduleExists("Office")) {
      try store.changeSchedule("Night", stamp: someone) { $0.name = "Office" }
    }
  }

  @Test func whatIsSavedCarriesTheTimeOfItsTransaction() throws {
    var begun = Stamp(author: "mara", at: 1000, isBegun: true)
    let before = try store.read { try $0.now() }
    try store.changeSchedule("Office", stamp: begun) { $0.name = "Desk" }
    let phone = Phone.sample("+18005550123", schedule: office.id)
    try store.addPhone(phone, stamp: begun)
    try store.hold([phone.id], until: .untilReleased, stamp: begun)
    try store.removeSchedule("Desk", stamp: begun)
    try store.restore("Desk", to: 2, stamp: begun)
    let revisions = try store.revisions(of: office.id).dropFirst(0).filter { $0.stamp.author == "mara" }
    #expect(revisions.count == 3)
    #expect(revisions.allSatisfy { $0.stamp.at >= before && !$0.stamp.isBegun })
    let notes = try store.revisions(ofPhone: phone.id)
    #expect(notes.count == 4)
    #expect(notes.allSatisfy { $0.stamp.at >= before })
    begun.isBegun = false
    #expect(try store.changeSchedule("Desk", stamp: begun) { $0.name = "Office" }.revision == 5)
    #expect(try store.revisions(of: office.id).contains { $0.stamp.at == 1000 })
  }

  @Test func equalNamesThatCameFromOutsideAreToldApartByIds() throws {
    _ = try store.write { session in
      try Store.insertSchedule(
        session, id: "twin", try .sample(), action: .import, stamp: someone)
    }
    #expect(throws: StoreError.ambiguousSchedule(name: "Office", ids: [office.id, "twin"].sorted())) {
      try store.schedule(named: "Office")
    }
    #expect(try store.schedule(named: "twin").id == "twin")
  }

  @Test func badContentIsRefused() throws {
    var content = office.content
    content.timeZone = "Europe/Nowhere"
    #expect(throws: StoreError.self) { try store.save(office.id, content, basedOn: 1, stamp: someone) }
    content = office.content
    content.windows = []
    #expect(throws: StoreError.invalid(field: "windows", expected: "at least one window")) {
      try store.save(office.id, content, basedOn: 1, stamp: someone)
    }
    #expect(try store.schedule(named: "Office") == office)
  }

  @Test func aSaveNeverOverwritesWhatItsAuthorHadNotSeen() throws {
    let first = try store.save(office.id, try .sample(windows: "mon 9-10"), basedOn: 1, stamp: someone)
    #expect(first.revision == 2)
    #expect(throws: StoreError.stale(current: first)) {
      try store.save(office.id, try .sample(windows: "tue 9-10"), basedOn: 1, stamp: someone)
    }
    try store.removeSchedule("Office", stamp: someone)
    #expect(throws: StoreError.stale(current: nil)) {
      try store.save(office.id, try .sample(windows: "tue 9-10"), basedOn: 2, stamp: someone)
    }
  }

  @Test func severalSchedulesChangeOrNone() throws {
    let night = try store.addSchedule(try .sample("Night"), stamp: someone)
    #expect(
      throws: StoreError.invalid(field: "schedule Night: windows", expected: "at least one window")
    ) {
      try store.changeSchedules(
        [("Office", { $0.isActive = false }), (night.id, { $0.windows = [] })], stamp: someone)
    }
    #expect(try store.schedules() == [night, office])
    let changed = try store.changeSchedules(
      [("Office", { $0.isActive = false }), (night.id, { _ in })], stamp: someone)
    #expect(changed.map(\.before) == [office, night])
    #expect(try store.schedules() == changed.map(\.after).reversed())
    #expect(changed.map(\.after.revision) == [2, 1])
  }

  @Test func savingTheSameMakesNoRevision() throws {
    #expect(try store.save(office.id, office.content, basedOn: 1, stamp: someone).revision == 1)
    #expect(try store.revisions(of: office.id).count == 1)
  }

  @Test func removingNamesThePhonesItFrees() throws {
    try store.changePhone("+18005550199") { $0.scheduleID = office.id }
    #expect(throws: StoreError.stale(current: office)) {
      try store.removeSchedule("Office", basedOn: 7, stamp: someone)
    }
    let removed = try store.removeSchedule("Office", basedOn: 1, stamp: someone)
    #expect(removed.freed.map(\.number) == ["+18005550199"])
    #expect(try store.phone(named: "+18005550199").scheduleID == nil)
  }

  @Test func historyTellsWhoWhenAndWhat() throws {
    let later = Stamp(author: "jaan", at: monday + .hour)
    try store.changeSchedule("Office", stamp: later) { $0.windows.removeLast() }
    let revisions = try store.revisions(of: office.id)
    #expect(revisions.map(\.number) == [2, 1])
    #expect(revisions[0].stamp == later)
    #expect(revisions[0].summary == "Fri 09:00-17:00 removed, 8 h less a week")
    #expect(revisions[1].stamp == someone)
    #expect(revisions[1].content == office.content)
  }

  @Test func anOldRevisionComesBackAsANewOne() throws {
    try store.changeSchedule("Office", stamp: someone) { $0.windows.removeLast() }
    let restored = try store.restore("Office", to: 1, stamp: someone)
    #expect(restored.content == office.content && restored.revision == 3)
    #expect(throws: StoreError.unknownRevision(schedule: "Office", number: 9)) {
      try store.restore("Office", to: 9, stamp: someone)
    }
  }

  @Test func aRemovedScheduleComesBackUnderItsId() throws {
    try store.removeSchedule("Office", stamp: someone)
    #expect(try store.revisions(of: office.id).first?.action == .remove)
    let restored = try store.restore("Office", to: 1, stamp: someone)
    #expect(restored.id == office.id && restored.revision == 3)
    #expect(try store.schedule(named: "Office") == restored)
    #expect(try store.check().isEmpty)
  }

  @Test func aPhoneAndItsScheduleAreSavedTogether() throws {
    let content = try ScheduleContent.sample(windows: "sun 1-2")
    let saved = try store.save(
      phone: "+18005550199", schedule: .update(id: office.id, content: content, basedOn: 1),
      attachedBefore: nil, rate: (60, 5), stamp: someone)
    #expect(saved.phone.scheduleID == office.id && saved.phone.messagesPerMinute == 5)
    #expect(throws: StoreError.stalePhone(current: saved.phone)) {
      try store.save(
        phone: "+18005550199", schedule: .create(try .sample("New")), attachedBefore: office.id,
        rate: (60, 7),
        stamp: someone)
    }
    #expect(try store.schedules().map(\.content.name) == ["Office"])
    #expect(throws: StoreError.stalePhone(current: saved.phone)) {
      try store.save(
        phone: "+18005550199", schedule: .attach(id: nil), attachedBefore: "another", stamp: someone)
    }
    let detached = try store.save(
      phone: "+18005550199", schedule: .attach(id: nil), attachedBefore: office.id, stamp: someone)
    #expect(detached.phone.scheduleID == nil)
  }

  @Test func aDraftIsKeptPerAuthor() throws {
    let draft = Draft(
      subject: office.id, author: "mari", payload: "{\"n\":1}", updatedAt: monday)
    var other = draft
    other.author = "jaan"
    var newer = draft
    newer.payload = "{\"n\":2}"
    for draft in [draft, other, newer] { try store.keep(draft) }
    #expect(try store.drafts(of: "mari") == [newer])
    try store.forgetDraft(of: office.id, by: "mari")
    #expect(try store.drafts(of: "mari").isEmpty)
    #expect(try store.drafts(of: "jaan") == [other])
  }

  @Test(arguments: ["", "[]", "{}", "[{}]", "[{\"day_of_week\":7,\"start_minute\":0,\"end_minute\":1}]"])
  func aColumnHoldsWindowsAndNothingElse(text: String) {
    #expect(ScheduleColumns.windows(text) == nil)
  }
}
