import Editor
import Scheduling
import Storage

/// What the editor's effects do in the database.
extension EffectWorker {
  func run(_ effect: Effect) throws {
    switch effect {
    case .loadGateway: try loadGateway()
    case .loadTexts(let keys): post(.texts(try texts(keys)))
    case .findMessages(let id, let text):
      post(.found(phoneID: id, keys: try store.findWaiting(of: id, containing: text, limit: 1_000)))
    case .countSends(let id, let range): try countSends(of: id, during: range)
    case .hold(let ids, let until, let reason):
      try change(ids, "held") { $0.hold = Hold(until: until, reason: reason) }
    case .release(let ids): try change(ids, "released") { $0.hold = nil }
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

  /// Counts what went out, and what is going out, by the minute in which it was handed out.
  func countSends(of id: String, during range: Range<Instant>) throws {
    var counts: [Instant: Int] = [:]
    let filter = MessageFilter(statuses: [.sending, .sent, .delivered])
    try store.forEachMessage(of: id, now: now, filter: filter) { message in
      guard let sent = message.lastAttemptedAt ?? message.sentAt, range.contains(sent) else { return }
      counts[floorDivide(sent, by: .minute).quotient * .minute, default: 0] += 1
    }
    post(.sends(phoneID: id, during: range, counts: counts))
  }

  func change(_ phoneIDs: [String], _ done: String, _ change: (inout Phone) -> Void) throws {
    for id in phoneIDs { _ = try store.changePhone(id, change) }
    post(.done("\(Words.count(phoneIDs.count, "phone")) \(done)"))
    if let phoneID = loaded.withLock({ $0?.phoneID }) { try follow(phoneID) }
    try loadGateway()
  }

  func loadGateway() throws {
    let phones = try store.phoneStates(now: now).map { PhoneRow(phone: $0.phone, waiting: $0.waiting) }
    post(.gateway(Gateway(phones: phones, schedules: try store.schedules())))
    hasGateway.store(true, ordering: .relaxed)
  }

  /// Gives up when the list has moved on and newer ones are asked for.
  func loadOutlooks(_ ids: [String], _ generation: Int) throws {
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
  func followedQueue(of id: String, now: Instant) throws -> SendQueue {
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
  static let mostListed = 2_000_000

  func open(_ id: String, _ generation: Int) throws {
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
  func show(_ queue: LoadedQueue, of id: String) throws {
    let previous = try store.state(of: id, now: now).previous
    loaded.withLock { $0 = (id, queue, previous) }
    post(.queue(phoneID: id, queue.queue, previous: previous, sentOn: [:]))
  }

  func opened(_ state: PhoneState, withDraft: Bool) throws -> OpenedPhone {
    var kept: KeptDraft?
    if withDraft, !isReadOnly {
      kept = try drafts.leftBehind(in: store).first { $0.phoneID == state.phone.id }
    }
    let savedBy = try state.schedule.map { try store.revision($0.revision, of: $0.id).stamp.author }
    return OpenedPhone(phone: state.phone, schedule: state.schedule, savedBy: savedBy, kept: kept)
  }

  func texts(_ keys: [Int64]) throws -> [Int64: MessageText] {
    try store.messages(keys: keys).mapValues {
      MessageText(
        id: $0.id, contact: $0.contact, content: $0.content, queuedAt: $0.queuedAt, sendAt: $0.sendAt)
    }
  }

  func save(_ request: SaveRequest) {
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
  func note(on request: SaveRequest, saved state: PhoneState) -> String {
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

  func overtaken(_ request: SaveRequest, _ current: Schedule?) {
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
  func chosen(_ request: SaveRequest) throws -> Schedule? {
    switch request.schedule {
    case .update(let id, _, _), .attach(let id?): try store.schedules().first { $0.id == id }
    case .attach(nil), .create: nil
    }
  }

  func delete(_ id: String) throws {
    let name = try store.schedule(named: id).content.name
    _ = try store.removeSchedule(id, stamp: stamp)
    post(.done("Deleted “\(name)”; its revisions are kept"))
    try loadGateway()
    if let phoneID = loaded.withLock({ $0?.phoneID }) { try follow(phoneID) }
  }

  /// Brings the phone that is open, or the list, up to the file.
  func follow(_ openPhone: String?) throws {
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
