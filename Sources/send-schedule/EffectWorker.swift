import Dispatch
import Editor
import Effects
import Glibc
import Scheduling
import Storage
import Synchronization

/// Performs the editor's effects on the database, one after the other, apart from the terminal's thread.
///
/// Outcomes are collected; ``descriptor`` becomes readable when there are some.
final class EffectWorker: Sendable {
  /// What the terminal's thread and the jobs share.
  private struct Shared {
    var outcomes: [Outcome] = []
    /// Jobs that are not done.
    var pending = 0
    var isRefreshPending = false
    /// Counts opened phones: a queue that loads for an earlier one is given up.
    var opening = 0
    /// Counts what the list asked for: outlooks of pages that were left are given up.
    var listing = 0
    /// Counts searches over all phones: an earlier one is given up.
    var searching = 0
    /// Counts imports and the wish to end one.
    var importing = 0
    /// Counts retries of many messages and the wish to stop one.
    var retrying = 0
  }

  private let jobs = DispatchQueue(label: "database")
  /// Reads long queues, each on a connection of its own, so that nothing else waits meanwhile.
  private let loads = DispatchQueue(label: "long queues")
  /// Imports files and retries messages, each on a connection of its own.
  private let imports = DispatchQueue(label: "imports")
  /// Belongs to the jobs, of which one runs at a time: nobody ever waits for it.
  private let performer: Mutex<EffectPerformer>
  private let shared = Mutex(Shared())
  private let drafts: DraftKeeper
  private let bell: WakePipe
  private let wait: LockWait
  private let options: EditorOptions

  /// `wait` is what `store` waits with; `watch` is not to tell of drafts.
  init(store: Store, wait: LockWait, watch: DatabaseWatch, options: EditorOptions) throws {
    self.options = options
    self.wait = wait
    let bell = try WakePipe()
    self.bell = bell
    let place = DraftPlace(store)
    let keeper = DraftKeeper(
      origin: store, place: place, silently: { try watch.silently(version: $0, $1) }, wake: { bell.ring() })
    drafts = keeper
    performer = Mutex(
      EffectPerformer(
        store: store, drafts: place.shelf(in: store), isReadOnly: options.isReadOnly,
        stamp: { Surroundings.stamp(at: $0, isBegun: options.fixedNow == nil) },
        reopen: {
          let again = try store.reopened(for: options.isReadOnly ? .read : .write, wait: wait)
          let place = DraftPlace(again)
          keeper.reopen(place)
          return (again, place.shelf(in: again))
        }))
  }

  var descriptor: Int32 { bell.descriptor }
  var isBusy: Bool { shared.withLock { $0.pending > 0 || !$0.outcomes.isEmpty } }

  /// For how many milliseconds somebody else's lock has been in the way; nil if nothing waits for one.
  var lockedMilliseconds: Int64? { isBusy ? wait.milliseconds : nil }

  /// Gives up what waits for a lock.
  func endWaiting() { wait.end() }

  /// Waits until there are outcomes; false if the time ran out first.
  func wait(milliseconds: Int32) -> Bool { bell.wait(milliseconds: milliseconds) }

  /// The outcomes so far, once.
  func take() -> [Outcome] {
    bell.silence()
    return drafts.takeProblems().map(Outcome.failed)
      + shared.withLock { shared in
        defer { shared.outcomes.removeAll() }
        return shared.outcomes
      }
  }

  /// Returns when all that was asked for is done; a lock may keep it waiting so many milliseconds, nil as long as it
  /// lasts. Drafts never wait long.
  func finish(patience: Int? = nil) {
    shared.withLock {
      $0.opening += 1
      $0.listing += 1
      $0.searching += 1
      $0.importing += 1
    }
    drafts.finish()
    if let patience {
      let done = DispatchSemaphore(value: 0)
      jobs.async { done.signal() }
      if done.wait(timeout: .now() + .milliseconds(patience)) == .timedOut { wait.end(forGood: true) }
    }
    // The wish to end an import comes too late for one that has taken place, which is queued to its end.
    imports.sync {}
    jobs.sync {}
  }

  func perform(_ effect: Effect) {
    switch effect {
    case .keepDraft(let kept): if !options.isReadOnly { drafts.keep(kept) }
    case .dropDraft(let phoneID): if !options.isReadOnly { drafts.drop(phoneID: phoneID) }
    case .forgetDraft(let id): if !options.isReadOnly { drafts.forget(id: id) }
    case .open: submit(isWanted: newest(\.opening)) { try $0.perform(effect, $1) }
    case .loadQueue(let phoneID): load(phoneID)
    case .loadOutlooks: submit(isWanted: newest(\.listing)) { try $0.perform(effect, $1) }
    case .searchMessages(let text):
      let isWanted = newest(\.searching)
      submit(isWanted: isWanted) { [self] performer, _ in goOn(try performer.beginSearch(text), isWanted) }
    case .endSearch: _ = newest(\.searching)
    case .importFile(let path, let isDryRun): importFile(path, isDryRun: isDryRun)
    case .retryMessages(let retried, let kind): retry(retried, kind)
    case .endImport: _ = newest(\.importing)
    case .endRetry: _ = newest(\.retrying)
    default: submit { try $0.perform(effect, $1) }
    }
  }

