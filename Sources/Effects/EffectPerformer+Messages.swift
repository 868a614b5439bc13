import Editor
import Scheduling
import Storage

// Messages of the phone that is open.
extension EffectPerformer {
  func findMessages(of id: String, _ group: MessageGroup?, _ text: String, _ call: Call) throws {
    guard let group else {
      return call.post(.found(phoneID: id, nil, keys: try store.findWaiting(of: id, containing: text)))
    }
    let listed = Set(try store.keys(of: id, in: group, now: call.now))
    var keys: [Int64] = []
    try store.findMessages(containing: text, of: id) { found in
      if listed.contains(found.key) { keys.append(found.key) }
      return true
    }
    call.post(.found(phoneID: id, group, keys: keys))
  }

  func countArrivals(of id: String, _ call: Call) throws {
    call.post(.arrivals(phoneID: id, try store.arrivals(of: id, since: call.now - .week)))
  }

  func loadMessage(_ id: String, _ call: Call) throws {
    let message = try store.message(id, now: call.now)
    call.post(.message(MessageDetails(message: message, events: try store.history(ofMessage: id))))
  }

  func listMessages(of id: String, _ group: MessageGroup, _ call: Call) throws {
    call.post(.messageList(phoneID: id, group, keys: try store.keys(of: id, in: group, now: call.now)))
  }

  /// Does what was asked to a message, or takes it back, and shows the queue as it is then.
  mutating func change(_ change: MessageChange, _ kind: StepKind, _ call: Call) throws {
    guard !isReadOnly else { throw StoreError.readOnly(path: store.path) }
    var change = change
    if kind == .undo, let effect = change.effect {
      let stamp = stamp(call.now)
      try store.putBack(effect.before, from: effect.after, at: stamp.time, by: stamp.author)
    } else {
      let edit = try make(change, call)
      change.effect = edit.map { MessageChange.Effect(key: $0.key, before: $0.before, after: $0.after) }
    }
    if let open { try follow(open.phoneID, call) }
    call.post(.messageChanged(change, kind))
    try loadGateway(call)
  }

  private func make(_ change: MessageChange, _ call: Call) throws -> MessageEdit? {
    let stamp = stamp(call.now)
    let (time, author) = (stamp.time, stamp.author)
    return switch change.action {
    case .cancel: try store.cancel([change.id], at: time, by: author).first
    case .retry: try store.retry([change.id], at: time, by: author).first
    case .reschedule(let sendAt): try store.reschedule(change.id, sendAt: sendAt, at: time, by: author)
    case .mark(let isExact): try store.mark(change.id, exact: isExact, at: time, by: author)
    }
  }
}

// What a change would do to phones.
extension EffectPerformer {
  /// Forecasts phones as they are, and with the schedule and the limits of a weighing.
  mutating func weigh(_ weighing: Weighing, _ call: Call) throws {
    let now = call.now
    var courses: [PhoneCourse] = []
    for id in weighing.phoneIDs {
      let course = try course(of: id, now: now) { state in
        state.schedule = weighing.content.map { Schedule(id: state.phone.scheduleID ?? "", content: $0) }
        if let limits = weighing.limits, limits.phoneID == id {
          state.phone.messagesPerMinute = limits.messagesPerMinute
          state.phone.messagesPerDay = limits.messagesPerDay
        }
      }
      courses.append(course)
    }
    call.post(.weighed(weighing, courses))
  }

  /// What a change of a phone's settings would do to its queue.
  mutating func course(of id: String, now: Instant, with change: (inout PhoneState) -> Void) throws
    -> PhoneCourse
  {
    let state = try store.state(of: id, now: now)
    let changed = try store.state(state, now: now, with: change)
    let queue = state.waiting == 0 ? SendQueue() : try listedQueue(of: id, now: now)
    // Where a clock is not known, another zone may be just what is weighed.
    let (before, after) = (
      Forecast(queue: queue, rules: store.rulesOnAnyClock(for: state, now: now)),
      Forecast(queue: queue, rules: store.rulesOnAnyClock(for: changed, now: now))
    )
    return PhoneCourse(phone: state.phone, waiting: state.waiting, from: before, to: after)
  }
}
