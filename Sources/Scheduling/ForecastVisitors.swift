/// Sums up.
struct TotalsVisitor: ForecastVisitor {
  /// The earliest and the latest send, since sends only rise.
  var first: Instant?
  var last: Instant?
  var expires = 0

  @inline(__always)
  mutating func ordinary(_ index: Int, waited: Instant, sendAt: Instant) { send(sendAt) }

  mutating func rateBound(_ indices: Range<Int>, from sendAt: Instant, every gap: Duration) {
    send(sendAt)
    send(sendAt + Int64(indices.count - 1) * gap)
  }

  @inline(__always)
  mutating func exact(_ index: Int, sendAt: Instant) { send(sendAt) }

  @inline(__always)
  mutating func unsentOrdinary(_ indices: Range<Int>, _ cause: Cause) {
    if cause == .expires { expires += indices.count }
  }

  @inline(__always)
  mutating func unsentExact(_ index: Int, _ cause: Cause) { if cause == .expires { expires += 1 } }

  @inline(__always)
  private mutating func send(_ sendAt: Instant) {
    if first == nil { first = sendAt }
    last = sendAt
  }
}

/// Notes when each message goes out.
struct TimesVisitor: ForecastVisitor {
  /// By their places in the queue; nil for what does not go out.
  private(set) var ordinary: [Instant?]
  private(set) var exact: [Instant?]

  init(_ queue: SendQueue) {
    ordinary = Array(repeating: nil, count: queue.ready.count)
    exact = Array(repeating: nil, count: queue.exactReady.count)
  }

  mutating func ordinary(_ index: Int, waited: Instant, sendAt: Instant) { ordinary[index] = sendAt }

  mutating func rateBound(_ indices: Range<Int>, from sendAt: Instant, every gap: Duration) {
    for index in indices { ordinary[index] = sendAt + Int64(index - indices.lowerBound) * gap }
  }

  mutating func exact(_ index: Int, sendAt: Instant) { exact[index] = sendAt }

  mutating func unsentOrdinary(_ indices: Range<Int>, _ cause: Cause) {}

  mutating func unsentExact(_ index: Int, _ cause: Cause) {}
}

/// Collects the entries that are wanted.
struct RowsVisitor: ForecastVisitor {
  var entries: [ForecastEntry] = []
  private let queue: SendQueue
  private let rules: ForecastRules
  private let floor: Instant
  private let isWanted: (ForecastEntry) -> Bool
  /// The next position of each group.
  private var sent: Int
  private var exactUnsent: Int
  private var ordinaryUnsent: Int

  init(_ forecast: Forecast, from state: ForecastState, isWanted: @escaping (ForecastEntry) -> Bool) {
    queue = forecast.queue
    rules = forecast.rules
    floor = max(rules.now, rules.heldUntil ?? .min)
    self.isWanted = isWanted
    sent = state.sends
    exactUnsent = forecast.places(of: .exact).lowerBound + state.exactUnsent
    ordinaryUnsent = forecast.places(of: .ordinary).lowerBound + state.ordinaryUnsent
  }

  mutating func ordinary(_ index: Int, waited: Instant, sendAt: Instant) {
    add(.ordinary(index), at: sent, queue.readyAt(index), sendAt, .ready)
    sent += 1
    guard entries.last?.message == .ordinary(index) else { return }
    entries[entries.count - 1].cause = cause(ready: queue.readyAt(index), waited: waited, sendAt: sendAt)
  }

  mutating func rateBound(_ indices: Range<Int>, from sendAt: Instant, every gap: Duration) {
    for index in indices {
      let time = sendAt + Int64(index - indices.lowerBound) * gap
      ordinary(index, waited: time, sendAt: time)
    }
  }

  mutating func exact(_ index: Int, sendAt: Instant) {
    let ready = queue.exactReady[index]
    add(.exact(index), at: sent, ready, sendAt, sendAt > max(rules.now, ready) ? .hold : .exact)
    sent += 1
  }

  mutating func unsentOrdinary(_ indices: Range<Int>, _ cause: Cause) {
    for index in indices {
      add(.ordinary(index), at: ordinaryUnsent, queue.readyAt(index), nil, cause)
      ordinaryUnsent += 1
    }
  }

  mutating func unsentExact(_ index: Int, _ cause: Cause) {
    add(.exact(index), at: exactUnsent, queue.exactReady[index], nil, cause)
    exactUnsent += 1
  }

  /// Which of the things that an ordinary message waits for moved it last.
  private func cause(ready: Instant, waited: Instant, sendAt: Instant) -> Cause {
    if sendAt > waited {
      if rules.messagesPerDay > 0, let open = rules.hours.nextOpen(waited, limit: sendAt), open < sendAt {
        return .day
      }
      return .window
    }
    let base = max(rules.now, ready)
    let held = max(floor, ready)
    return waited > held ? .rate : held > base ? .hold : .ready
  }

  private mutating func add(
    _ message: QueueIndex, at position: Int, _ ready: Instant, _ sendAt: Instant?, _ cause: Cause
  ) {
    let entry = ForecastEntry(
      position: position, message: message, readyAt: ready, sendAt: sendAt, cause: cause)
    if isWanted(entry) { entries.append(entry) }
  }
}

/// Counts the sends between edges.
struct HistogramVisitor: ForecastVisitor {
  private let edges: [Instant]
  private var finished: [Int]
  /// The slot that the last send fell into, its end, and how many did; -1 before the first edge.
  private var slot = -1
  private var slotEnd: Instant
  private var inSlot = 0

