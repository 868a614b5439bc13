extension Int64 {
  /// Hands the number's digits to `body` as ASCII, with a minus sign before them if it is below 0.
  @inlinable package func withDecimalDigits<Result>(
    _ body: (UnsafeMutableBufferPointer<UInt8>.SubSequence) throws -> Result
  ) rethrows -> Result {
    try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
      var start = 20
      var rest = magnitude
      repeat {
        start -= 1
        digits[start] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
        rest /= 10
      } while rest > 0
      if self < 0 {
        start -= 1
        digits[start] = 0x2D
      }
      return try body(digits[start...])
    }
  }
}
