import Dispatch
import Editor
import Foundation
import Scheduling
import Storage
import Synchronization

/// Performs the editor's effects on the database, one after the other, apart from the terminal's thread.
///
/// Outcomes are collected; ``descriptor`` becomes readable when there are some.
final class EffectWorker: Sendable {
  private let store: Store
  private let fixedNow: Instant?
  private let isReadOnly: Bool
  private let jobs = DispatchQueue(label: "database")
  private let outcomes = Mutex<[Outcome]>([])
  private let loaded = Mutex<(phoneID: String, queue: LoadedQueue)?>(nil)
  /// Queues of phones that the list showed lately.
  private let listed = Mutex<[String: LoadedQueue]>([:])
  private let pending = Atomic<Int>(0)
  private let isRefreshPending = Atomic<Bool>(false)
  /// The file, and the phone or list, that were last looked at for changes by others.
  private let followed = Mutex<(version: StoreVersion, subject: String)?>(nil)
  /// Counts opened phones: a queue that loads for an earlier one is given up.
  private let opening = Atomic<Int>(0)
  private let pipeEnds: (read: Int32, write: Int32)

  init(store: Store, fixedNow: Instant?, isReadOnly: Bool) throws {
    self.store = store
    self.fixedNow = fixedNow
    self.isReadOnly = isReadOnly
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else {
      throw StoreError.inputOutput(path: "pipe", reason: String(cString: strerror(errno)))
    }
    for end in ends { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
    pipeEnds = (ends[0], ends[1])
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
    return outcomes.withLock { outcomes in
      defer { outcomes.removeAll() }
      return outcomes
    }
  }

  /// Returns when all that was asked for is done.
  func finish() {
    opening.add(1, ordering: .relaxed)
    jobs.sync {}
  }

  func perform(_ effect: Effect) {
    if case .open = effect { opening.add(1, ordering: .relaxed) }
    let generation = opening.load(ordering: .relaxed)
    submit { worker in try worker.run(effect, generation) }
  }

  /// Looks what another process changed; calls while one is under way are one.
  func refresh(openPhone: String?) {
    guard isRefreshPending.exchange(true, ordering: .acquiringAndReleasing) == false else { return }
    submit { worker in
      worker.isRefreshPending.store(false, ordering: .releasing)
      let version = try worker.store.version()
      let subject = openPhone ?? ""
      guard worker.followed.withLock({ $0?.version != version || $0?.subject != subject }) else { return }
      try worker.follow(openPhone)
      worker.followed.withLock { $0 = (version, subject) }
    }
  }

  /// Tells of work that an earlier start left unsaved.
  func offerDrafts() {
    guard !isReadOnly else { return }
    submit { worker in
      let drafts = try worker.store.drafts(of: worker.stamp.author)
      let kept = drafts.compactMap { DraftCodec.decode($0.payload) }
      if !kept.isEmpty { worker.post(.keptElsewhere(kept)) }
    }
  }

  private func submit(_ job: @escaping @Sendable (EffectWorker) throws -> Void) {
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

  private func post(_ outcome: Outcome) {
    outcomes.withLock { $0.append(outcome) }
    wake()
  }

  private func wake() {
    var byte: UInt8 = 1
    _ = write(pipeEnds.write, &byte, 1)
  }

  private var now: Instant { fixedNow ?? Moment.present() }
  private var stamp: Stamp { Surroundings.stamp(at: now) }

  // MARK: Effects

  private func run(_ effect: Effect, _ generation: Int) throws {
    switch effect {
    case .loadGateway: try loadGateway()
    case .loadOutlooks(let ids): post(.outlooks(try outlooks(ids)))
    case .open(let id): try open(id, generation)
    case .loadTexts(let keys): post(.texts(try texts(keys)))
    case .findMessages(let id, let text):
      post(.found(phoneID: id, keys: try store.findWaiting(of: id, containing: text, limit: 1_000)))
    case .save(let request): try save(request)
    case .attach(let scheduleID, let phoneIDs):
      try store.attach(scheduleID, toPhones: phoneIDs)
      post(.done("\(Words.count(phoneIDs.count, "phone")) \(scheduleID == nil ? "detached" : "attached")"))
      try loadGateway()
    case .deleteSchedule(let id): try delete(id)
    case .renameSchedule(let id, let name):
      _ = try store.changeSchedule(id, stamp: stamp) { $0.name = name }
      post(.done("Renamed"))
      try loadGateway()
    case .loadRevisions(let id): post(.revisions(try store.revisions(of: id).map(RevisionRow.init)))
    case .keepDraft(let kept): try keep(kept)
    case .dropDraft(let phoneID):
      guard !isReadOnly else { return }
      try store.forgetDraft(of: DraftCodec.subject(phoneID), by: stamp.author)
    case .redraw, .suspend, .quit: break
    }
  }

  private func loadGateway() throws {
    let phones = try store.overview(now: now).map { PhoneRow(phone: $0.phone, waiting: $0.waiting) }
    post(.gateway(Gateway(phones: phones, schedules: try store.schedules())))
  }

  private func outlooks(_ ids: [String]) throws -> [String: PhoneOutlook] {
    let now = now
    var outlooks: [String: PhoneOutlook] = [:]
    for id in ids {
      let state = try store.state(of: id, now: now)
      let queue = state.waiting == 0 ? SendQueue() : try followedQueue(of: id, now: now)
      let forecast = Forecast(queue: queue, rules: try store.rules(for: state, now: now))
      outlooks[id] = PhoneOutlook(
        next: forecast.firstSendAt, last: forecast.lastSendAt, never: forecast.never)
    }
    return outlooks
  }

  /// A queue for the phone list: kept, so that the next look costs only what changed.
  private func followedQueue(of id: String, now: Instant) throws -> SendQueue {
    if var followed = listed.withLock({ $0.removeValue(forKey: id) }) {
      _ = try store.refresh(&followed, now: now)
      listed.withLock { [followed] in $0[id] = followed }
      return followed.queue
    }
    let queue = try store.loadQueue(of: id, now: now)
    listed.withLock { listed in
      if listed.values.reduce(queue.queue.count, { $0 + $1.queue.count }) > Self.mostListed {
        listed.removeAll()
      }
      listed[id] = queue
    }
    return queue.queue
  }

  /// Messages whose places are kept for the phone list, 16 bytes each.
  private static let mostListed = 2_000_000

  private func open(_ id: String, _ generation: Int) throws {
    let now = now
    let state = try store.state(of: id, now: now)
    post(.opened(try opened(state, withDraft: true)))
    let queue = try store.loadQueue(of: id, now: now) { _ in
      self.opening.load(ordering: .relaxed) == generation
    }
    loaded.withLock { $0 = (id, queue) }
    post(.queue(phoneID: id, queue.queue, previous: state.previous))
  }

  private func opened(_ state: PhoneState, withDraft: Bool) throws -> OpenedPhone {
    var kept: KeptDraft?
    if withDraft, !isReadOnly {
      let subject = DraftCodec.subject(state.phone.id)
      let draft = try store.drafts(of: stamp.author).first { $0.subject == subject }
      kept = draft.flatMap { DraftCodec.decode($0.payload) }
    }
    let savedBy = try state.schedule.map { try store.revision($0.revision, of: $0.id).stamp.author }
    return OpenedPhone(phone: state.phone, schedule: state.schedule, savedBy: savedBy, kept: kept)
  }

  private func texts(_ keys: [Int64]) throws -> [Int64: MessageText] {
    try store.messages(keys: keys).mapValues {
      MessageText(
        id: $0.id, contact: $0.contact, content: $0.content, queuedAt: $0.queuedAt, sendAt: $0.sendAt)
    }
  }

  private func save(_ request: SaveRequest) throws {
    let schedule: ScheduleSave =
      switch request.schedule {
      case .attach(let id): .attach(id: id)
      case .update(let id, let content, let revision): .update(id: id, content: content, basedOn: revision)
      case .create(let content): .create(content)
      }
    do {
      try store.save(
        phone: request.phoneID, schedule: schedule, rate: request.rate.map { ($0.from, $0.to) }, stamp: stamp)
    } catch StoreError.stale, StoreError.stalePhone {
      post(.overtaken(try opened(store.state(of: request.phoneID, now: now), withDraft: false)))
      return
    }
    let state = try store.state(of: request.phoneID, now: now)
    let note =
      state.schedule.map { "Saved “\($0.content.name)”, revision \($0.revision)" } ?? "Saved: no schedule"
    post(.saved(try opened(state, withDraft: false), note: note))
  }

  private func delete(_ id: String) throws {
    let name = try store.schedule(named: id).content.name
    _ = try store.removeSchedule(id, stamp: stamp)
    post(.done("Deleted “\(name)”; its revisions are kept"))
    try loadGateway()
    if let phoneID = loaded.withLock({ $0?.phoneID }) { try follow(phoneID) }
  }

  private func keep(_ kept: KeptDraft) throws {
    guard !isReadOnly else { return }
    try store.keep(
      Storage.Draft(
        subject: DraftCodec.subject(kept.phoneID), author: stamp.author,
        baseRevision: kept.schedule?.revision ?? 0, payload: try DraftCodec.encode(kept), updatedAt: now))
  }

  /// Brings the phone that is open, or the list, up to the file.
  private func follow(_ openPhone: String?) throws {
    guard let openPhone else { return try loadGateway() }
    let state = try store.state(of: openPhone, now: now)
    post(.followed(try opened(state, withDraft: false)))
    guard let (phoneID, current) = loaded.withLock({ $0 }), phoneID == openPhone else { return }
    var queue = current
    let refreshed = try store.refresh(&queue, now: now)
    loaded.withLock { $0 = (phoneID, queue) }
    if refreshed != .unchanged { post(.queue(phoneID: openPhone, queue.queue, previous: state.previous)) }
  }
}

extension RevisionRow {
  fileprivate init(_ revision: Revision) {
    let origin = revision.stamp.origin.map { " from \($0)" } ?? ""
    self.init(
      number: revision.number, content: revision.content, author: revision.stamp.author + origin,
      savedAt: revision.stamp.at, summary: revision.summary)
  }
}
