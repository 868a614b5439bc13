import Editor
import Scheduling
import Storage

/// Does in the database what the editor asks for, one thing after the other.
package struct EffectPerformer: Sendable {
  package private(set) var store: Store
  let isReadOnly: Bool
  /// Who saves something at a moment, and from where.
  let stamp: @Sendable (Instant) -> Stamp
  private(set) var drafts: DraftShelf
  /// Queues of more messages are shown from their beginning, before the rest is read.
  package var mostAtOnce = 5_000
  /// How many of them are read for that: more than any screen has rows.
  package var firstRead = 512
  private let reopen: @Sendable () throws -> (Store, DraftShelf)
  /// The phone that is open, with its queue and its latest send.
  var open: (phoneID: String, queue: LoadedQueue, previous: Instant?)?
  /// What the phone that was shown last had sent, and when that was asked.
  var sends: (phoneID: String, sends: RecentSends, at: Instant)?
  /// Queues of phones that the list showed lately.
  var listed: [String: LoadedQueue] = [:]
  /// The database, and the phone or list, as they were last looked at for changes by others.
  private var followed: (version: StoreVersion, phoneID: String?)?
  private var isDisplaced = false
  /// What the list was told of the phones, and when all of them were looked at last.
  private var seen: PhonesSeen?
  private var lookedAt: ContinuousClock.Instant?

  /// `stamp` says who saves something at a moment; drafts are kept on `drafts`; `reopen` opens the database that is
  /// where this one was.
  package init(
    store: Store, drafts: DraftShelf, isReadOnly: Bool = false, stamp: @escaping @Sendable (Instant) -> Stamp,
    reopen: @escaping @Sendable () throws -> (Store, DraftShelf)
  ) {
    self.reopen = reopen
    self.store = store
    self.drafts = drafts
    self.isReadOnly = isReadOnly
    self.stamp = stamp
  }

  /// Performs an effect and hands its outcomes to `call`, as they come.
  ///
  /// Throws ``StoreError``; ``StoreError/interrupted`` if nobody wants the answer any more. What concerns the terminal
  /// is for the event loop.
  package mutating func perform(_ effect: Effect, _ call: Call) throws {
    switch effect {
    case .loadGateway: try loadGateway(call)
    case .loadOutlooks(let ids): try loadOutlooks(ids, call)
    case .open(let id): try open(id, call)
    case .loadQueue(let id):
      try adopt(try store.loadQueue(of: id, now: call.now) { _ in call.isWanted() }, of: id, call)
    case .loadTexts(let keys): call.post(.texts(try texts(keys)))
    case .countSends(let id, let range): try countSends(of: id, during: range, call)
    case .findMessages(let id, let group, let text): try findMessages(of: id, group, text, call)
    case .countArrivals(let id): try countArrivals(of: id, call)
    case .loadMessage(let id): try loadMessage(id, call)
    case .listMessages(let id, let group): try listMessages(of: id, group, call)
    case .loadMessages(let keys): call.post(.messages(try store.messages(keys: keys)))
    case .changeMessage(let messageChange, let kind): try change(messageChange, kind, call)
    case .weighRetry(let request): try weigh(request, call)
    case .retryMessages(let retried, let kind): try show(retrier.run(retried, kind, call), kind, call)
    case .readHolidays(let phoneID, let path): try readHolidays(path, forPhone: phoneID, call)
    case .save(let request): save(request, call)
    case .attach(let scheduleID, let phoneIDs): try attach(scheduleID, phoneIDs, call)
    case .hold(let holds): try hold(holds, call)
    case .release(let ids): try release(ids, call)
    case .changePhones(let step, let kind): try change(step, kind, call)
    case .weighAttaching(let scheduleID, let phoneIDs): try weighAttaching(scheduleID, phoneIDs, call)
    case .createSchedule(let content, let phoneIDs): try createSchedule(content, forPhones: phoneIDs, call)
    case .searchMessages(let text):
      var search = try beginSearch(text)
      while !search.isOver { try goOn(&search, milliseconds: .second, call) }
    case .importFile(let path, let isDryRun): try importFile(path, isDryRun: isDryRun, call)
    case .deleteSchedule(let id, let phones): try delete(id, freeing: phones, call)
    case .weigh(let weighing): try weigh(weighing, call)
    case .renameSchedule(let id, let name):
      try store.changeSchedule(id, stamp: stamp(call.now)) { $0.name = name }
      call.post(.done("Renamed to “\(name)”"))
      try loadGateway(call)
    case .loadRevisions(let id):
      call.post(.revisions(try store.revisions(of: id).map(RevisionRow.init)))
    case .reopen(let phoneID): try reopen(openPhone: phoneID, call)
    case .loadPhoneRevisions(let id):
      call.post(
        .phoneRevisions(phoneID: id, try store.revisions(ofPhone: id).map(PhoneRevisionRow.init)))
    case .loadDeletedSchedules:
      call.post(
        .deletedSchedules(
          try store.deletedSchedules().map { DeletedSchedule(id: $0.id, row: RevisionRow($0.revision)) }))
    case .restoreSchedule(let id, let revision):
      let schedule = try store.restore(id, to: revision, stamp: stamp(call.now))
      let served = try store.phones(servedBy: schedule.id).count
      try loadGateway(call)
      if let open { try follow(open.phoneID, call) }
      call.post(
        .done("“\(schedule.content.name)” is back, and serves \(Words.count(served, "phone"))"))
    case .keepDraft(let kept): if !isReadOnly { try drafts.keep(kept) }
    case .dropDraft(let phoneID): if !isReadOnly { try drafts.drop(phoneID: phoneID) }
    case .forgetDraft(let id): if !isReadOnly { try drafts.forget(id) }
    case .endSearch, .endImport, .endRetry, .openSample, .redraw, .suspend, .quit: break
    }
  }

  // MARK: The list

  mutating func loadGateway(_ call: Call) throws {
    let (phones, seen) = try store.phoneFigures()
    let rows = phones.map { PhoneRow(phone: $0.phone, waiting: $0.waiting, failed: $0.failed) }
    call.post(.gateway(Gateway(phones: rows, schedules: try store.schedules())))
    self.seen = seen
  }

  /// The list beside a phone that is opened, unless it is there already.
  mutating func loadGatewayOnce(_ call: Call) throws {
    if seen == nil { try loadGateway(call) }
  }

  /// Gives up when the list has moved on and newer ones are asked for.
  private mutating func loadOutlooks(_ ids: [String], _ call: Call) throws {
    let now = call.now
    var outlooks: [String: PhoneOutlook] = [:]
    for (index, id) in ids.enumerated() {
      guard call.isWanted() else {
        call.post(.outlooksGivenUp(phoneIDs: Array(ids[index...])))
        break
      }
      let state = try store.state(of: id, now: now)
      let totals = try outlook(of: state, now: now)
      outlooks[id] = PhoneOutlook(
        totals, at: now, waiting: state.waiting, failed: state.failed, lastSentAt: state.lastSentAt)
    }
    call.post(.outlooks(outlooks))
  }

  /// When a phone's messages go out.
  private mutating func outlook(of state: PhoneState, now: Instant) throws -> ForecastTotals {
    let rules = store.rulesOnAnyClock(for: state, now: now)
    let id = state.phone.id
    let outline: QueueOutline =
      try store.queueSummary(of: id, now: now).map { .summary($0) }
      ?? .messages(listedQueue(of: id, now: now))
    return outline.totals(rules)
  }

  /// A queue for the list: kept, so that the next look costs only what changed.
  mutating func listedQueue(of id: String, now: Instant) throws -> SendQueue {
    if var known = listed.removeValue(forKey: id) {
      _ = try store.refresh(&known, now: now)
      listed[id] = known
      return known.queue
    }
    let queue = try store.loadQueue(of: id, now: now)
    if listed.values.reduce(queue.queue.count, { $0 + $1.queue.count }) > Self.mostListed {
      listed.removeAll()
    }
    listed[id] = queue
    return queue.queue
  }

  /// Messages whose places are kept for the list, 16 bytes each.
  private static let mostListed = 2_000_000

  // MARK: Schedules

  private mutating func delete(_ id: String, freeing phones: Set<String>, _ call: Call) throws {
    let served = try store.phones(servedBy: id)
    guard Set(served.map(\.id)) == phones else {
      try loadGateway(call)
      return call.post(
        .failed("Not deleted: it serves \(Words.count(served.count, "phone")) by now; x asks again"))
    }
    let (schedule, _) = try store.removeSchedule(id, stamp: stamp(call.now))
    call.post(.scheduleDeleted(id: id, name: schedule.content.name))
    try loadGateway(call)
    if let open { try follow(open.phoneID, call) }
  }

  // MARK: What others wrote

  /// Shows what another process changed: on the phone that is open, or in the list if none is, of which some phones
  /// are on the screen.
  ///
  /// `evenIfUnwritten` looks also where nobody wrote: leases run out by themselves.
  package mutating func refresh(
    openPhone: String?, shownPhones: [String] = [], evenIfUnwritten: Bool, _ call: Call
  ) throws {
    guard store.isInPlace else {
      // Once: what is written meets it again.
      if !isDisplaced { call.post(.displaced(path: store.path)) }
      isDisplaced = true
      return
    }
    let version = try store.version()
    if !evenIfUnwritten, let followed, followed.version == version, followed.phoneID == openPhone { return }
    var isWhole = true
    if let openPhone { try follow(openPhone, call) } else { isWhole = try followList(shownPhones, call) }
    followed = isWhole ? (version, openPhone) : nil
  }

  /// How many phones are few enough to look at all of them each time, and how often it is done where they are more.
  private static let few = 300
  private static let wholeGap = Swift.Duration.seconds(2)

  /// Brings the list up to the database: of many phones mostly those on the screen alone. Says whether all were
  /// looked at.
  private mutating func followList(_ shown: [String], _ call: Call) throws -> Bool {
    let now = ContinuousClock.now
    let isWhole = (seen?.count ?? 0) <= Self.few || lookedAt.map { now >= $0 + Self.wholeGap } ?? true
    guard var seen, let changed = try store.changes(since: &seen, among: isWhole ? nil : shown) else {
      try loadGateway(call)
      lookedAt = now
      return true
    }
    self.seen = seen
    if isWhole { lookedAt = now }
    if !changed.isEmpty {
      call.post(
        .queuesMoved(changed.map { QueueRow(phoneID: $0.phoneID, waiting: $0.waiting, failed: $0.failed) }))
    }
    return isWhole
  }

  /// Uses the database that is at the path now, unless the open phone is not in it.
  private mutating func reopen(openPhone: String?, _ call: Call) throws {
    let (found, shelf) = try reopen()
    if let openPhone {
      do {
        _ = try found.state(of: openPhone, now: call.now)
      } catch StoreError.unknownPhone {
        return call.post(
          .failed("The database that is there now has no such phone; the work stays here, unsaved"))
      }
    }
    (store, drafts) = (found, shelf)
    (open, listed, followed, seen, isDisplaced) = (nil, [:], nil, nil, false)
    call.post(.done("Opened what is there now; s saves to it"))
    try loadGateway(call)
    if let openPhone {
      let state = try store.state(of: openPhone, now: call.now)
      call.post(.followed(try opened(state, withDraft: false)))
      try beginQueue(of: openPhone, waiting: state.waiting, call)
    }
  }

  /// Tells of work that earlier editors left unsaved.
  package func offerDrafts(_ call: Call) throws {
    guard !isReadOnly else { return }
    let phones = Set(try store.phones().map(\.id))
    let kept = try drafts.leftBehind().filter { phones.contains($0.phoneID) }
    if !kept.isEmpty { call.post(.keptElsewhere(kept)) }
  }
}

