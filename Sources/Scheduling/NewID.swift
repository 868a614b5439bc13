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
    guard let start = text.baseAddress, text.count >= 36 else { return }
    let target = UnsafeMutableRawPointer(start)
    let digits = (eight(high >> 32), eight(high), eight(low >> 32), eight(low))
    func put<Digits: FixedWidthInteger>(_ digits: Digits, _ place: Int) {
      target.storeBytes(of: digits.littleEndian, toByteOffset: place, as: Digits.self)
    }
    put(digits.0, 0)
    put(UInt32(truncatingIfNeeded: digits.1), 9)
    put(UInt32(truncatingIfNeeded: digits.1 >> 32), 14)
    put(UInt32(truncatingIfNeeded: digits.2), 19)
    put(UInt32(truncatingIfNeeded: digits.2 >> 32), 24)
    put(digits.3, 28)
    for place in [8, 13, 18, 23] { put(UInt8(ascii: "-"), place) }
  }

  /// The hexadecimal digits of the lowest 32 bits, the first one in the lowest byte.
  @inline(__always)
  private static func eight(_ bits: UInt64) -> UInt64 {
    // A nibble in each byte: halves are moved apart, and then their halves.
    var nibbles = bits & 0xFFFF_FFFF
    nibbles = (nibbles | nibbles << 16) & 0x0000_FFFF_0000_FFFF
    nibbles = (nibbles | nibbles << 8) & 0x00FF_00FF_00FF_00FF
    nibbles = (nibbles | nibbles << 4) & 0x0F0F_0F0F_0F0F_0F0F
    // Those from ten on are letters, 39 characters further.
    let letters = (nibbles &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
    return (nibbles &+ 0x3030_3030_3030_3030 &+ letters &* 39).byteSwapped
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
