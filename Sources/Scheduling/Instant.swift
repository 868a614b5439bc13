/// A point in time: Unix milliseconds in UTC.
package typealias Instant = Int64

/// A length of time in milliseconds.
package typealias Duration = Int64

extension Duration {
  package static let second: Duration = 1_000
  package static let minute: Duration = 60_000
  package static let hour: Duration = 3_600_000
  package static let day: Duration = 86_400_000
  package static let week: Duration = 604_800_000
  /// How far a forecast looks ahead of `now`: 1,827 days (5 years).
  package static let horizon: Duration = 1_827 * day
}

/// Division that rounds towards minus infinity, and its remainder (0 ..< divisor, for a positive divisor).
@inlinable
package func floorDivide(_ value: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
  var (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
  if remainder < 0 {
    quotient -= 1
    remainder += divisor
  }
  return (quotient, remainder)
}
