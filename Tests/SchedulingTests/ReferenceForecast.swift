@testable import Scheduling

/// A message as the contract speaks of it; `id` is its insertion order.
struct ReferenceMessage: Equatable {
  var id: Int64
  var queuedAt: Instant
  var sendAt: Instant?
  var retryAt: Instant?
  var expiresAt: Instant?
  var isExact = false

  var ready: Instant { max(queuedAt, sendAt ?? queuedAt, retryAt ?? queuedAt) }
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
  var messagesPerDay = 0
  var heldUntil: Instant?
  /// The sends so far by date, as the number 20261224.
  var sentOn: [Int: Int] = [:]
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

  /// Every message in the order of going out, then those that do not.
  func entries(_ messages: [ReferenceMessage]) -> [ReferenceEntry] {
    var ordinary = messages.filter { !$0.isExact }.sorted(by: Self.precedes)[...]
    var exact = messages.filter(\.isExact).sorted(by: Self.precedes)[...]
    var sends = ReferenceSends(latest: previous, onDate: sentOn)
    var going: [ReferenceEntry] = []
    var notGoing: (exact: [ReferenceEntry], ordinary: [ReferenceEntry]) = ([], [])
    while true {
      // What does not go out takes no place: whoever comes next is reckoned as if it were not there.
      let nextExact = exact.first.map(placed)
      if let nextExact, nextExact.sendAt == nil {
        notGoing.exact.append(nextExact)
        exact.removeFirst()
        continue
      }
      let nextOrdinary = ordinary.first.map { placed($0, after: sends) }
      if let nextOrdinary, nextOrdinary.sendAt == nil {
        notGoing.ordinary.append(nextOrdinary)
        ordinary.removeFirst()
        continue
      }
      // An ordinary message at the same instant as an exact one, or later, comes after it.
      let isExact = nextExact?.sendAt ?? .max <= nextOrdinary?.sendAt ?? .max
      guard let next = isExact ? nextExact : nextOrdinary, let time = next.sendAt else { break }
      going.append(next)
      sends.add(time, date: hours.clock.date(at: time))
      if isExact { exact.removeFirst() } else { ordinary.removeFirst() }
    }
    return going + notGoing.exact + notGoing.ordinary
  }

  private func placed(_ message: ReferenceMessage) -> ReferenceEntry {
    let unheld = max(now, message.ready)
    let time = max(unheld, heldUntil ?? unheld)
    return entry(message, time <= horizon ? time : nil, atLeast: time, time > unheld ? .hold : .exact)
  }

  /// One ordinary message, were it the next to go out.
  private func placed(_ message: ReferenceMessage, after sends: ReferenceSends) -> ReferenceEntry {
    let base = max(now, message.ready)
    let held = max(base, heldUntil ?? base)
    let spaced = max(held, sends.latest.map { $0 + gap } ?? held)
    let open = hours.nextOpen(spaced, limit: horizon)
    let time = hours.next(true, spaced, limit: horizon) { date in
      messagesPerDay == 0 || sends.count(on: date) < messagesPerDay
    }
    var cause = Cause.ready
    if time != open {
      cause = .day
    } else if open != spaced {
      cause = .window
    } else if spaced != held {
      cause = .rate
    } else if held != base {
      cause = .hold
    }
    return entry(message, time, atLeast: max(spaced, horizon + 1), cause)
  }

  /// A message that would go out at `time`, or, if that is nil, beyond the horizon and not before `atLeast`.
  private func entry(_ message: ReferenceMessage, _ time: Instant?, atLeast: Instant, _ cause: Cause)
    -> ReferenceEntry
  {
    var entry = ReferenceEntry(id: message.id, readyAt: message.ready, sendAt: time, cause: cause)
    if let expiry = message.expiresAt, time ?? atLeast > expiry {
      (entry.sendAt, entry.cause) = (nil, .expires)
    } else if time == nil {
      entry.cause = heldUntil.map { $0 > horizon } ?? false ? .hold : .never
    }
    return entry
  }
}

/// What a phone has sent.
struct ReferenceSends {
  private(set) var latest: Instant?
  private var onDate: [Int: Int]

  init(latest: Instant?, onDate: [Int: Int]) {
    self.latest = latest
    self.onDate = onDate
  }

  func count(on date: Int) -> Int { onDate[date] ?? 0 }

  mutating func add(_ instant: Instant, date: Int) {
    latest = max(latest ?? instant, instant)
    onDate[date, default: 0] += 1
  }
}

extension SendQueue {
  /// The columns of some messages; keys are their ids.
  init(_ messages: [ReferenceMessage]) {
    let sorted = messages.sorted(by: ReferenceForecast.precedes)
    let ordinary = sorted.filter { !$0.isExact }
    let exact = sorted.filter(\.isExact)
    let expires = { (messages: [ReferenceMessage]) in
      messages.allSatisfy { $0.expiresAt == nil } ? [] : messages.map { $0.expiresAt ?? .max }
    }
    self.init(
      keys: ordinary.map(\.id), ready: ordinary.map(\.ready), expires: expires(ordinary),
      exactKeys: exact.map(\.id), exactReady: exact.map(\.ready), exactExpires: expires(exact))
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
