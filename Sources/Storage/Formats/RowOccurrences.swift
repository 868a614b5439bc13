import Formats

/// How often each row stood in a file so far, in little memory however long that is.
///
/// Two different rows that share 64 bits of their fingerprints would count as the same, which only makes the second one's
/// number 1 instead of 0; it would be so in each import of the same file.
struct RowOccurrences: ~Copyable {
  private var seen: FingerprintSet
  /// Rows that came often. The others' repeats are found among what was seen, each under a name of its own.
  private var often: [Int64: Int] = [:]

  private static let few = 8

  /// `held` is how many fingerprints are held in memory.
  init(held: Int = 1 << 19) { seen = FingerprintSet(most: held) }

  /// Counts a row by 64 bits of its fingerprint, and says how often it stood there before.
  mutating func count(_ name: Int64) throws -> Int {
    if try seen.insert(name) { return 0 }
    if let count = often[name] {
      often[name] = count + 1
      return count
    }
    for count in 1..<Self.few where try seen.insert(Self.name(of: name, repeat: count)) { return count }
    often[name] = Self.few + 1
    return Self.few
  }

  /// Numbers that are spread as evenly as fingerprints (the last steps of SplitMix64, by Steele, Lea and Flood).
  private static func name(of value: Int64, repeat count: Int) -> Int64 {
    var bits = UInt64(bitPattern: value) &+ UInt64(count) &* 0x9E37_79B9_7F4A_7C15
    bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
    return Int64(bitPattern: bits ^ bits >> 31)
  }
}
