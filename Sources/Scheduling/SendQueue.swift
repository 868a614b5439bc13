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

  /// How many messages wait.
  package var count: Int { ready.count + exactReady.count }
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
