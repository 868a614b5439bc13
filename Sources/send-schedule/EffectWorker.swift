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
  private let loaded = Mutex<(phoneID: String, queue: LoadedQueue, previous: Instant?)?>(nil)
  /// Queues of phones that the list showed lately.
  private let listed = Mutex<[String: LoadedQueue]>([:])
  private let pending = Atomic<Int>(0)
  private let isRefreshPending = Atomic<Bool>(false)
  /// The file, and the phone or list, that were last looked at for changes by others.
  private let followed = Mutex<(version: StoreVersion, subject: String)?>(nil)
  /// Counts opened phones: a queue that loads for an earlier one is given up.
  private let opening = Atomic<Int>(0)
  /// Counts what the list asked for: outlooks of pages that were left are given up.
  private let listing = Atomic<Int>(0)
  private let hasGateway = Atomic<Bool>(false)
  private let drafts: DraftKeeper
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

  private func wake() { Self.wake(pipeEnds.write) }

  private static func wake(_ pipeEnd: Int32) {
    var byte: UInt8 = 1
    _ = write(pipeEnd, &byte, 1)
  }

  private var now: Instant { fixedNow ?? Moment.present() }
  private var stamp: Stamp { Surroundings.stamp(at: now) }

  // MARK: Effects

  private func run(_ effect: Effect) throws {
    switch effect {
    case .loadGateway: try loadGateway()
    case .loadTexts(let keys): post(.texts(try texts(keys)))
    case .findMessages(let id, let text):
      post(.found(phoneID: id, keys: try store.findWaiting(of: id, containing: text, limit: 1_000)))
    case .attach(let scheduleID, let phoneIDs):
      try store.attach(scheduleID, toPhones: phoneIDs)
      post(.attached(Words.count(phoneIDs.count, "phone") + (scheduleID == nil ? " detached" : " attached")))
      try loadGateway()
    case .deleteSchedule(let id): try delete(id)
    case .renameSchedule(let id, let name):
      _ = try store.changeSchedule(id, stamp: stamp) { $0.name = name }
      post(.done("Renamed"))
      try loadGateway()
    case .loadRevisions(let id): post(.revisions(try store.revisions(of: id).map(RevisionRow.init)))
    case .open, .loadOutlooks, .save, .keepDraft, .dropDraft, .redraw, .suspend, .quit: break
    }
  }

  private func loadGateway() throws {
    let phones = try store.overview(now: now).map { PhoneRow(phone: $0.phone, waiting: $0.waiting) }
    post(.gateway(Gateway(phones: phones, schedules: try store.schedules())))
    hasGateway.store(true, ordering: .relaxed)
  }

  /// Gives up when the list has moved on and newer ones are asked for.
  private func loadOutlooks(_ ids: [String], _ generation: Int) throws {
    let now = now
    var outlooks: [String: PhoneOutlook] = [:]
    for (index, id) in ids.enumerated() {
      if listing.load(ordering: .relaxed) != generation {
        post(.outlooksGivenUp(phoneIDs: Array(ids[index...])))
        break
      }
      let state = try store.state(of: id, now: now)
      let queue = state.waiting == 0 ? SendQueue() : try followedQueue(of: id, now: now)
      let forecast = Forecast(queue: queue, rules: try store.rules(for: state, now: now))
      outlooks[id] = PhoneOutlook(
        next: forecast.firstSendAt, last: forecast.lastSendAt, never: forecast.never)
    }
    post(.outlooks(outlooks))
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
    let state: PhoneState
    do {
      state = try store.state(of: id, now: now)
    } catch StoreError.unknownPhone {
      return post(.phoneGone(phoneID: id))
    }
    post(.opened(try opened(state, withDraft: true)))
    if !hasGateway.load(ordering: .relaxed) { try loadGateway() }
    let queue = try store.loadQueue(of: id, now: now) { _ in
      self.opening.load(ordering: .relaxed) == generation
    }
    try show(queue, of: id)
  }

  /// Hands a queue to the editor, with the latest send as it is after it was read.
  private func show(_ queue: LoadedQueue, of id: String) throws {
    let previous = try store.state(of: id, now: now).previous
    loaded.withLock { $0 = (id, queue, previous) }
    post(.queue(phoneID: id, queue.queue, previous: previous))
  }

  private func opened(_ state: PhoneState, withDraft: Bool) throws -> OpenedPhone {
    var kept: KeptDraft?
    if withDraft, !isReadOnly {
      kept = try drafts.leftBehind(in: store).first { $0.phoneID == state.phone.id }
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

  private func save(_ request: SaveRequest) {
    do {
      if case .update(let id, _, _) = request.schedule {
        let served = try store.phones(servedBy: id).count
        if served != request.servedPhones {
          try loadGateway()
          return post(.saveFailed("The schedule serves \(Words.count(served, "phone")) by now; s asks again"))
        }
      }
      try store.save(
        phone: request.phoneID, schedule: ScheduleSave(request.schedule),
        attachedBefore: request.attachedBefore,
        rate: request.rate.map { ($0.from, $0.to) }, stamp: stamp)
      let state = try store.state(of: request.phoneID, now: now)
      let note = self.note(on: request, saved: state)
      post(.saved(try opened(state, withDraft: false), note: note))
    } catch StoreError.stale(let current) {
      overtaken(request, current)
    } catch StoreError.stalePhone {
      overtaken(request, nil)
    } catch {
      post(.saveFailed(String(describing: error)))
    }
  }

  /// What was saved, in words.
  private func note(on request: SaveRequest, saved state: PhoneState) -> String {
    var words: [String] = []
    switch request.schedule {
    case .update, .create:
      if let schedule = state.schedule {
        words.append("“\(schedule.content.name)”, revision \(schedule.revision)")
      }
    case .attach(let id) where id != request.attachedBefore:
      words.append(state.schedule.map { "schedule “\($0.content.name)”" } ?? "no schedule")
    case .attach: break
    }
    if request.rate != nil { words.append("rate \(Words.rate(state.phone.messagesPerMinute))") }
    return "Saved: " + words.joined(separator: ", ")
  }

  private func overtaken(_ request: SaveRequest, _ current: Schedule?) {
    var base: ScheduleContent?
    if case .update(let id, _, let revision) = request.schedule {
      base = try? store.revision(revision, of: id).content
    }
    do {
      let opened = try opened(store.state(of: request.phoneID, now: now), withDraft: false)
      post(.overtaken(opened, current: try current ?? chosen(request), base: base))
    } catch StoreError.unknownPhone {
      post(.phoneGone(phoneID: request.phoneID))
    } catch {
      post(.saveFailed(String(describing: error)))
    }
  }

  /// The schedule of a save as it is now; nil if it is gone.
  private func chosen(_ request: SaveRequest) throws -> Schedule? {
    switch request.schedule {
    case .update(let id, _, _), .attach(let id?): try store.schedules().first { $0.id == id }
    case .attach(nil), .create: nil
    }
  }

  private func delete(_ id: String) throws {
    let name = try store.schedule(named: id).content.name
    _ = try store.removeSchedule(id, stamp: stamp)
    post(.done("Deleted “\(name)”; its revisions are kept"))
    try loadGateway()
    if let phoneID = loaded.withLock({ $0?.phoneID }) { try follow(phoneID) }
  }

  /// Brings the phone that is open, or the list, up to the file.
  private func follow(_ openPhone: String?) throws {
    guard let openPhone else { return try loadGateway() }
    let state: PhoneState
    do {
      state = try store.state(of: openPhone, now: now)
    } catch StoreError.unknownPhone {
      return post(.phoneGone(phoneID: openPhone))
    }
    post(.followed(try opened(state, withDraft: false)))
    guard let known = loaded.withLock({ $0 }), known.phoneID == openPhone else { return }
    var queue = known.queue
    let refreshed = try store.refresh(&queue, now: now)
    if refreshed != .unchanged || known.previous != state.previous {
      try show(queue, of: openPhone)
    } else {
      loaded.withLock { [queue] in $0 = (openPhone, queue, known.previous) }
    }
  }
}

extension ScheduleSave {
  fileprivate init(_ change: SaveRequest.ScheduleChange) {
    self =
      switch change {
      case .attach(let id): .attach(id: id)
      case .update(let id, let content, let revision): .update(id: id, content: content, basedOn: revision)
      case .create(let content): .create(content)
      }
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
