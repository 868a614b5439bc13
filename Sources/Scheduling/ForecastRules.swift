/// Everything besides the queue that decides when messages go out.
package struct ForecastRules: Sendable {
  package var now: Instant
  /// The phone's last claim or send, at `now` or before; nil if it never sent.
  package var previous: Instant?
  package var rate: Rate
  package var hours: OpenHours
  /// Nothing goes out before this, exact messages included; nil if the phone is not held.
  package var heldUntil: Instant?
  /// The most sends on one local date; 0 means no limit.
  package var messagesPerDay: Int
  /// How many were sent already on a local date (days since 1970-01-01); 0 if absent.
  ///
  /// Only dates that may still come count: today's, and on the days around a clock change its neighbours'.
  package var sentOn: [Int64: Int]

  package init(
    now: Instant, previous: Instant?, rate: Rate, hours: OpenHours, heldUntil: Instant? = nil,
    messagesPerDay: Int = 0, sentOn: [Int64: Int] = [:]
  ) {
    self.now = now
    self.previous = previous
    self.rate = rate
    self.hours = hours
    self.heldUntil = heldUntil
    self.messagesPerDay = messagesPerDay
    self.sentOn = sentOn
  }

  /// What goes out later than this is reported as never: everything where the clock of the hours is not known.
  package var horizon: Instant { hours.problem == nil ? now + reach : now - 1 }
  /// How far ahead a forecast looks.
  var reach: Duration = .horizon
}

/// Why a message goes out when it does.
package enum Cause: String, Sendable, CaseIterable {
  /// It ignores windows, rate and the day's limit.
  case exact
  /// Its expiry comes first: it does not go out.
  case expires
  /// Not within the horizon.
  case never
  /// It waits for the hold to end; without a time, the hold ends beyond the horizon.
  case hold
  /// It waits for a date with room under the day's limit.
  case day
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

  package var isExact: Bool {
    if case .exact = self { true } else { false }
  }
}

/// When one waiting message goes out.
package struct ForecastEntry: Equatable, Sendable {
  /// 0 for the first to go out; those that do not go out are last.
  package var position: Int
  package var message: QueueIndex
  /// By when, for a message that the queue has not read.
  package var readyAt: Instant
  /// Nil if it does not go out: it expires before, or would go out beyond the horizon.
  package var sendAt: Instant?
  package var cause: Cause
}
