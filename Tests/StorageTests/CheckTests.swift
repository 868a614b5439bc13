import Foundation
import Scheduling
import TestSupport
import Testing

@testable import Storage

@Suite struct CheckTests {
  let directory: TemporaryDirectory
  let path: String
  let store: Store

  init() throws {
    directory = try TemporaryDirectory()
    path = directory.file("store.sqlite")
    store = try Store.open(path, for: .create)
    let schedule = try store.addSchedule(try .sample(), stamp: someone)
    try store.addPhone(.sample(schedule: schedule.id))
    let many = (0..<2000).map { NewMessage(id: "m\($0)", contact: "+18005550100", content: "text \($0)") }
    try store.addMessages(many, to: "+18005550199", at: .fixed(monday))
  }

  @Test(arguments: [
    ("UPDATE phone SET waiting = 7", "its count of waiting messages is 7, there are 2000"),
    ("UPDATE schedule SET time_zone = 'Mars/Base'", "unknown time zone Mars/Base"),
    ("UPDATE schedule SET windows = '[1]'", "its windows are not valid"),
    ("DELETE FROM revision", "revision 1 in its history"),
    ("DROP INDEX message_waiting", "message_waiting is not there"),
    ("DELETE FROM phone", "a phone that is not there"),
    ("PRAGMA foreign_keys = 0; DELETE FROM schedule", "refers to a schedule that is not there"),
    ("UPDATE phone SET failed = 1", "its count of failed messages is 1, there are 0"),
  ])
  func whatIsWrongIsNamed(sql: String, problem: String) throws {
    #expect(try store.check().isEmpty)
    try store.sqliteEngine(instead: "").alone { try $0.script(sql) }
    let problems = try store.check()
    #expect(problems.contains { $0.contains(problem) }, "\(problems)")
  }

  @Test func damagedPagesAreNamed() throws {
    try store.close()
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    let size = try file.seekToEnd()
    for page in stride(from: UInt64(20), to: size / 4096, by: 7) {
      try file.seek(toOffset: page * 4096)
      try file.write(contentsOf: Data(repeating: 0xA5, count: 512))
    }
    try file.close()
    do {
      #expect(try !Store.open(path, for: .read).check().isEmpty)
    } catch let error as StoreError {
      #expect(error.exitCode == 65, "\(error)")
    }
  }

  @Test func aBackupIsTheDatabase() throws {
    let copy = directory.file("copy.sqlite")
    try store.backUp(to: copy)
    #expect(try FileManager.default.attributesOfItem(atPath: copy)[.posixPermissions] as? Int == 0o600)
    let restored = try Store.open(copy, for: .write)
    #expect(try restored.check().isEmpty)
    #expect(
      try restored.state(of: "+18005550199", now: monday) == store.state(of: "+18005550199", now: monday))
    #expect(throws: StoreError.alreadyExists(path: copy)) { try store.backUp(to: copy) }
    #expect(StoreError.alreadyExists(path: copy).exitCode == 73)
  }

  @Test func aBackupThatCannotBeMadeLeavesNothing() throws {
    #expect(throws: StoreError.self) { try store.backUp(to: directory.file("no/such/place")) }
    let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
    #expect(names.allSatisfy { $0.hasPrefix("store.sqlite") })
  }
}
