/// Identifiers for new records: UUIDs of version 7.
package enum NewID {
  /// A UUID that begins with `instant`, so that an index of them grows at its end.
  ///
  /// `sequence` orders identifiers of the same millisecond; after 4,096 of them it goes on in the next one, as
  /// RFC 9562 allows.
  package static func make(at instant: Instant, sequence: Int = 0) -> String {
    var random = SystemRandomNumberGenerator()
    return make(at: instant, sequence: sequence, using: &random)
  }

  /// The same with random bits of a generator, for many at once.
  package static func make<Generator: RandomNumberGenerator>(
    at instant: Instant, sequence: Int, using random: inout Generator
  ) -> String {
    make(at: instant, sequence: sequence, bits: random.next())
  }

  /// The same, as UTF-8 that is there while `body` runs.
  package static func write<Generator: RandomNumberGenerator>(
    at instant: Instant, sequence: Int, using random: inout Generator,
    _ body: (UnsafeBufferPointer<UInt8>) -> Void
  ) {
    let bits = random.next()
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 36) { text in
      fill(text, at: instant, sequence: sequence, bits: bits)
      body(UnsafeBufferPointer(text))
    }
  }

  private static func make(at instant: Instant, sequence: Int, bits: UInt64) -> String {
    String(unsafeUninitializedCapacity: 36) { text in
      fill(text, at: instant, sequence: sequence, bits: bits)
      return 36
    }
  }

  @inline(__always)
  private static func fill(
    _ text: UnsafeMutableBufferPointer<UInt8>, at instant: Instant, sequence: Int, bits: UInt64
  ) {
    let time = UInt64(clamping: max(0, instant)) &+ UInt64(sequence >> 12) & 0xFFFF_FFFF_FFFF
    let high = time << 16 | 0x7000 | UInt64(sequence & 0xFFF)
    let low = 0x8000_0000_0000_0000 | bits >> 2
    var place = 0
    for digit in 0..<32 {
      if digit == 8 || digit == 12 || digit == 16 || digit == 20 {
        text[place] = UInt8(ascii: "-")
        place += 1
      }
      let word = digit < 16 ? high : low
      let value = UInt8(truncatingIfNeeded: word >> UInt64(60 - digit % 16 * 4)) & 0xF
      text[place] = value < 10 ? 0x30 + value : 0x57 + value
      place += 1
    }
  }
}

/// Random numbers that nobody foresees, and that cost no call of the system each: xoshiro256** (Blackman, Vigna).
///
/// They are no secrets.
package struct ManyRandomNumbers: RandomNumberGenerator {
  private var state: (UInt64, UInt64, UInt64, UInt64)

  package init() {
    var system = SystemRandomNumberGenerator()
    // All zeros would stay so.
    state = (system.next() | 1, system.next(), system.next(), system.next())
  }

  package mutating func next() -> UInt64 {
    let product = state.1 &* 5
    let result = (product << 7 | product >> 57) &* 9
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = state.3 << 45 | state.3 >> 19
    return result
  }
}
