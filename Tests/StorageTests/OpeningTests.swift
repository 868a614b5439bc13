import Foundation
import Scheduling
import TestSupport
import Testing

@testable import Storage

@Suite struct OpeningTests {
  let directory: TemporaryDirectory
  let path: String

  init() throws {
    directory = try TemporaryDirectory()
    path = directory.file("store.sqlite")
  }

  /// A file of SQLite that is not ours.
  private static func makeFile(_ path: String, _ statement: String) throws {
    let handle = try SQLiteHandle(file: path, name: path, isReadOnly: false, wait: LockWait())
    _ = try handle.use { try $0.run(statement) }
    try handle.close()
  }

  @Test func aMissingFileIsMadeOnlyWhenAsked() throws {
    for access in [Store.Access.read, .write] {
      #expect(throws: StoreError.missing(path: path)) { try Store.open(path, for: access) }
    }
    #expect(!FileManager.default.fileExists(atPath: path))
    _ = try Store.open(path, for: .create)
    #expect(try Store.open(path, for: .read).phones().isEmpty)
  }

  @Test func onlyItsOwnerMayTouchANewFile() throws {
    let store = try Store.open(path, for: .create)
    try store.addPhone(.sample())
    for suffix in ["", "-wal", "-shm"] {
      let attributes = try FileManager.default.attributesOfItem(atPath: path + suffix)
      #expect(attributes[.posixPermissions] as? Int == 0o600, "\(suffix)")
    }
  }

  @Test func directoriesAreMadeOnlyWhenAsked() throws {
    let path = directory.file("deep/er/store.sqlite")
    #expect(throws: StoreError.self) { try Store.open(path, for: .create) }
    #expect(!FileManager.default.fileExists(atPath: directory.file("deep")))
    try Store.makeDirectories(for: path)
    _ = try Store.open(path, for: .create)
    let parent = try FileManager.default.attributesOfItem(atPath: directory.file("deep/er"))
    #expect(parent[.posixPermissions] as? Int == 0o700)
  }

  @Test func nothingElseStaysBesideANewFile() throws {
    let store = try Store.open(path, for: .create)
    try store.close()
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: directory.file("")) == ["store.sqlite"])
  }

  @Test func aFileOfNoBytesIsFilledOnlyWhenAsked() throws {
    let empty = directory.file("empty")
    _ = FileManager.default.createFile(atPath: empty, contents: nil)
    #expect(throws: StoreError.notOurs(path: empty, found: "an empty file")) {
      try Store.open(empty, for: .read)
    }
    #expect(try Store.open(empty, for: .create).phones().isEmpty)
    #expect(try Store.open(empty, for: .read).check().isEmpty)
  }

  @Test func aDirectoryIsNoDatabase() {
    #expect(throws: StoreError.isDirectory(path: directory.path)) {
      try Store.open(directory.path, for: .create)
    }
  }

  @Test func anotherFileIsLeftAlone() throws {
    let text = directory.file("text")
    let bytes = Data(String(repeating: "no database ", count: 2000).utf8)
    try bytes.write(to: URL(fileURLWithPath: text))
    #expect(throws: StoreError.notOurs(path: text, found: "no SQLite file")) {
      try Store.open(text, for: .create)
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: text)) == bytes)
  }

  @Test func anotherProgramsDatabaseIsLeftAlone() throws {
    let other = directory.file("other.sqlite")
    try Self.makeFile(other, "CREATE TABLE phone (id)")
    let bytes = try Data(contentsOf: URL(fileURLWithPath: other))
    #expect(throws: StoreError.notOurs(path: other, found: "a database of another program")) {
      try Store.open(other, for: .create)
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: other)) == bytes)
  }

  @Test func aNewerVersionIsRefused() throws {
    let store = try Store.open(path, for: .create)
    try store.write { try $0.run("INSERT INTO grdb_migrations VALUES ('v999')") }
    #expect(throws: StoreError.newerVersion(path: path)) { try Store.open(path, for: .read) }
    #expect(StoreError.newerVersion(path: path).exitCode == 69)
  }

  @Test func aMigrationThatWasCutShortIsDoneAgain() throws {
    let cut = directory.file("cut.sqlite")
    try Self.makeFile(cut, "CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)")
    #expect(throws: StoreError.notOurs(path: cut, found: "an empty database")) {
      try Store.open(cut, for: .write)
    }
    #expect(try Store.open(cut, for: .create).check().isEmpty)
  }

  @Test func aPipeIsNotWaitedFor() {
    let pipe = directory.file("pipe")
    #expect(mkfifo(pipe, 0o600) == 0)
    #expect(throws: StoreError.notOurs(path: pipe, found: "no ordinary file")) {
      try Store.open(pipe, for: .read)
    }
  }

  @Test func aReaderCannotWrite() throws {
    _ = try Store.open(path, for: .create)
    let reader = try Store.open(path, for: .read)
    #expect(throws: StoreError.readOnly(path: path)) { try reader.addPhone(.sample()) }
  }

  @Test func manyMayMakeTheSameFile() async throws {
    let path = path
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<8 {
        group.addTask {
          try Store.open(path, for: .create).addPhone(.sample("+1800555010\(number)"))
        }
      }
      try await group.waitForAll()
    }
    #expect(try Store.open(path, for: .read).phones().count == 8)
  }

  @Test func aFullDiskIsSaidToBeFull() throws {
    let store = try Store.open(path, for: .create)
    try store.addPhone(.sample())
    try store.sqliteEngine(instead: "").alone { session in
      let pages = try session.integer("PRAGMA page_count") ?? 0
      _ = try session.integer("PRAGMA max_page_count = \(pages)")
    }
    let long = NewMessage(contact: "+18005550100", content: String(repeating: "x", count: 100_000))
    #expect(throws: StoreError.diskFull(path: path)) {
      try store.addMessages([long], to: "+18005550199", at: .fixed(monday))
    }
    #expect(try store.check().isEmpty)
    #expect(StoreError.diskFull(path: path).exitCode == 74)
  }
}