extension Outcome {
  /// What to show of an error that an ``EffectPerformer`` threw; nil for what was given up on purpose.
  package init?(of error: any Error) {
    switch error {
    case StoreError.interrupted: return nil
    case StoreError.replaced(let path): self = .displaced(path: path)
    default: self = .failed(String(describing: error))
    }
  }
}

/// One thing that is asked of an ``EffectPerformer``.
package struct Call {
  private let clock: () -> Instant
  /// Whether somebody still wants the answer.
  let isWanted: () -> Bool
  /// Takes an outcome.
  let post: (Outcome) -> Void

  /// `clock` is asked for the time whenever it matters; `isWanted` now and then in what lasts long.
  package init(
    clock: @escaping () -> Instant, isWanted: @escaping () -> Bool = { true },
    post: @escaping (Outcome) -> Void
  ) {
    self.clock = clock
    self.isWanted = isWanted
    self.post = post
  }

  var now: Instant { clock() }
}

extension PhoneRevisionRow {
  fileprivate init(_ revision: PhoneRevision) {
    let origin = revision.stamp.origin.map { " from \($0)" } ?? ""
    self.init(
      author: revision.stamp.author + origin, savedAt: revision.stamp.at, summary: revision.summary,
      hold: revision.action == .hold ? revision.phone.hold : nil)
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