  /// Reads all of a long queue beside the jobs, and then shows it.
  private func load(_ phoneID: String) {
    let isWanted = newest(\.opening)
    submit(isWanted: isWanted) { [self] performer, _ in
      let store = performer.store
      loads.async { [self] in
        do {
          guard isWanted() else { return }
          let queue = try store.reopened(for: .read, wait: wait)
            .loadQueue(of: phoneID, now: options.now) { _ in isWanted() }
          submit(isWanted: isWanted) { try $0.adopt(queue, of: phoneID, $1) }
        } catch {
          if let outcome = Outcome(of: error) { post(outcome) }
        }
      }
    }
  }

  private func importFile(_ path: String, isDryRun: Bool) {
    apart(\.importer, isWanted: newest(\.importing)) { [self] importer, call in
      if let told = try importer.run(path, isDryRun: isDryRun, call) {
        submit { try $0.showImported(told, $1) }
      }
    }
  }

  private func retry(_ retried: RetriedMessages, _ kind: StepKind) {
    apart(\.retrier, isWanted: newest(\.retrying)) { [self] retrier, call in
      let result = try retrier.run(retried, kind, call)
      submit { try $0.show(result, kind, $1) }
    }
  }

  /// Does something long beside the jobs, which come in between, on a connection of its own.
  private func apart<Work: LongWork>(
    _ work: any KeyPath<EffectPerformer, Work> & Sendable,
    isWanted: @escaping @Sendable () -> Bool,
    _ body: @escaping @Sendable (Work, Call) throws -> Void
  ) {
    submit(isWanted: isWanted) { [self] performer, _ in
      let work = performer[keyPath: work]
      shared.withLock { $0.pending += 1 }
      imports.async { [self] in
        do {
          guard work.store.isInPlace else { throw StoreError.replaced(path: work.store.path) }
          var own = work
          own.store = try work.store.reopened(for: .write, wait: wait)
          try body(own, Call(clock: { [options] in options.now }, isWanted: isWanted) { self.post($0) })
        } catch {
          report(error)
        }
        shared.withLock { $0.pending -= 1 }
        bell.ring()
      }
    }
  }

  /// Searches piece by piece, so that whatever else is asked for comes in between.
  private func goOn(_ search: FleetSearch, _ isWanted: @escaping @Sendable () -> Bool) {
    guard !search.isOver else { return }
    submit(isWanted: isWanted) { [self] performer, call in
      var search = search
      try performer.goOn(&search, milliseconds: Self.searchPiece, call)
      goOn(search, isWanted)
    }
  }

  /// How long one piece of a search keeps others waiting, in milliseconds.
  private static let searchPiece: Duration = 40

  /// Looks what another process changed; calls while one is under way are one.
  ///
  /// `evenIfUnwritten` looks also where nobody wrote: leases run out by themselves.
  func refresh(openPhone: String?, shownPhones: [String] = [], evenIfUnwritten: Bool = false) {
    let isNew = shared.withLock { shared in
      defer { shared.isRefreshPending = true }
      return !shared.isRefreshPending
    }
    guard isNew else { return }
    submit { [self] performer, call in
      shared.withLock { $0.isRefreshPending = false }
      try performer.refresh(
        openPhone: openPhone, shownPhones: shownPhones, evenIfUnwritten: evenIfUnwritten, call)
    }
  }

  /// Tells of work that an earlier start left unsaved.
  func offerDrafts() { submit { try $0.offerDrafts($1) } }

  /// Makes a request the newest of its kind; the result says whether it still is.
  private func newest(_ count: WritableKeyPath<Shared, Int> & Sendable) -> @Sendable () -> Bool {
    let mine = shared.withLock { shared in
      shared[keyPath: count] += 1
      return shared[keyPath: count]
    }
    return { [self] in shared.withLock { $0[keyPath: count] == mine } }
  }

  private func submit(
    isWanted: @escaping @Sendable () -> Bool = { true },
    _ job: @escaping @Sendable (inout EffectPerformer, Call) throws -> Void
  ) {
    shared.withLock { $0.pending += 1 }
    jobs.async { [self] in
      let call = Call(clock: { [options] in options.now }, isWanted: isWanted) { self.post($0) }
      do {
        try performer.withLock { try job(&$0, call) }
      } catch {
        if let outcome = Outcome(of: error) { post(outcome) }
      }
      shared.withLock { $0.pending -= 1 }
      bell.ring()
    }
  }

  /// Shows an error of something that was done elsewhere.
  func report(_ error: any Error) {
    if let outcome = Outcome(of: error) { post(outcome) }
    bell.ring()
  }

  private func post(_ outcome: Outcome) {
    shared.withLock { $0.outcomes.append(outcome) }
    bell.ring()
  }
}

extension DraftPlace {
  /// The place of this process's user.
  fileprivate init(_ store: Store) {
    self.init(
      store, author: Surroundings.author(), userDirectory: Surroundings.stateDirectory(), now: Moment.present)
  }
}
