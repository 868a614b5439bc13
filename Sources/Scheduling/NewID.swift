/// Identifiers for new records: UUIDs of version 7.
package enum NewID {
  /// A UUID that begins with `instant`, so that an index of them grows at its end.
  ///
  /// `sequence` orders identifiers of the same millisecond; after 4,096 of them it goes on in the next one, as
  /// RFC 9562 allows.
  package static func make(at instant: Instant, sequence: Int = 0) -> String {
    let time = UInt64(clamping: max(0, instant)) &+ UInt64(sequence >> 12) & 0xFFFF_FFFF_FFFF
    let high = time << 16 | 0x7000 | UInt64(sequence & 0xFFF)
    let low = 0x8000_0000_0000_0000 | UInt64.random(in: .min ... .max) >> 2
    return String(unsafeUninitializedCapacity: 36) { text in
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
      return 36
    }
  }
}