  init(edges: [Instant]) {
    self.edges = edges
    finished = Array(repeating: 0, count: edges.count - 1)
    slotEnd = edges[0]
  }

  var counts: [Int] {
    var counts = finished
    if counts.indices.contains(slot) { counts[slot] += inSlot }
    return counts
  }

  @inline(__always)
  mutating func ordinary(_ index: Int, waited: Instant, sendAt: Instant) { add(sendAt) }

  mutating func rateBound(_ indices: Range<Int>, from sendAt: Instant, every gap: Duration) {
    var sendAt = sendAt
    var left = indices.count
    while left > 0 {
      if sendAt >= slotEnd { move(to: sendAt) }
      let isEndless = gap == 0 || slotEnd == .max
      let fit = isEndless ? left : min(left, Int((slotEnd - 1 - sendAt) / gap + 1))
      inSlot += fit
      left -= fit
      sendAt += Int64(fit) * gap
    }
  }

  @inline(__always)
  mutating func exact(_ index: Int, sendAt: Instant) { add(sendAt) }

  mutating func unsentOrdinary(_ indices: Range<Int>, _ cause: Cause) {}
  mutating func unsentExact(_ index: Int, _ cause: Cause) {}

  @inline(__always)
  private mutating func add(_ sendAt: Instant) {
    if sendAt >= slotEnd { move(to: sendAt) }
    inSlot += 1
  }

  private mutating func move(to sendAt: Instant) {
    if finished.indices.contains(slot) { finished[slot] += inSlot }
    inSlot = 0
    while sendAt >= slotEnd, slot < finished.count {
      slot += 1
      slotEnd = slot < finished.count ? edges[slot + 1] : .max
    }
  }
}

/// Counts those that wait long.
struct WaitVisitor: ForecastVisitor {
  let queue: SendQueue
  let length: Duration
  var count = 0
  var longest: Duration = 0

  mutating func ordinary(_ index: Int, waited: Instant, sendAt: Instant) {
    add(sendAt - queue.readyAt(index))
  }

  /// Ready times rise, and so do sends: where the ends of a stretch say enough, what is between need not be looked at.
  mutating func rateBound(_ indices: Range<Int>, from sendAt: Instant, every gap: Duration) {
    guard let last = indices.last else { return }
    let least = sendAt - queue.readyAt(last)
    let most = sendAt + Int64(indices.count - 1) * gap - queue.readyAt(indices.lowerBound)
    let isDecided = least > length || most <= length
    if isDecided, most <= longest || indices.count == 1 {
      if least > length { count += indices.count }
      longest = max(longest, most)
      return
    }
    let middle = indices.lowerBound + indices.count / 2
    // The later half first: it has the longest waits as a rule, which decides the earlier one.
    rateBound(
      middle..<indices.upperBound, from: sendAt + Int64(middle - indices.lowerBound) * gap, every: gap)
    rateBound(indices.lowerBound..<middle, from: sendAt, every: gap)
  }

  mutating func exact(_ index: Int, sendAt: Instant) { add(sendAt - queue.exactReady[index]) }
  mutating func unsentOrdinary(_ indices: Range<Int>, _ cause: Cause) {}
  mutating func unsentExact(_ index: Int, _ cause: Cause) {}

  private mutating func add(_ wait: Duration) {
    if wait > length { count += 1 }
    longest = max(longest, wait)
  }
}

/// Looks at those that are ready by an instant: when they go out, and which of them do so after it, or never.
struct ReadyVisitor: ForecastVisitor {
  let queue: SendQueue
  let instant: Instant
  /// How many go out after the instant, or never, and the one that comes last.
  private(set) var late = 0
  private(set) var last: QueueIndex?
  private(set) var lastSendAt: Instant?
  /// How many are not ready by the instant and go out later, and when the last of them is ready.
  private(set) var unready = 0
  private(set) var lastReady: Instant?

  init(queue: SendQueue, instant: Instant) { (self.queue, self.instant) = (queue, instant) }

  mutating func ordinary(_ index: Int, waited: Instant, sendAt: Instant) {
    note(.ordinary(index), ready: queue.readyAt(index), sendAt)
  }

  mutating func rateBound(_ indices: Range<Int>, from sendAt: Instant, every gap: Duration) {
    for index in indices {
      note(
        .ordinary(index), ready: queue.readyAt(index), sendAt + Int64(index - indices.lowerBound) * gap)
    }
  }

  mutating func exact(_ index: Int, sendAt: Instant) {
    note(.exact(index), ready: queue.exactReady[index], sendAt)
  }

  mutating func unsentOrdinary(_ indices: Range<Int>, _ cause: Cause) {
    guard cause != .expires else { return }
    for index in indices { note(.ordinary(index), ready: queue.readyAt(index), nil) }
  }

  mutating func unsentExact(_ index: Int, _ cause: Cause) {
    if cause != .expires { note(.exact(index), ready: queue.exactReady[index], nil) }
  }

  /// `sendAt` is nil for one that never goes out.
  @inline(__always)
  private mutating func note(_ message: QueueIndex, ready: Instant, _ sendAt: Instant?) {
    if ready > instant {
      unready += 1
      lastReady = max(lastReady ?? ready, ready)
    } else if let sendAt {
      lastSendAt = sendAt
      if sendAt > instant { (late, last) = (late + 1, message) }
    } else {
      (late, last) = (late + 1, message)
    }
  }
}
