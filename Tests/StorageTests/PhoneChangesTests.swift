import Scheduling
import Testing

@testable import Storage

/// Changes of several phones, and their undoing.
@Suite struct PhoneChangesTests {
  private func store() throws -> (Store, [Phone]) {
    let store = try Store.inMemory()
    let phones = (0..<3).map { Phone.sample("+1800555010\($0)") }
    for phone in phones { try store.addPhone(phone) }
    return (store, phones)
  }

  private func relabelled(_ phone: Phone, _ label: String) -> PhoneChange {
    var after = phone
    after.label = label
    return PhoneChange(before: phone, after: after)
  }

  @Test func changesAreUndoneByTheirReverse() throws {
    let (store, phones) = try store()
    let result = try store.change(
      phones.map { relabelled($0, "new") } + [PhoneChange(before: nil, after: .sample("+18005550177"))],
      stamp: someone)
    #expect(result.left.isEmpty)
    #expect(try store.phones().map(\.label) == ["new", "new", "new", ""])
    let undone = try store.change(result.done.map(\.reversed), keepsMessages: true, stamp: someone)
    #expect(undone.left.isEmpty)
    #expect(try store.phones() == phones)
    let redone = try store.change(undone.done.map(\.reversed), stamp: someone)
    #expect(try store.phones().count == 4)
    #expect(redone.left.isEmpty)
  }

  @Test func whatSomebodyElseChangedIsLeft() throws {
    let (store, phones) = try store()
    let result = try store.change(phones.map { relabelled($0, "new") }, stamp: someone)
    try store.changePhone(phones[1].id) { $0.label = "theirs" }
    try store.changePhone(phones[2].id) { $0.messagesPerMinute = 7 }
    let undone = try store.change(result.done.map(\.reversed), stamp: someone)
    #expect(undone.left.map(\.phoneID) == [phones[1].id])
    let now = try store.phones()
    #expect(now.map(\.label) == ["", "theirs", ""])
    #expect(now[2].messagesPerMinute == 7)
  }

  @Test func aRemovedPhoneComesBackWithItsSettings() throws {
    let (store, phones) = try store()
    try store.hold([phones[0].id], until: monday + .day, reason: "repair", stamp: someone)
    try store.addMessages([NewMessage(contact: "12345", content: "a")], to: phones[0].id, at: .fixed(monday))
    let held = try store.phone(named: phones[0].id)
    let result = try store.change([PhoneChange(before: phones[0], after: nil)], stamp: someone)
    #expect(result.messagesRemoved == 1)
    #expect(try store.phones().count == 2)
    let undone = try store.change(result.done.map(\.reversed), stamp: someone)
    #expect(undone.left.isEmpty)
    #expect(try store.phone(named: phones[0].id) == held)
    #expect(try store.state(of: phones[0].id, now: monday).waiting == 0)
    #expect(try store.revisions(ofPhone: phones[0].id).first?.action == .restore)
  }

  @Test func undoingAnAdditionTakesNoMessageWithIt() throws {
    let (store, _) = try store()
    let phone = Phone.sample("+18005550177")
    let result = try store.change([PhoneChange(before: nil, after: phone)], stamp: someone)
    try store.addMessages([NewMessage(contact: "12345", content: "a")], to: phone.id, at: .fixed(monday))
    let undone = try store.change(result.done.map(\.reversed), keepsMessages: true, stamp: someone)
    #expect(undone.left.count == 1)
    #expect(try store.phones().count == 4)
  }

  @Test func aTakenNumberIsLeft() throws {
    let (store, phones) = try store()
    let result = try store.change([PhoneChange(before: nil, after: phones[0])], stamp: someone)
    #expect(result.left.count == 1)
  }
}

/// Reading only what changed of many phones.
@Suite struct PhoneFiguresTests {
  @Test func onlyTheQueuesThatMovedAreTold() throws {
    let store = try Store.inMemory()
    let phones = (0..<5).map { Phone.sample("+1800555010\($0)") }
    for phone in phones { try store.addPhone(phone) }
    var (all, seen) = try store.phoneFigures()
    #expect(all.map(\.phone) == phones)
    #expect(try store.changes(since: &seen) == [])
    try store.addMessages(
      (0..<3).map { NewMessage(contact: "12345", content: "\($0)") }, to: phones[2].id, at: .fixed(monday))
    try store.addMessages([NewMessage(contact: "12345", content: "b")], to: phones[4].id, at: .fixed(monday))
    let some = try store.changes(since: &seen, among: [phones[1].id, phones[2].id])
    #expect(some == [QueueFigures(phoneID: phones[2].id, waiting: 3, failed: 0)])
    let rest = try store.changes(since: &seen)
    #expect(rest == [QueueFigures(phoneID: phones[4].id, waiting: 1, failed: 0)])
    _ = try store.claim(phone: phones[2].id, lease: .minute, at: .fixed(monday))
    #expect(try store.changes(since: &seen) == [QueueFigures(phoneID: phones[2].id, waiting: 2, failed: 0)])
    #expect(try store.changes(since: &seen) == [])
  }

  @Test func anyChangeOfSettingsIsTold() throws {
    let store = try Store.sample()
    let id = try store.phones()[0].id
    let schedule = try store.addSchedule(.sample(), stamp: someone).id
    let steps: [() throws -> Void] = [
      { try store.changePhone(id) { $0.label = "Desk" } },
      { try store.attach(schedule, toPhones: [id], stamp: someone) },
      { try store.hold([id], until: monday + .day, stamp: someone) },
      { try store.release(phones: [id], stamp: someone) },
      { _ = try store.changeSchedule(schedule, stamp: someone) { $0.isActive = false } },
      { _ = try store.removeSchedule(schedule, stamp: someone) },
      { try store.addPhone(.sample("+18005550111")) },
      { try store.removePhone(id) },
    ]
    for (index, step) in steps.enumerated() {
      var seen = try store.phoneFigures().seen
      try step()
      #expect(try store.changes(since: &seen) == nil, "step \(index)")
    }
  }
}
