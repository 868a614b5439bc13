import Editor
import Scheduling
import Storage

// One phone: opening it, following what others change of it, its messages.
extension EffectPerformer {
  mutating func open(_ id: String, _ call: Call) throws {
    let state: PhoneState
    do {
      state = try store.state(of: id, now: call.now)
    } catch StoreError.unknownPhone {
      return call.post(.phoneGone(phoneID: id))
    }
    call.post(.opened(try opened(state, withDraft: true)))
    try beginQueue(of: id, waiting: state.waiting, call)
    try loadGatewayOnce(call)
  }

  /// Shows a queue, or what can be said of a long one before it is read; then the editor asks for the rest.
  mutating func beginQueue(of id: String, waiting: Int, _ call: Call) throws {
    if let known = open, known.phoneID == id { return try adopt(known.queue, of: id, call) }
    open = nil
    if waiting <= mostAtOnce {
      try show(store.loadQueue(of: id, now: call.now), of: id, call)
    } else if let queue = try store.beginningOfQueue(of: id, first: firstRead, now: call.now),
      !queue.isWhole
    {
      try post(queue, of: id, call)
    } else {
      call.post(.waits(phoneID: id, count: waiting))
    }
  }

  /// Shows a queue that was read a while ago, as it is now.
  package mutating func adopt(_ loaded: LoadedQueue, of id: String, _ call: Call) throws {
    var queue = loaded
    if try store.refresh(&queue, now: call.now) == .reloaded { sends = nil }
    try show(queue, of: id, call)
  }

  /// Brings the phone that is open up to the database.
  mutating func follow(_ id: String, _ call: Call) throws {
    let now = call.now
    let state: PhoneState
    do {
      state = try store.state(of: id, now: now)
    } catch StoreError.unknownPhone {
      return call.post(.phoneGone(phoneID: id))
    }
    call.post(.followed(try opened(state, withDraft: false)))
    guard let known = open, known.phoneID == id else { return }
    var queue = known.queue
    let refreshed = try store.refresh(&queue, now: now)
    // Anything but claims may have changed what was sent before.
    if refreshed == .reloaded { sends = nil }
    if refreshed != .unchanged || known.previous != state.previous {
      try show(queue, of: id, call)
    } else {
      open?.queue = queue
    }
  }

  /// Hands a queue to the editor, with the latest sends as they are after it was read.
  private mutating func show(_ queue: LoadedQueue, of id: String, _ call: Call) throws {
    open = (id, queue, try post(queue.queue, of: id, call))
  }

  /// The same of a queue that may be the beginning of one; returns the latest send.
  @discardableResult
  private mutating func post(_ queue: SendQueue, of id: String, _ call: Call) throws -> Instant? {
    let now = call.now
    let state = try store.state(of: id, now: now)
    let known = sends.flatMap { $0.phoneID == id ? ($0.sends, at: $0.at) : nil }
    let recent = try store.recentSends(of: state, now: now, after: known)
    sends = (id, recent, now)
    call.post(.queue(phoneID: id, queue, previous: state.previous, recent))
    return state.previous
  }

  func opened(_ state: PhoneState, withDraft: Bool) throws -> OpenedPhone {
    let kept =
      withDraft && !isReadOnly ? try drafts.leftBehind().filter { $0.phoneID == state.phone.id } : []
    let savedBy = try state.schedule.map { try store.revision($0.revision, of: $0.id).stamp.author }
    var holder: Stamp?
    if let by = state.heldBy, let at = state.heldAt { holder = Stamp(author: by, at: at) }
    return OpenedPhone(
      phone: state.phone, schedule: state.schedule, savedBy: savedBy, holder: holder, kept: kept)
  }

  func texts(_ keys: [Int64]) throws -> [Int64: MessageText] {
    try store.messages(keys: keys).mapValues {
      MessageText(
        id: $0.id, contact: $0.contact, content: $0.content, queuedAt: $0.queuedAt, sendAt: $0.sendAt)
    }
  }

  /// Counts what went out, and what is going out, by the minute in which it was handed out.
  func countSends(of id: String, during range: Range<Instant>, _ call: Call) throws {
    let counts = try store.sends(of: id, during: range, now: call.now)
    call.post(.sends(phoneID: id, during: range, counts: counts))
  }
}
