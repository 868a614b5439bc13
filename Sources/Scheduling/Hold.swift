/// An instant until which a phone sends nothing at all, exact messages included.
package struct Hold: Hashable, Sendable {
  /// `Instant.untilReleased` for one that somebody must end.
  package var until: Instant
  /// Why, for people; may be empty.
  package var reason: String
  /// The phone holds itself after failures in a row; the next success ends the hold.
  package var endsWithSuccess: Bool

  package init(until: Instant, reason: String = "", endsWithSuccess: Bool = false) {
    self.until = until
    self.reason = reason
    self.endsWithSuccess = endsWithSuccess
  }

  /// Whether it still keeps the phone from sending.
  package func isActive(at now: Instant) -> Bool { now < until }
}

extension Instant {
  /// 9999-12-31T23:59:59.999Z: a hold until somebody releases it.
  package static let untilReleased: Instant = 253_402_300_799_999
}
