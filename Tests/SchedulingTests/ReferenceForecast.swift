@testable import Scheduling

/// A message as the contract speaks of it; `id` is its insertion order.
struct ReferenceMessage: Equatable {
  var id: Int64
  var queuedAt: Instant
  var sendAt: Instant?
  var isExact = false

  var ready: Instant { max(queuedAt, sendAt ?? queuedAt) }
}

/// When one message goes out, and why.
struct ReferenceEntry: Equatable, CustomStringConvertible {
  var id: Int64
  var readyAt: Instant
  var sendAt: Instant?
  var cause: Cause

  var description: String {
    "#\(id) ready \(Timestamp.utc(readyAt)) \(sendAt.map { Timestamp.utc($0) } ?? "never") \(cause.rawValue)"
  }
}

/// The rule as it is written in the contract, one message at a time, with no thought of speed.
struct ReferenceForecast {
  var now: Instant
  var previous: Instant?
  var messagesPerMinute: Int
  var hours: ReferenceHours

  private var horizon: Instant { now + 1_827 * 86_400_000 }

  /// `ceil(60000 / messages_per_minute)`, by counting up.
  var gap: Duration {
    guard messagesPerMinute > 0 else { return 0 }
    var gap: Duration = 0
    while gap * Int64(messagesPerMinute) < 60_000 { gap += 1 }
    return gap
  }

  /// Which of two waiting messages comes first: ready time, then queued time, then insertion.
  static func precedes(_ a: ReferenceMessage, _ b: ReferenceMessage) -> Bool {
    if a.ready != b.ready { return a.ready < b.ready }
    if a.queuedAt != b.queuedAt { return a.queuedAt < b.queuedAt }
    return a.id < b.id
  }

  /// Every message in the order of going out.
  func entries(_ messages: [ReferenceMessage]) -> [ReferenceEntry] {
    let gap = gap
    var ordinary = messages.filter { !$0.isExact }.sorted(by: Self.precedes)[...]
    var exact = messages.filter(\.isExact).sorted(by: Self.precedes)[...]
    var latestSend = previous
    var result: [ReferenceEntry] = []
    while !(ordinary.isEmpty && exact.isEmpty) {
      let candidate = ordinary.first.map { placed($0, after: latestSend, gap: gap) }
      if let first = exact.first {
        let time = max(now, first.ready)
        // An ordinary message at the same instant, later, or never comes after the exact one.
        if time <= candidate?.sendAt ?? .max {
          result.append(
            ReferenceEntry(
              id: first.id, readyAt: first.ready, sendAt: time <= horizon ? time : nil, cause: .exact))
          latestSend = max(latestSend ?? time, time)
          exact.removeFirst()
          continue
        }
      }
      if let candidate {
        result.append(candidate)
        latestSend = candidate.sendAt ?? latestSend
        ordinary.removeFirst()
      }
    }
    return result
  }

  /// One ordinary message, were it the next to go out.
  private func placed(_ message: ReferenceMessage, after latestSend: Instant?, gap: Duration)
    -> ReferenceEntry
  {
    let earliest = max(now, message.ready)
    let spaced = max(earliest, latestSend.map { $0 + gap } ?? earliest)
    guard let time = hours.nextOpen(spaced, limit: horizon) else {
      return ReferenceEntry(id: message.id, readyAt: message.ready, sendAt: nil, cause: .never)
    }
    let cause: Cause = time != spaced ? .window : spaced != earliest ? .rate : .ready
    return ReferenceEntry(id: message.id, readyAt: message.ready, sendAt: time, cause: cause)
  }
}

extension SendQueue {
  /// The columns of some messages; keys are their ids.
  init(_ messages: [ReferenceMessage]) {
    let sorted = messages.sorted(by: ReferenceForecast.precedes)
    let ordinary = sorted.filter { !$0.isExact }
    let exact = sorted.filter(\.isExact)
    self.init(
      keys: ordinary.map(\.id), ready: ordinary.map(\.ready), exactKeys: exact.map(\.id),
      exactReady: exact.map(\.ready))
  }
}

extension Forecast {
  /// An entry as the reference states it.
  func stated(_ entry: ForecastEntry) -> ReferenceEntry {
    let id =
      switch entry.message {
      case .ordinary(let index): queue.keys[index]
      case .exact(let index): queue.exactKeys[index]
      }
    return ReferenceEntry(id: id, readyAt: entry.readyAt, sendAt: entry.sendAt, cause: entry.cause)
  }
}
