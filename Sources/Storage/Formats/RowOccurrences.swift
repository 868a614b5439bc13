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
  init(held: Int = 1 << 20) { seen = FingerprintSet(most: held) }

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

/// A set of numbers that are spread evenly. It holds some in memory; more go to a file, some at a time, sorted, of which it
/// remembers enough to look there seldom.
struct FingerprintSet: ~Copyable {
  /// 0 where there is room.
  private var table: UnsafeMutableBufferPointer<Int64>
  private var filled = 0
  private let most: Int
  private var runs: [Run] = []
  private var file: SpoolFile?

  init(most: Int) {
    self.most = most
    table = .allocate(capacity: 1 << 10)
    table.initialize(repeating: 0)
  }

  deinit { table.deallocate() }

  /// Adds a number; false if it is there already.
  mutating func insert(_ number: Int64) throws -> Bool {
    // 0 stands for nothing.
    let number = number == 0 ? 1 : number
    let place = place(of: number)
    if table[place] != 0 { return false }
    if let file {
      for run in runs where try run.contains(number, in: file) { return false }
    }
    table[place] = number
    filled += 1
    if filled >= most {
      try putAway()
    } else if filled * 3 >= table.count * 2 {
      grow()
    }
    return true
  }

  /// Where a number stands, or would stand.
  private func place(of number: Int64) -> Int {
    var place = Int(truncatingIfNeeded: number) & (table.count - 1)
    while table[place] != 0, table[place] != number { place = (place + 1) & (table.count - 1) }
    return place
  }

  private mutating func grow() {
    let old = table
    table = .allocate(capacity: old.count * 2)
    table.initialize(repeating: 0)
    for number in old where number != 0 { table[place(of: number)] = number }
    old.deallocate()
  }

  private mutating func putAway() throws {
    let file = try file ?? SpoolFile()
    self.file = file
    let numbers = table.filter { $0 != 0 }.sorted()
    try numbers.withUnsafeBytes(file.append)
    runs.append(Run(numbers, from: (runs.last?.end ?? 0)))
    table.update(repeating: 0)
    filled = 0
  }

  /// Sorted numbers in the file.
  private final class Run {
    private let start: Int
    let end: Int
    /// Every so many-th of them.
    private var signposts: [Int64] = []
    private static let step = 512
    /// A Bloom filter: a number of which a bit is missing is not there.
    private var bits: [UInt64]
    private let mask: UInt64
    private static let probes = 4

    /// Numbers that stand from an offset on.
    init(_ numbers: [Int64], from offset: Int) {
      start = offset
      end = offset + numbers.count * MemoryLayout<Int64>.size
      // 8 to 16 bits for each.
      let size = max(64, 1 << (Int.bitWidth - (numbers.count * 8 - 1).leadingZeroBitCount))
      bits = Array(repeating: 0, count: size / 64)
      mask = UInt64(size - 1)
      for (index, number) in numbers.enumerated() {
        if index % Self.step == 0 { signposts.append(number) }
        for probe in 0..<Self.probes {
          let bit = bit(of: number, probe)
          bits[Int(bit / 64)] |= 1 << (bit % 64)
        }
      }
    }

    /// Each a different stretch of the number's bits.
    private func bit(of number: Int64, _ probe: Int) -> UInt64 {
      let number = UInt64(bitPattern: number)
      return (number << UInt64(probe * 13) | number >> UInt64(64 - probe * 13)) & mask
    }

    func contains(_ number: Int64, in file: SpoolFile) throws -> Bool {
      for probe in 0..<Self.probes {
        let bit = bit(of: number, probe)
        if bits[Int(bit / 64)] >> (bit % 64) & 1 == 0 { return false }
      }
      var (low, high) = (0, signposts.count)
      while low < high {
        let middle = (low + high) / 2
        if signposts[middle] <= number { low = middle + 1 } else { high = middle }
      }
      guard low > 0 else { return false }
      let first = start + (low - 1) * Self.step * MemoryLayout<Int64>.size
      let count = min(Self.step, (end - first) / MemoryLayout<Int64>.size)
      return try withUnsafeTemporaryAllocation(of: Int64.self, capacity: count) { numbers in
        try file.read(UnsafeMutableRawBufferPointer(numbers), at: first)
        return numbers.contains(number)
      }
    }
  }
}
