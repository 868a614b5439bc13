import Dispatch
import Editor
import Glibc
import Scheduling
import Storage
import Synchronization

/// Performs the editor's effects on the database, one after the other, apart from the terminal's thread.
///
/// Outcomes are collected; ``descriptor`` becomes readable when there are some.
final class EffectWorker: Sendable {
  let store: Store
  let fixedNow: Instant?
  let isReadOnly: Bool
  let jobs = DispatchQueue(label: "database")
  let outcomes = Mutex<[Outcome]>([])
  let loaded = Mutex<(phoneID: String, queue: LoadedQueue, previous: Instant?)?>(nil)
  /// Queues of phones that the list showed lately.
  let listed = Mutex<[String: LoadedQueue]>([:])
  let pending = Atomic<Int>(0)
  let isRefreshPending = Atomic<Bool>(false)
  /// The file, and the phone or list, that were last looked at for changes by others.
  let followed = Mutex<(version: StoreVersion, subject: String)?>(nil)
  /// Counts opened phones: a queue that loads for an earlier one is given up.
  let opening = Atomic<Int>(0)
  /// Counts what the list asked for: outlooks of pages that were left are given up.
  let listing = Atomic<Int>(0)
  let hasGateway = Atomic<Bool>(false)
  let drafts: DraftKeeper
  let pipeEnds: (read: Int32, write: Int32)

  init(store: Store, fixedNow: Instant?, isReadOnly: Bool) throws {
    self.store = store
    self.fixedNow = fixedNow
    self.isReadOnly = isReadOnly
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else {
      throw StoreError.inputOutput(path: "pipe", reason: String(cString: strerror(errno)))
    }
    for end in ends { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
    let write = ends[1]
    pipeEnds = (ends[0], write)
    drafts = DraftKeeper(path: store.path, author: Surroundings.author()) {
      EffectWorker.wake(write)
    }
  }

  deinit {
    close(pipeEnds.read)
    close(pipeEnds.write)
  }

  var descriptor: Int32 { pipeEnds.read }
  var isBusy: Bool { pending.load(ordering: .acquiring) > 0 || outcomes.withLock { !$0.isEmpty } }

  /// Waits until there are outcomes; false if the time ran out first.
  func wait(milliseconds: Int32) -> Bool {
    var descriptor = pollfd(fd: pipeEnds.read, events: Int16(POLLIN), revents: 0)
    return poll(&descriptor, 1, milliseconds) > 0
  }

  /// The outcomes so far, once.
  func take() -> [Outcome] {
    var buffer = [UInt8](repeating: 0, count: 256)
    while read(pipeEnds.read, &buffer, buffer.count) > 0 {}
    return drafts.takeProblems().map(Outcome.failed)
      + outcomes.withLock { outcomes in
        defer { outcomes.removeAll() }
        return outcomes
      }
  }

  /// Returns when all that was asked for is done.
  func finish() {
    opening.add(1, ordering: .relaxed)
    listing.add(1, ordering: .relaxed)
    jobs.sync {}
    drafts.finish()
  }

  func perform(_ effect: Effect) {
    switch effect {
    case .keepDraft(let kept):
      if !isReadOnly { drafts.keep(kept) }
    case .dropDraft(let phoneID):
      if !isReadOnly { drafts.drop(phoneID: phoneID) }
    case .open(let id):
      let generation = opening.add(1, ordering: .relaxed).newValue
      submit { worker in try worker.open(id, generation) }
    case .loadOutlooks(let ids):
      let generation = listing.add(1, ordering: .relaxed).newValue
      submit { worker in try worker.loadOutlooks(ids, generation) }
    case .save(let request):
      submit { worker in worker.save(request) }
    default:
      submit { worker in try worker.run(effect) }
    }
  }

  /// Looks what another process changed; calls while one is under way are one.
  ///
  /// `evenIfUnwritten` looks also where nobody wrote: leases run out by themselves.
  func refresh(openPhone: String?, evenIfUnwritten: Bool = false) {
    guard isRefreshPending.exchange(true, ordering: .acquiringAndReleasing) == false else { return }
    submit { worker in
      worker.isRefreshPending.store(false, ordering: .releasing)
      let version = try worker.store.version()
      let subject = openPhone ?? ""
      let isKnown = worker.followed.withLock { $0?.version == version && $0?.subject == subject }
      if isKnown, !evenIfUnwritten { return }
      try worker.follow(openPhone)
      worker.followed.withLock { $0 = (version, subject) }
    }
  }

  /// Tells of work that an earlier start left unsaved.
  func offerDrafts() {
    guard !isReadOnly else { return }
    submit { worker in
      let phones = Set(try worker.store.phones().map(\.id))
      let kept = try worker.drafts.leftBehind(in: worker.store).filter { phones.contains($0.phoneID) }
      if !kept.isEmpty { worker.post(.keptElsewhere(kept)) }
    }
  }

  func submit(_ job: @escaping @Sendable (EffectWorker) throws -> Void) {
    pending.add(1, ordering: .relaxed)
    jobs.async { [self] in
      do {
        try job(self)
      } catch StoreError.interrupted {
        // Given up on purpose.
      } catch {
        post(.failed(String(describing: error)))
      }
      pending.subtract(1, ordering: .releasing)
      wake()
    }
  }

  func post(_ outcome: Outcome) {
    outcomes.withLock { $0.append(outcome) }
    wake()
  }

  func wake() { Self.wake(pipeEnds.write) }

  static func wake(_ pipeEnd: Int32) {
    var byte: UInt8 = 1
    _ = write(pipeEnd, &byte, 1)
  }

  var now: Instant { fixedNow ?? Moment.present() }
  var stamp: Stamp { Surroundings.stamp(at: now) }
}
