/// Everything besides the queue that decides when messages go out.
package struct ForecastRules: Sendable {
  package var now: Instant
  /// The phone's last claim or send; nil if it never sent.
  package var previous: Instant?
  package var rate: Rate
  package var hours: OpenHours

  package init(now: Instant, previous: Instant?, rate: Rate, hours: OpenHours) {
    self.now = now
    self.previous = previous
    self.rate = rate
    self.hours = hours
  }

  /// What goes out later than this is reported as never.
  package var horizon: Instant { now + .horizon }
}

/// Why a message goes out when it does.
package enum Cause: String, Sendable, CaseIterable {
  /// It ignores windows and rate.
  case exact
  /// Not within the horizon.
  case never
  /// It waits for a window to open.
  case window
  /// It waits a gap after the send before it.
  case rate
  /// It goes as soon as it is ready, or now.
  case ready
}

/// Which message of a ``SendQueue`` is meant.
package enum QueueIndex: Hashable, Sendable {
  case ordinary(Int)
  case exact(Int)
}

/// When one waiting message goes out.
package struct ForecastEntry: Equatable, Sendable {
  /// 0 for the first to go out.
  package var position: Int
  package var message: QueueIndex
  package var readyAt: Instant
  /// Nil if it does not go out within the horizon.
  package var sendAt: Instant?
  package var cause: Cause
}
