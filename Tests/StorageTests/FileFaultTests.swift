import Foundation
import Scheduling
import TestSupport
import Testing
import TimeZones

@testable import Storage

/// What goes wrong around the file: it is said, and nothing is lost or left behind.
@Suite struct FileFaultTests {
  let directory: TemporaryDirectory
  let path: String

  init() throws {
    directory = try TemporaryDirectory()
    path = directory.file("store.sqlite")
  }

  private func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
  }

  @Test func aFileThatWasReplacedIsNotWrittenTo() throws {
    let store = try Store.open(path, for: .create)
    try store.addPhone(.sample())
    #expect(rename(path, path + ".moved") == 0)
    #expect(!store.isInPlace)
    #expect(throws: StoreError.replaced(path: path)) { try store.addPhone(.sample("+18005550198")) }
    _ = try Store.create(at: directory.file("other.sqlite")) { _ in }
    #expect(rename(directory.file("other.sqlite"), path) == 0)
    #expect(throws: StoreError.replaced(path: path)) { try store.addPhone(.sample("+18005550198")) }
    #expect(unlink(path) == 0)
    #expect(rename(path + ".moved", path) == 0)
    try store.addPhone(.sample("+18005550198"))
    #expect(StoreError.replaced(path: path).exitCode == 74)
  }

  @Test func aCreationThatFailsLeavesNothing() throws {
    struct Failure: Error {}
    #expect(throws: Failure.self) {
      try Store.create(at: path) { store in
        try store.addPhone(.sample())
        throw Failure()
      }
    }
    #expect(try names() == [])
  }

  @Test func whatIsMadeIsAllThere() throws {
    try Store.create(at: path) { try $0.addPhone(.sample()) }
    // Nothing stands in a log that could get lost.
    #expect(try names() == ["store.sqlite"])
    #expect(try Store.open(path, for: .read).phones().count == 1)
    let second: Void? = try Store.create(at: path) { _ in }
    #expect(second == nil)
  }

  @Test func whatInterruptedRunsLeftIsRemoved() throws {
    for name in ["store.sqlite.new-0123", "store.sqlite.new-0123-wal", "store.sqlite.new-9", "other.new-1"] {
      #expect(FileManager.default.createFile(atPath: directory.file(name), contents: Data([1])))
    }
    let held = open(directory.file("store.sqlite.new-9"), O_RDWR)
    #expect(flock(held, LOCK_EX) == 0)
    _ = try Store.open(path, for: .create).phones()
    let left = try names()
    #expect(left.contains("other.new-1") && left.contains("store.sqlite.new-9"))
    #expect(!left.contains { $0.hasPrefix("store.sqlite.new-0123") })
    close(held)
  }

  @Test func anEmptyFileForAllBecomesOneForItsOwner() throws {
    #expect(
      FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o666]))
    #expect(chmod(path, 0o666) == 0)
    try Store.open(path, for: .create).addPhone(.sample())
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
  }

  @Test func aLinkToNowhereIsSaidToBeOne() throws {
    #expect(symlink(directory.file("gone"), path) == 0)
    #expect(throws: StoreError.deadLink(path: path)) { try Store.open(path, for: .read) }
    let reason = "is a symbolic link to a file that is not there"
    #expect(throws: StoreError.cannotCreate(path: path, reason: reason)) {
      try Store.open(path, for: .create)
    }
  }

  @Test func waitingForAnotherCanBeEnded() async throws {
    let holder = try Store.open(path, for: .create)
    let wait = LockWait()
    let waiting = try Store.open(path, for: .write, zones: TimeZoneDatabase.system, wait: wait)
    try holder.write { _ in
      let ender = Thread {
        while wait.milliseconds == nil { usleep(1000) }
        wait.end()
      }
      ender.start()
      #expect(throws: StoreError.waitEnded(path: path)) { try waiting.addPhone(.sample()) }
    }
    try waiting.addPhone(.sample())
  }

  @Test func wordsAreFoundInEveryScriptAndCase() throws {
    let store = try Store.sample()
    try store.addPhone(.sample("+18005550198"))
    for (index, text) in ["Straße", "ÕUNAPUU", "ΟΔΥΣΣΕΥΣ", "plain TEXT"].enumerated() {
      let phone = index % 2 == 0 ? "+18005550199" : "+18005550198"
      try store.addMessages(
        [NewMessage(id: "m\(index)", contact: "+3725550100", content: text)], to: phone, at: .fixed(monday))
    }
    func found(_ text: String) throws -> [String] {
      var ids: [String] = []
      try store.findMessages(containing: text) {
        ids.append($0.id)
        return true
      }
      return ids
    }
    #expect(try found("STRASSE") == ["m0"] && found("õunapuu") == ["m1"] && found("οδυσσευς") == ["m2"])
    #expect(try found("Plain Text") == ["m3"] && found("M1") == ["m1"] && found("5550100").count == 4)
    #expect(try found("nothing").isEmpty)
  }

  @Test func aRestoredScheduleGetsItsPhonesBack() throws {
    let store = try Store.sample()
    let schedule = try store.addSchedule(try .sample(), stamp: someone)
    for number in ["+18005550198", "+18005550197"] { try store.addPhone(.sample(number)) }
    let before = try store.attach(schedule.id, toPhones: try store.phones().map(\.id), stamp: someone)
    #expect(before.allSatisfy { $0.scheduleID == nil })
    try store.removeSchedule(schedule.id, stamp: someone)
    let other = try store.addSchedule(try .sample("Other"), stamp: someone)
    try store.attach(other.id, toPhones: ["phone-18005550198"], stamp: someone)
    try store.restore(schedule.id, to: 1, stamp: someone)
    #expect(try store.phones(servedBy: schedule.id).map(\.number) == ["+18005550197", "+18005550199"])
    #expect(try store.phones(servedBy: other.id).map(\.number) == ["+18005550198"])
    try store.attach(before, stamp: someone)
    #expect(try store.phones(servedBy: schedule.id).isEmpty)
  }

  @Test func whatARemovedPhoneSentStaysKnown() throws {
    let store = try Store.sample(rate: 0)
    try store.add("sent", "waits")
    _ = try store.claimOne(at: monday)
    try store.recordSent("sent", at: .fixed(monday))
    try store.removePhone("+18005550199")
    #expect(try store.read { try $0.all("SELECT id FROM known_id") { $0.text(0) } } == ["sent"])
  }
}
