/// An instant until which a phone sends nothing at all, exact messages included.
package struct Hold: Hashable, Sendable {
  /// `Instant.untilReleased` for one that somebody must end.
  package var until: Instant
  /// Why, for people; may be empty.
  package var reason: String
  /// The phone holds itself after failures in a row; the next success ends the hold.
  package var endsWithSuccess: Bool
  /// The hold by hand that goes on where a success ends this one.
  package var byHand: HoldByHand?

  package init(
    until: Instant, reason: String = "", endsWithSuccess: Bool = false, byHand: HoldByHand? = nil
  ) {
    self.until = until
    self.reason = reason
    self.endsWithSuccess = endsWithSuccess
    self.byHand = byHand
  }

  /// Whether it still keeps the phone from sending.
  package func isActive(at now: Instant) -> Bool { now < until }
}

/// A hold that somebody set and that ends before the one in front of it, which the phone set itself.
package struct HoldByHand: Hashable, Sendable {
  package var until: Instant
  package var reason: String

  package init(until: Instant, reason: String) {
    self.until = until
    self.reason = reason
  }
}

extension Instant {
  /// 9999-12-31T23:59:59.999Z: a hold until somebody releases it.
  package static let untilReleased: Instant = 253_402_300_799_999

  /// What can be written in UTC and read again: the years 1 to 9999.
  package static let storable: ClosedRange<Instant> = -62_135_596_800_000 ... .untilReleased
}
