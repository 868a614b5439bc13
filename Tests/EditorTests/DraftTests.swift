import Canvas
import Editor
import Foundation
import Scheduling
import Storage
import TestSupport
import Testing
import TimeZones

@testable import Effects

/// Unsaved work that is kept: of which editor, where, and what becomes of it.
@Suite struct DraftTests {
  private static let desk = MergeTests.desk

  private func world(
    on store: Store? = nil, named name: String = "first", files: DraftFiles? = nil,
    reopen: @escaping @Sendable () throws -> Store = { throw StoreError.interrupted }
  ) throws -> World {
    try World(
      settings: EditorSettings(), size: Size(width: 80, height: 24), now: MergeTests.now, on: store,
      named: name,
      files: files, reopen: reopen)
  }

  private func days(_ world: World) -> Set<Int> {
    Set(world.editor.week?.draft.week.windows.map(\.day) ?? [])
  }

  @Test func aDraftKeepsAllThatIsEdited() throws {
    var first = try world()
    first.open(Self.desk)
    first.press(":deny<Space>fri<Enter>:27<Space>mar<Space>closed<Space>Fair<Enter>r<C-u>9,<Space>200<Enter>")
    first.press(":zone<Space>Asia/Tokyo<Enter>o")
    if first.editor.modal != nil { first.press("y") }
    let draft = try #require(first.editor.week?.draft)
    #expect(try first.kept()[Self.desk]?.draft == draft)
    var later = try world(on: first.store, named: "later")
    later.open(Self.desk)
    later.press("c")
    #expect(later.editor.week?.draft == draft)
  }

  @Test func eachDraftIsOfferedAndNoneStandsInForAnother() throws {
    var first = try world()
    first.open(Self.desk)
    var second = try world(on: first.store, named: "second")
    second.open(Self.desk)
    first.press(":deny<Space>fri<Enter>")
    second.press(":deny<Space>mon<Enter>")
    // Both are gone; another discards one, and is offered the next.
    var third = try world(on: first.store, named: "third")
    third.open(Self.desk)
    third.press("d")
    #expect(third.editor.modal is Question)
    third.press("c")
    #expect(days(third).count == 4)
    third.press("s a")
    #expect(try third.kept().isEmpty)
  }

  @Test func continuingOneLeavesTheOthers() throws {
    var first = try world()
    first.open(Self.desk)
    var second = try world(on: first.store, named: "second")
    second.open(Self.desk)
    first.press(":deny<Space>fri<Enter>")
    second.press(":deny<Space>mon<Enter>")
    for name in ["third", "fourth"] {
      var world = try world(on: first.store, named: name)
      world.open(Self.desk)
      world.press("c s a")
    }
    #expect(try Set(first.schedule("Office hours")?.content.windows.map(\.day) ?? []) == [2, 3, 4])
    #expect(try first.kept().isEmpty)
  }

  // MARK: Files

  private func permissions(_ path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
  }

  private let draft = Storage.Draft(subject: "phone:p#1", author: "tester", payload: "{}", updatedAt: 1)

  @Test func whereTheDatabaseHasNoDirectoryTheUsersOwnTakesTheDraft() throws {
    try TemporaryDirectory.during { folder in
      let own = folder + "/state/send-schedule"
      let files = DraftFiles(database: folder + "/gone/gateway.sqlite", name: "it", userDirectory: own)
      #expect(files.keep(draft))
      #expect(!FileManager.default.fileExists(atPath: folder + "/gone"))
      let mode = try permissions(own)
      #expect(mode == 0o700)
      #expect(files.drafts(of: "tester") == [draft])
      #expect(files.drafts(of: "anna").isEmpty)
      // Another database's drafts are not this one's.
      #expect(DraftFiles(database: nil, name: "other", userDirectory: own).drafts(of: "tester").isEmpty)
      files.forget(subject: draft.subject, author: draft.author)
      #expect(try FileManager.default.contentsOfDirectory(atPath: own).isEmpty)
    }
  }

