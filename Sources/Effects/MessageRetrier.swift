import Editor
import Scheduling
import Storage

/// Puts many failed messages of a phone back into the queue, and takes that back.
package struct MessageRetrier: LongWork {
  package var store: Store
  let isReadOnly: Bool
  let stamp: @Sendable (Instant) -> Stamp

  /// What was done, and what stopped it before its end.
  package struct Result: Sendable {
    var retried: RetriedMessages
    var rest: RetryRest
    var problem: String?
  }

  /// Does what is asked for, transaction by transaction.
  package func run(_ wanted: RetriedMessages, _ kind: StepKind, _ call: Call) throws -> Result {
    guard !isReadOnly else { throw StoreError.readOnly(path: store.path) }
    var looked = 0
    var result = Result(retried: wanted, rest: RetryRest(count: wanted.keys.count))
    (result.retried.edits, result.retried.count) = ([], 0)
    let note = { (edits: [MessageEdit], count: Int) in
      let all = wanted.keys.count
      // A hundred times at most.
      if all > 2_000, (looked + count) * 100 / all > looked * 100 / all {
        call.post(.retrying(RetryStep(kind, looked: looked + count, of: all)))
      }
      looked += count
      result.retried.count += edits.count
      result.rest.count -= edits.count
      let isKept = result.retried.count <= RetriedMessages.mostUndone
      let effects = edits.map { MessageChange.Effect(key: $0.key, before: $0.before, after: $0.after) }
      result.retried.edits = isKept ? result.retried.edits + effects : []
    }
    do {
      try perform(wanted, kind, call, note)
      result.rest.isStopped = looked < wanted.keys.count
    } catch {
      // What was done until then is done.
      guard result.retried.count > 0 else { throw error }
      result.problem = String(describing: error)
    }
    // What is taken back may be done again to the same messages.
    if kind == .undo {
      result.retried.edits = wanted.edits
    } else if !result.retried.edits.isEmpty {
      result.retried.keys = result.retried.edits.map(\.key)
    }
    return result
  }

  private func perform(
    _ wanted: RetriedMessages, _ kind: StepKind, _ call: Call, _ note: ([MessageEdit], Int) -> Void
  ) throws {
    let stamp = stamp(call.now)
    let (phone, time, author) = (wanted.phoneID, stamp.time, stamp.author)
    guard kind == .undo else {
      return try store.retryFailed(
        wanted.keys, of: phone, at: time, by: author, isWanted: call.isWanted, done: note)
    }
    let known = wanted.edits.map { (key: $0.key, before: $0.before, after: $0.after) }
    try store.putBack(known, of: phone, at: time, by: author, done: note)
  }
}

extension EffectPerformer {
  /// What retries many messages.
  package var retrier: MessageRetrier { MessageRetrier(store: store, isReadOnly: isReadOnly, stamp: stamp) }

  /// Shows what was done to many messages.
  package mutating func show(_ result: MessageRetrier.Result, _ kind: StepKind, _ call: Call) throws {
    if let open { try follow(open.phoneID, call) }
    call.post(.messagesRetried(result.retried, kind, result.rest))
    if let problem = result.problem { call.post(.failed(problem)) }
    try loadGateway(call)
  }

  /// Forecasts the queue of a phone with failed messages in it.
  mutating func weigh(_ request: RetryRequest, _ call: Call) throws {
    let now = call.now
    let state = try store.state(of: request.phoneID, now: now)
    let waiting = state.waiting == 0 ? SendQueue() : try listedQueue(of: request.phoneID, now: now)
    let retried = try store.queue(waiting, retrying: request.keys, of: request.phoneID, now: now)
    let forecast = Forecast(queue: retried.queue, rules: try store.rules(for: state, now: now))
    var weighing = RetryWeighing(request: request, keys: retried.keys, expired: retried.expired)
    weighing.look(at: forecast)
    call.post(.retryWeighed(weighing))
  }
}

extension RetryWeighing {
  /// When the first and the last of them go out, and how many do not.
  fileprivate mutating func look(at forecast: Forecast) {
    let wanted = Set(keys)
    let isWanted = { (entry: ForecastEntry) in
      forecast.queue.key(of: entry.message).map(wanted.contains) ?? false
    }
    let chunks = stride(from: 0, to: forecast.sends, by: Forecast.interval).map {
      $0..<min($0 + Forecast.interval, forecast.sends)
    }
    for chunk in chunks {
      guard let entry = forecast.entries(chunk).first(where: isWanted) else { continue }
      first = entry.sendAt
      break
    }
    for chunk in chunks.reversed() {
      guard let entry = forecast.entries(chunk).last(where: isWanted) else { continue }
      last = entry.sendAt
      break
    }
    unsent = forecast.entries(forecast.sends..<forecast.count).count(where: isWanted)
  }
}
