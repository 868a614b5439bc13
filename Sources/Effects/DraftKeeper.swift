import Dispatch
import Editor
import Glibc
import Scheduling
import Storage
import Synchronization

/// Keeps unsaved work in the database, on a connection of its own, so that nothing else has to wait for it
/// nor it for anything else.
///
/// Of several drafts of a phone that wait to be written only the newest is. Where the database cannot take them at
/// once, files do (``DraftFiles``).
package final class DraftKeeper: Sendable {
  /// Does a write, the second closure, of which nobody is to be told; says whether others wrote meanwhile, by the versions
  /// of the database that the first one says.
  package typealias Silently =
    @Sendable (_ version: () throws -> StoreVersion?, _ write: () throws -> Void) throws -> Bool

  private enum Task: Sendable {
    case keep(KeptDraft)
    case drop(phoneID: String)
    case forget(id: String)
  }

  private struct Waiting: Sendable {
    /// What the task concerns: a newer one takes its place.
    let subject: String
    let task: Task
    /// How often it was tried in vain.
    var tries = 0
  }

  private struct Shared {
    /// In the order of coming.
    var tasks: [Waiting] = []
    var problems: [String] = []
    var place: DraftPlace
    /// When the work on each phone was kept last.
    var keptAt: [String: Instant] = [:]
  }

  private let origin: Store
  private let renewal: Duration
  private let silently: Silently
  private let jobs = DispatchQueue(label: "drafts")
  private let shared: Mutex<Shared>
  /// Opened by the first job, and theirs alone.
  private let shelf = Mutex<DraftShelf?>(nil)
  private let wake: @Sendable () -> Void

  /// What is kept is kept again every `renewal` milliseconds where nobody can tell who runs. `wake` is called when
  /// something is to be looked at: a problem, or what others wrote.
  package init(
    origin: Store, place: DraftPlace, renewal: Duration = DraftPlace.renewal, silently: @escaping Silently,
    wake: @escaping @Sendable () -> Void
  ) {
    self.origin = origin
    self.renewal = renewal
    self.silently = silently
    self.wake = wake
    shared = Mutex(Shared(place: place))
  }

  /// Why work could not be kept, once each.
  package func takeProblems() -> [String] {
    shared.withLock { shared in
      defer { shared.problems.removeAll() }
      return shared.problems
    }
  }

  package func keep(_ draft: KeptDraft) {
    shared.withLock { $0.keptAt[draft.phoneID] = draft.keptAt }
    add(.keep(draft), "phone \(draft.phoneID)")
    if !origin.tellsWhoRuns || shared.withLock({ $0.place.isUnseen }) { renewLater(draft) }
  }

  /// Keeps work again after a while if nothing newer was kept, so that others see that its editor runs.
  private func renewLater(_ draft: KeptDraft) {
    jobs.asyncAfter(deadline: .now() + .milliseconds(Int(renewal))) { [weak self] in
      guard let self, shared.withLock({ $0.keptAt[draft.phoneID] == draft.keptAt }) else { return }
      var again = draft
      again.keptAt = shared.withLock { $0.place }.now()
      keep(again)
    }
  }

  /// Forgets what this editor kept of a phone.
  package func drop(phoneID: String) {
    shared.withLock { $0.keptAt[phoneID] = nil }
    add(.drop(phoneID: phoneID), "phone \(phoneID)")
  }

  /// Forgets what another editor left.
  package func forget(id: String) { add(.forget(id: id), "draft \(id)") }

  /// Goes on in the database that is at the path now.
  package func reopen(_ place: DraftPlace) {
    shared.withLock { $0.place = place }
    jobs.async { [self] in shelf.withLock { $0 = nil } }
  }

  /// Returns when all is written, or was tried once more.
  package func finish() {
    jobs.sync {
      for _ in 0..<shared.withLock({ $0.tasks.count }) { performNext() }
    }
  }

  private func add(_ task: Task, _ subject: String) {
    shared.withLock { shared in
      shared.tasks.removeAll { $0.subject == subject }
      shared.tasks.append(Waiting(subject: subject, task: task))
    }
    jobs.async { [self] in performNext() }
  }

  /// Does the first task that waits; none may, as newer ones take the place of older ones.
  private func performNext() {
    guard let next = shared.withLock({ $0.tasks.isEmpty ? nil : $0.tasks.removeFirst() }) else { return }
    do {
      try perform(next.task)
    } catch {
      if case .keep = next.task {
        tell("unsaved work could not be kept: \(error)")
      } else {
        tryAgain(next, error)
      }
    }
  }

  private func perform(_ task: Task) throws {
    let shelf = opened()
    let write = {
      switch task {
      case .keep(let draft): try shelf.keep(draft)
      case .drop(let phoneID): try shelf.drop(phoneID: phoneID)
      case .forget(let id): try shelf.forget(id)
      }
    }
    if try silently(shelf.version, write) { wake() }
  }

  private static let mostTries = 60

  /// What is to be forgotten can wait for whoever has the database locked.
  private func tryAgain(_ waiting: Waiting, _ error: any Error) {
    var waiting = waiting
    waiting.tries += 1
    guard waiting.tries < Self.mostTries else {
      return tell("work that is not wanted any more is still kept: \(error)")
    }
    shared.withLock { [waiting] shared in
      if !shared.tasks.contains(where: { $0.subject == waiting.subject }) { shared.tasks.append(waiting) }
    }
    jobs.asyncAfter(deadline: .now() + .seconds(1)) { [self] in performNext() }
  }

  private func tell(_ problem: String) {
    shared.withLock { $0.problems.append(problem) }
    wake()
  }

  /// How long the database may keep a draft waiting, in milliseconds, before a file takes it.
  private static let patience: Int64 = 100

  /// Where the database cannot be reached there is a shelf all the same, and the next draft tries again.
  private func opened() -> DraftShelf {
    shelf.withLock { shelf in
      if let shelf { return shelf }
      let store = try? origin.reopened(for: .write, wait: LockWait(longest: Self.patience))
      let opened = shared.withLock { $0.place }.shelf(in: store)
      if store != nil { shelf = opened }
      return opened
    }
  }
}
