import Dispatch
import Editor
import Effects
import Glibc
import Scheduling
import Storage
import Synchronization
import TimeZones

/// Keeps unsaved work in the database, on a connection of its own, so that nothing else has to wait for it
/// nor it for anything else.
///
/// Of several drafts of a phone that wait to be written only the newest is. Where the database cannot take them at
/// once, files do (``DraftFiles``).
final class DraftKeeper: Sendable {
  private enum Task: Sendable {
    case keep(KeptDraft)
    case drop(phoneID: String)
    case forget(id: String)
  }

  private struct Shared {
    /// By what they concern, in the order of coming.
    var tasks: [(subject: String, task: Task)] = []
    var problems: [String] = []
    var place: DraftPlace
  }

  private let path: String
  private let watch: DatabaseWatch
  private let jobs = DispatchQueue(label: "drafts")
  private let shared: Mutex<Shared>
  /// Opened by the first job, and theirs alone.
  private let shelf = Mutex<DraftShelf?>(nil)
  private let wake: @Sendable () -> Void

  /// `watch` is not to tell of what is written here; `wake` is called when something is to be looked at: a problem, or
  /// what others wrote.
  init(path: String, place: DraftPlace, watch: DatabaseWatch, wake: @escaping @Sendable () -> Void) {
    self.path = path
    self.watch = watch
    self.wake = wake
    shared = Mutex(Shared(place: place))
  }

  /// Why work could not be kept, once each.
  func takeProblems() -> [String] {
    shared.withLock { shared in
      defer { shared.problems.removeAll() }
      return shared.problems
    }
  }

  func keep(_ draft: KeptDraft) { add(.keep(draft), "phone \(draft.phoneID)") }

  /// Forgets what this editor kept of a phone.
  func drop(phoneID: String) { add(.drop(phoneID: phoneID), "phone \(phoneID)") }

  /// Forgets what another editor left.
  func forget(id: String) { add(.forget(id: id), "draft \(id)") }

  /// Goes on in the database that is at the path now.
  func reopen(_ place: DraftPlace) {
    shared.withLock { $0.place = place }
    jobs.async { [self] in shelf.withLock { $0 = nil } }
  }

  /// Returns when all is written.
  func finish() { jobs.sync {} }

  private func add(_ task: Task, _ subject: String) {
    shared.withLock { shared in
      shared.tasks.removeAll { $0.subject == subject }
      shared.tasks.append((subject, task))
    }
    jobs.async { [self] in
      do {
        try performNext()
      } catch {
        shared.withLock { $0.problems.append("unsaved work could not be kept: \(error)") }
        wake()
      }
    }
  }

  /// Does the first task that waits; none may, as newer ones take the place of older ones.
  private func performNext() throws {
    guard let task = shared.withLock({ $0.tasks.isEmpty ? nil : $0.tasks.removeFirst().task }) else { return }
    let shelf = try opened()
    let write = {
      switch task {
      case .keep(let draft): try shelf.keep(draft)
      case .drop(let phoneID): try shelf.drop(phoneID: phoneID)
      case .forget(let id): try shelf.forget(id)
      }
    }
    if try watch.silently(version: shelf.version, write) { wake() }
  }

  /// How long the database may keep a draft waiting, in milliseconds, before a file takes it.
  private static let patience: Int64 = 500

  private func opened() throws -> DraftShelf {
    try shelf.withLock { shelf in
      if let shelf { return shelf }
      let store = try Store.open(
        path, for: .write, zones: TimeZoneDatabase.system, wait: LockWait(longest: Self.patience))
      let opened = shared.withLock { $0.place }.shelf(in: store)
      shelf = opened
      return opened
    }
  }
}

/// Where the drafts of this process are, and how other editors know that it runs.
struct DraftPlace: Sendable {
  private let presence: EditorPresence?
  private let files: DraftFiles
  /// Names this editor.
  private let name: String

  /// `store` is an open one, whose file is locked as long as the process runs.
  init(_ store: Store) {
    let isFile = !store.path.contains("://")
    files = DraftFiles(
      database: isFile ? store.path : nil,
      name: isFile ? Self.real(store.path) : store.path,
      userDirectory: Surroundings.stateDirectory())
    presence = isFile && store.isWritable ? EditorPresence(file: store.path) : nil
    // Without a lock nobody can tell whether it runs: its drafts are offered to others meanwhile.
    name = presence?.name ?? NewID.make(at: Moment.present())
  }

  private static func real(_ path: String) -> String {
    let resolved = realpath(path, nil)
    defer { free(resolved) }
    return resolved.map { String(cString: $0) } ?? path
  }

  func shelf(in store: Store) -> DraftShelf {
    DraftShelf(
      store: store, author: Surroundings.author(), editor: name, files: files,
      isRunning: { [presence, name] in presence?.isRunning($0) ?? ($0 == name) })
  }
}