  @Test func noFileIsBelievedThatSomebodyElseMayHaveMade() throws {
    try TemporaryDirectory.during { folder in
      let files = DraftFiles(database: folder + "/gateway.sqlite", name: "it", userDirectory: nil)
      #expect(files.keep(draft))
      let path = folder + "/" + (try FileManager.default.contentsOfDirectory(atPath: folder)[0])
      #expect(try permissions(path) == 0o600)
      try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: path)
      #expect(files.drafts(of: "tester").isEmpty)
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
      try FileManager.default.moveItem(atPath: path, toPath: folder + "/elsewhere")
      try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: folder + "/elsewhere")
      #expect(files.drafts(of: "tester").isEmpty)
      // Keeping one puts a file in the link's place, and leaves what it led to.
      #expect(files.keep(draft))
      #expect(files.drafts(of: "tester") == [draft])
      #expect(try String(contentsOfFile: folder + "/elsewhere", encoding: .utf8).contains("tester"))
    }
  }

  @Test func anEditorIsKnownByItsLockAlone() throws {
    try TemporaryDirectory.during { folder in
      let path = folder + "/file"
      let first = try #require(FilePresence(file: path, isMade: true))
      let second = try #require(FilePresence(file: path))
      #expect(first.name != second.name)
      for (one, other) in [(first, second), (second, first), (first, first)] {
        #expect(one.isRunning(other.name) == true)
      }
      #expect(first.isRunning("1") == false || first.name == "1" || second.name == "1")
      #expect(first.isRunning("17-4711") == false && first.isRunning("") == false)
      #expect(FilePresence(file: folder + "/nothing") == nil)
    }
  }

  // MARK: Where the database is not there

  /// A database in a directory of its own, with what `body` does to it.
  private func withFile(_ body: (_ path: String, _ store: Store) throws -> Void) throws {
    try TemporaryDirectory.during { folder in
      let path = folder + "/gateway.sqlite"
      let store = try Store.open(path, for: .create, zones: TimeZoneDatabase.system)
      try Sample().fill(store, now: MergeTests.now)
      try body(path, store)
    }
  }

  @Test func aDatabaseThatWasReplacedIsNotWrittenAndTheWorkGoesOnInTheNewOne() throws {
    try withFile { path, store in
      let files = DraftFiles(database: path, name: path, userDirectory: nil)
      var world = try world(
        on: store, files: files, reopen: { try Store.open(path, for: .write, zones: TimeZoneDatabase.system) }
      )
      world.open(Self.desk)
      for suffix in ["", "-wal", "-shm"] {
        try FileManager.default.moveItem(atPath: path + suffix, toPath: path + ".old" + suffix)
      }
      world.press(":deny<Space>fri<Enter>s a")
      let question = try #require(world.editor.modal as? Question)
      #expect(question.title == "The database is not there any more")
      // Nothing is there yet.
      world.press("o")
      #expect(world.editor.notice?.kind == .error)
      #expect(days(world) == [1, 2, 3, 4])
      let kept = try #require(files.drafts(of: "tester").first)
      #expect(kept.payload.contains("Office hours"))
      let copy = try Store.open(path, for: .create, zones: TimeZoneDatabase.system)
      try Sample().fill(copy, now: MergeTests.now)
      world.press("s a")
      world.press("o")
      #expect(world.editor.week?.isChanged == true)
      world.press("s a")
      #expect(world.editor.week?.isChanged == false)
      #expect(try Set(copy.schedule(named: "office").content.windows.map(\.day)) == [1, 2, 3, 4])
      #expect(try Set(store.schedule(named: "office").content.windows.map(\.day)) == [1, 2, 3, 4, 5])
      #expect(files.drafts(of: "tester").isEmpty)
    }
  }

  @Test func aDraftThatTheDatabaseCannotTakeIsAFileOfItsOwner() throws {
    try withFile { path, _ in
      let files = DraftFiles(database: path, name: path, userDirectory: nil)
      let waiting = try Store.open(
        path, for: .write, zones: TimeZoneDatabase.system, wait: LockWait(longest: 50))
      let holder = try Store.open(path, for: .write, zones: TimeZoneDatabase.system)
      var world = try world(on: waiting, files: files)
      world.open(Self.desk)
      try holder.engine.write { _ in world.press(":deny<Space>fri<Enter>") }
      let names = try FileManager.default.contentsOfDirectory(
        atPath: (path as NSString).deletingLastPathComponent)
      let file = try #require(names.first { $0.contains("-draft-") })
      let attributes = try FileManager.default.attributesOfItem(
        atPath: (path as NSString).deletingLastPathComponent + "/" + file)
      #expect(attributes[.posixPermissions] as? Int == 0o600)
      var later = try self.world(on: holder, named: "later", files: files)
      later.open(Self.desk)
      #expect(later.editor.modal is Question)
      later.press("c")
      #expect(days(later) == [1, 2, 3, 4])
      #expect(files.drafts(of: "tester").isEmpty)
    }
  }
}
