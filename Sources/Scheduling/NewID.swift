/// Identifiers for new records: UUIDs of version 7.
package enum NewID {
  /// A UUID that begins with `instant`, so that an index of them grows at its end.
  ///
  /// `sequence` (0 to 4095) orders identifiers of the same millisecond.
  package static func make(at instant: Instant, sequence: Int = 0) -> String {
    let time = UInt64(clamping: max(0, instant)) & 0xFFFF_FFFF_FFFF
    let random = UInt64.random(in: .min ... .max)
    let high = time << 16 | 0x7000 | UInt64(sequence & 0xFFF)
    let low = 0x8000_0000_0000_0000 | random >> 2
    return hex(high >> 32, 8) + "-" + hex(high >> 16 & 0xFFFF, 4) + "-" + hex(high & 0xFFFF, 4) + "-"
      + hex(low >> 48, 4) + "-" + hex(low & 0xFFFF_FFFF_FFFF, 12)
  }

  private static func hex(_ value: UInt64, _ width: Int) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: width - digits.count) + digits
  }
}
