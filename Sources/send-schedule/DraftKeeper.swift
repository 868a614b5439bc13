import Dispatch
import Editor
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
  private let author: String
  private let session = EditorProcess.current
  private let jobs = DispatchQueue(label: "drafts")
  private let tasks = Mutex<[String: Task]>([:])
  private let store = Mutex<Store?>(nil)
  private let problems = Mutex<[String]>([])
  private let wake: @Sendable () -> Void

  /// `wake` is called when there is a problem to be taken.
  init(path: String, author: String, wake: @escaping @Sendable () -> Void) {
    self.path = path
    self.author = author
    self.wake = wake
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

  /// What earlier editors of this author left, the newest first.
  func leftBehind(in store: Store) throws -> [KeptDraft] {
    try store.drafts(of: author).filter(isLeftBehind).compactMap { DraftCodec.decode($0.payload) }
  }

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
    let store = try opened()
    let prefix = DraftCodec.subject(phoneID)
    if case .keep(let draft) = task {
      try store.keep(
        Storage.Draft(
          subject: "\(prefix)#\(session)", author: author,
          payload: try DraftCodec.encode(draft), updatedAt: draft.keptAt))
    }
    // What was left behind is continued here by now, or was given up.
    for old in try store.drafts(of: author) where old.subject.hasPrefix(prefix + "#") {
      let isMine = old.subject.hasSuffix("#" + session)
      if case .keep = task, isMine { continue }
      if isMine || isLeftBehind(old) { try store.forgetDraft(of: old.subject, by: author) }
    }
  }

  private func opened() throws -> Store {
    try store.withLock { store in
      if let store { return store }
      let opened = try Store.open(path, for: .write, zones: TimeZoneDatabase.system)
      store = opened
      return opened
    }
  }

  private func isLeftBehind(_ draft: Storage.Draft) -> Bool {
    guard let process = draft.subject.split(separator: "#").last, draft.subject.contains("#") else {
      return true
    }
    return !EditorProcess.isRunning(String(process))
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
