/// The waiting messages of one phone as columns of integers: all that a forecast needs.
///
/// Ordinary messages stand in the order in which they go out: ready time, then queued time, then
/// insertion. Exact messages stand apart, in the same order. `key` is the store's integer for a message.
/// A column of expiries is empty if no message of it expires; else it has an instant a message,
/// `Instant.max` for one that does not expire.
package struct SendQueue: Sendable, Equatable {
  package var keys: [Int64]
  package var ready: [Instant]
  package var expires: [Instant]
  package var exactKeys: [Int64]
  package var exactReady: [Instant]
  package var exactExpires: [Instant]
  /// The places of ordinary messages that were not read one by one, as they are ready already and do not expire: then
  /// nothing of them decides when they go out. The columns leave them out.
  package private(set) var unread = 0..<0
  /// By when those are ready.
  private var unreadReady = Instant.min

  package init(
    keys: [Int64] = [], ready: [Instant] = [], expires: [Instant] = [], exactKeys: [Int64] = [],
    exactReady: [Instant] = [], exactExpires: [Instant] = []
  ) {
    precondition(keys.count == ready.count && exactKeys.count == exactReady.count)
    precondition(expires.isEmpty || expires.count == ready.count)
    precondition(exactExpires.isEmpty || exactExpires.count == exactReady.count)
    self.keys = keys
    self.ready = ready
    self.expires = expires
    self.exactKeys = exactKeys
    self.exactReady = exactReady
    self.exactExpires = exactExpires
  }

  /// A queue that begins with ordinary messages which are ready by an instant: the first of `keys` were read, then come
  /// so many that were not; those after them were.
  package init(
    keys: [Int64], ready: [Instant], thenUnread count: Int, at place: Int, readyBy instant: Instant,
    exactKeys: [Int64] = [], exactReady: [Instant] = [], exactExpires: [Instant] = []
  ) {
    self.init(
      keys: keys, ready: ready, exactKeys: exactKeys, exactReady: exactReady, exactExpires: exactExpires)
    precondition(count >= 0 && (0...keys.count).contains(place))
    unread = place..<place + count
    unreadReady = instant
  }

  /// How many messages wait.
  package var count: Int { ordinaryCount + exactReady.count }

  /// How many of them are ordinary.
  package var ordinaryCount: Int { ready.count + unread.count }

  /// Whether all messages were read.
  package var isWhole: Bool { unread.isEmpty }

  /// The store's integer for a message; nil for one that was not read.
  package func key(of message: QueueIndex) -> Int64? {
    switch message {
    case .exact(let index): exactKeys[index]
    case .ordinary(let index):
      unread.contains(index) ? nil : keys[index < unread.lowerBound ? index : index - unread.count]
    }
  }

  /// Where a message stands; nil if it is not in the queue, or was not read.
  package func index(of key: Int64) -> QueueIndex? {
    if let index = keys.firstIndex(of: key) {
      return .ordinary(index < unread.lowerBound ? index : index + unread.count)
    }
    return exactKeys.firstIndex(of: key).map(QueueIndex.exact)
  }

  /// When an ordinary message is ready, or by when if it was not read.
  @inline(__always)
  func readyAt(_ index: Int) -> Instant {
    if index < unread.lowerBound { return ready[index] }
    return index < unread.upperBound ? unreadReady : ready[index - unread.count]
  }

  /// Hands the ready times of the ordinary messages of a queue that was not read whole to `body`.
  @inline(__always)
  func withPartlyRead(_ body: (PartlyReadColumn) -> Void) {
    ready.withUnsafeBufferPointer {
      body(PartlyReadColumn(read: $0, unread: unread, unreadReady: unreadReady))
    }
  }
}

/// The ready times of a queue's ordinary messages where some were not read.
struct PartlyReadColumn: InstantColumn {
  let read: UnsafeBufferPointer<Instant>
  let unread: Range<Int>
  let unreadReady: Instant

  var count: Int { read.count + unread.count }
  @inline(__always)
  subscript(index: Int) -> Instant {
    if index < unread.lowerBound { return read[index] }
    return index < unread.upperBound ? unreadReady : read[index - unread.count]
  }
}

/// How fast a phone may send.
package struct Rate: Hashable, Sendable {
  /// 0 means no limit.
  package var messagesPerMinute: Int

  package init(messagesPerMinute: Int) { self.messagesPerMinute = messagesPerMinute }

  /// The least time between two sends, in milliseconds: 60,000 / rate rounded up, so that the rate is
  /// never exceeded (7 a minute is 8,572 ms); 0 without a limit.
  package var gap: Duration {
    messagesPerMinute <= 0 ? 0 : (60_000 + Int64(messagesPerMinute) - 1) / Int64(messagesPerMinute)
  }
}
