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
/// Of several drafts of a phone that wait to be written only the newest is. Each editor keeps its own: those
/// of editors that still run are nobody else's business.
final class DraftKeeper: Sendable {
  private enum Task: Sendable {
    case keep(KeptDraft)
    case drop
  }

  private let path: String
  private let jobs = DispatchQueue(label: "drafts")
  private let tasks = Mutex<[String: Task]>([:])
  /// Opened by the first job, and theirs alone.
  private let shelf = Mutex<DraftShelf?>(nil)
  private let problems = Mutex<[String]>([])
  private let wake: @Sendable () -> Void

  /// `wake` is called when there is a problem to be taken.
  init(path: String, wake: @escaping @Sendable () -> Void) {
    self.path = path
    self.wake = wake
  }

  /// Where the drafts of this process are.
  static func shelf(in store: Store) -> DraftShelf {
    DraftShelf(
      store: store, author: Surroundings.author(), editor: EditorProcess.current,
      isRunning: { EditorProcess.isRunning($0) })
  }

  /// Why work could not be kept, once each.
  func takeProblems() -> [String] {
    problems.withLock { problems in
      defer { problems.removeAll() }
      return problems
    }
  }

  func keep(_ draft: KeptDraft) { add(.keep(draft), phoneID: draft.phoneID) }

  /// Forgets the work on a phone, also what an earlier editor left of it.
  func drop(phoneID: String) { add(.drop, phoneID: phoneID) }

  /// Returns when all is written.
  func finish() { jobs.sync {} }

  private func add(_ task: Task, phoneID: String) {
    let isNew = tasks.withLock { $0.updateValue(task, forKey: phoneID) == nil }
    guard isNew else { return }
    jobs.async { [self] in
      do {
        try perform(phoneID)
      } catch {
        problems.withLock { $0.append("unsaved work could not be kept: \(error)") }
        wake()
      }
    }
  }

  private func perform(_ phoneID: String) throws {
    guard let task = tasks.withLock({ $0.removeValue(forKey: phoneID) }) else { return }
    let shelf = try opened()
    switch task {
    case .keep(let draft): try shelf.keep(draft)
    case .drop: try shelf.drop(phoneID: phoneID)
    }
  }

  private func opened() throws -> DraftShelf {
    try shelf.withLock { shelf in
      if let shelf { return shelf }
      let opened = Self.shelf(in: try Store.open(path, for: .write, zones: TimeZoneDatabase.system))
      shelf = opened
      return opened
    }
  }
}

/// Names a running process in a way that no later one has: its number and when it was started.
enum EditorProcess {
  static var current: String { name(of: getpid()) ?? "\(getpid())" }

  static func isRunning(_ name: String) -> Bool {
    guard let number = name.split(separator: "-").first.flatMap({ Int32($0) }) else { return false }
    return self.name(of: number) == name
  }

  /// The start time is the 22nd field of `/proc/PID/stat`, see proc(5); the second may hold blanks.
  private static func name(of process: Int32) -> String? {
    guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
      let end = text.lastIndex(of: ")")
    else { return nil }
    let fields = text[text.index(after: end)...].split(separator: " ")
    return fields.count > 19 ? "\(process)-\(fields[19])" : nil
  }
}
