import Formats

/// A set of numbers that are spread evenly. It holds some in memory; more go to a file, some at a time, sorted, of which it
/// remembers enough to look there seldom.
struct FingerprintSet: ~Copyable {
  /// 0 where there is room.
  private var table: UnsafeMutableBufferPointer<Int64>
  private var filled = 0
  private let most: Int
  private var runs: [Run] = []
  private var filters: [RunFilter] = []
  private var file: SpoolFile?

  init(most: Int) {
    self.most = most
    table = .allocate(capacity: 1 << 10)
    table.initialize(repeating: 0)
  }

  deinit {
    table.deallocate()
    for filter in filters { filter.deallocate() }
  }

  /// Adds a number; false if it is there already.
  mutating func insert(_ number: Int64) throws -> Bool {
    // 0 stands for nothing.
    let number = number == 0 ? 1 : number
    let place = place(of: number)
    if table[place] != 0 { return false }
    for index in filters.indices {
      var candidates = filters[index].candidates(number)
      while candidates != 0 {
        let run = index * RunFilter.runs + candidates.trailingZeroBitCount
        if try isInRun(run, number) { return false }
        candidates &= candidates - 1
      }
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

  // MARK: - Runs

  /// Sorted numbers in the file.
  private struct Run {
    let start: Int
    let end: Int
    /// Every so many-th of them.
    let signposts: [Int64]

    static let step = 512
  }

  private mutating func putAway() throws {
    let file = try file ?? SpoolFile()
    self.file = file
    let numbers = table.filter { $0 != 0 }.sorted()
    try numbers.withUnsafeBytes(file.append)
    let start = runs.last?.end ?? 0
    let signposts = stride(from: 0, to: numbers.count, by: Run.step).map { numbers[$0] }
    if runs.count % RunFilter.runs == 0 { filters.append(RunFilter(most: most)) }
    filters[filters.count - 1].add(numbers, run: runs.count % RunFilter.runs)
    runs.append(
      Run(start: start, end: start + numbers.count * MemoryLayout<Int64>.size, signposts: signposts))
    table.update(repeating: 0)
    filled = 0
  }

  private func isInRun(_ index: Int, _ number: Int64) throws -> Bool {
    let run = runs[index]
    var (low, high) = (0, run.signposts.count)
    while low < high {
      let middle = (low + high) / 2
      if run.signposts[middle] <= number { low = middle + 1 } else { high = middle }
    }
    guard let file, low > 0 else { return false }
    let first = run.start + (low - 1) * Run.step * MemoryLayout<Int64>.size
    let count = min(Run.step, (run.end - first) / MemoryLayout<Int64>.size)
    return try withUnsafeTemporaryAllocation(of: Int64.self, capacity: count) { numbers in
      try file.read(UnsafeMutableRawBufferPointer(numbers), at: first)
      return numbers.contains(number)
    }
  }
}

/// Says of eight runs in which of them a number may be: a Bloom filter for each, side by side, so that a look at all of
/// them is one at 64 bytes that lie together.
private struct RunFilter {
  static let runs = 8
  /// 64 bytes for some numbers of each run. A number has some of them, with a bit for each run.
  private let lines: UnsafeMutablePointer<UInt8>
  /// How far a number is shifted to be that of its line: in a run lines come one after the other.
  private let shift: Int
  private static let probes = 5

  /// For runs of so many numbers, at most.
  init(most: Int) {
    // Four of a run in each, or fewer.
    let bits = max(1, Int.bitWidth - (max(1, most / 4) - 1).leadingZeroBitCount)
    shift = UInt64.bitWidth - bits
    lines = .allocate(capacity: 64 << bits)
    lines.initialize(repeating: 0, count: 64 << bits)
  }

  func deallocate() { lines.deallocate() }

  func add(_ numbers: [Int64], run: Int) {
    for number in numbers {
      let line = line(of: number)
      for probe in 0..<Self.probes { line[Self.place(of: number, probe)] |= 1 << UInt8(run) }
    }
  }

  /// A bit for each run that may have the number.
  @inline(__always)
  func candidates(_ number: Int64) -> UInt8 {
    let line = line(of: number)
    var runs: UInt8 = 0xFF
    for probe in 0..<Self.probes { runs &= line[Self.place(of: number, probe)] }
    return runs
  }

  @inline(__always)
  private func line(of number: Int64) -> UnsafeMutablePointer<UInt8> {
    lines + Int(UInt64(bitPattern: number) >> UInt64(shift)) * 64
  }

  @inline(__always)
  private static func place(of number: Int64, _ probe: Int) -> Int {
    Int(UInt64(bitPattern: number) >> UInt64(probe * 6) & 63)
  }
}
