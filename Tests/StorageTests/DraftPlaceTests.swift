import Effects
import Foundation
import Scheduling
import Synchronization
import TestSupport
import Testing
import TimeZones

@testable import Storage

/// Unsaved work of editors on several hosts: what another editor is offered of it.
@Suite(.enabled(if: PostgreSQLServer.isThere, "no PostgreSQL server"))
struct DraftPlaceTests {
  private let conninfo: String
  private let directory: TemporaryDirectory
  private let clock = Clock()

  private final class Clock: Sendable {
    private let instant = Mutex(monday)
    var now: Instant { instant.withLock { $0 } }
    func wait(_ duration: Duration) { instant.withLock { $0 += duration } }
  }

  init() throws {
    conninfo = try PostgreSQLServer.database()
    directory = try TemporaryDirectory()
    try Store.open(conninfo, for: .create).addPhone(.sample())
  }

  private func open(isCockroach: Bool) throws -> Store {
    try Store.openServer(
      conninfo, for: .edit, zones: TimeZoneDatabase.system, isCockroach: isCockroach)
  }

  /// The place of an editor on a host of its own.
  private func place(_ host: String, _ store: Store) -> DraftPlace {
    DraftPlace(
      store, author: "tester", userDirectory: directory.file(host), now: { [clock] in clock.now })
  }

  private func keeper(_ store: Store, renewal: Duration) -> DraftKeeper {
    DraftKeeper(
      origin: store, place: place("one", store), renewal: renewal,
      silently: { _, write in
        try write()
        return false
      }, wake: {})
  }

  private func keptAt(_ store: Store) throws -> Instant? { try store.drafts(of: "tester").first?.updatedAt }

  /// Where nobody can tell who runs, what an editor keeps again stays young.
  @Test func whatIsKeptAgainIsNotOfferedToOthers() throws {
    let (store, other) = (try open(isCockroach: true), try open(isCockroach: true))
    let elsewhere = place("two", other)
    var editor: DraftKeeper? = keeper(store, renewal: 20)
    editor?.keep(KeptDraftFixture.make(of: .sample(), at: clock.now))
    editor?.finish()
    #expect(try elsewhere.shelf(in: other).leftBehind().isEmpty)
    clock.wait(16 * .minute)
    for _ in 0..<500 where try keptAt(other) != clock.now { usleep(10_000) }
    #expect(try keptAt(other) == clock.now)
    #expect(try elsewhere.shelf(in: other).leftBehind().isEmpty)
    // It is gone.
    editor?.finish()
    editor = nil
    usleep(100_000)
    clock.wait(14 * .minute)
    #expect(try elsewhere.shelf(in: other).leftBehind().isEmpty)
    clock.wait(2 * .minute)
    #expect(try elsewhere.shelf(in: other).leftBehind().count == 1)
  }

  /// The connection that kept it shows that its editor runs, though no other one got in.
  @Test func anEditorThatHearsOfNothingIsKnownToRun() throws {
    let (store, other) = (try open(isCockroach: false), try open(isCockroach: false))
    let elsewhere = place("two", other)
    var editor: DraftKeeper? = keeper(store, renewal: .minute)
    editor?.keep(KeptDraftFixture.make(of: .sample(), at: clock.now))
    editor?.finish()
    clock.wait(.hour)
    try waitUntilTheServerIsSure(other)
    #expect(try elsewhere.shelf(in: other).leftBehind().isEmpty)
    editor?.finish()
    editor = nil
    try store.close()
    for _ in 0..<100 where try elsewhere.shelf(in: other).leftBehind().isEmpty { usleep(20_000) }
    #expect(try elsewhere.shelf(in: other).leftBehind().count == 1)
  }

  /// While the server cannot be asked, nobody knows whether an editor on another host runs.
  @Test func nothingIsOfferedWhileTheServerIsAway() throws {
    let store = try open(isCockroach: false)
    let own = place("one", store)
    let files = DraftFiles(database: nil, name: store.path, userDirectory: directory.file("one"))
    let elsewhere = DraftShelf(
      store: nil, author: "tester", editor: "1.elsewhere.zzz", files: files, isRunning: { _, _ in false })
    try elsewhere.keep(KeptDraftFixture.make(of: .sample(), at: clock.now))
    #expect(try own.shelf(in: nil).leftBehind().isEmpty)
    try waitUntilTheServerIsSure(store)
    #expect(try own.shelf(in: store).leftBehind().count == 1)
  }

  /// It tells nothing certain when it has just been started.
  private func waitUntilTheServerIsSure(_ store: Store) throws {
    for _ in 0..<160 where store.isRunning("zzz") == true { usleep(100_000) }
    try #require(store.isRunning("zzz") == false)
  }
}
