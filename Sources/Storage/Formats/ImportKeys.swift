import Formats

/// What tells the rows of an import apart, in the order of its numbers, in little memory: the fingerprints of rows of
/// CSV, and those of messages' ids.
///
/// They are spread evenly over 256 parts by their first bits. What is too much waits in a file, and each part is
/// sorted when it is asked for.
struct ImportKeys {
  struct Key {
    var high: Int64
    var low: Int64
    /// Stands for everything else that a message says; 0 for a row.
    var words: Int64
    /// The row's number, whether it is a message, and whether it has a send time.
    private var tag: Int64

    init(high: Int64, low: Int64, words: Int64 = 0, number: Int64, isMessage: Bool, hasSendTime: Bool) {
      (self.high, self.low, self.words) = (high, low, words)
      tag = number << 2 | (isMessage ? 2 : 0) | (hasSendTime ? 1 : 0)
    }

    var number: Int64 { tag >> 2 }
    var isMessage: Bool { tag & 2 != 0 }
    var hasSendTime: Bool { tag & 1 != 0 }
  }

  private var parts: [[Key]] = Array(repeating: [], count: Self.partCount)
  /// How many of each part stand in the file, a stretch after the other.
  private var stretches: [[Int]] = []
  private var file: SpoolFile?
  private var held = 0

  static let partCount = 256
  /// How many are held in memory.
  private let most: Int

  init(most: Int = 400_000) { self.most = most }

  mutating func add(_ key: Key) throws {
    parts[Int(key.high >> 56) + 128].append(key)
    held += 1
    if held >= most { try spill() }
  }

  /// The keys of a part in their order.
  func part(_ index: Int) throws -> [Key] {
    var keys: [Key] = []
    keys.reserveCapacity(stretches.reduce(parts[index].count) { $0 + $1[index] })
    var offset = 0
    for stretch in stretches {
      let before = stretch[..<index].reduce(0, +)
      try read(stretch[index], at: offset + before, into: &keys)
      offset += stretch.reduce(0, +)
    }
    keys += parts[index]
    keys.sort {
      $0.high != $1.high ? $0.high < $1.high : $0.low != $1.low ? $0.low < $1.low : $0.number < $1.number
    }
    return keys
  }

  private mutating func spill() throws {
    let file = try file ?? SpoolFile()
    self.file = file
    for part in parts { try part.withUnsafeBytes(file.append) }
    stretches.append(parts.map(\.count))
    for index in parts.indices { parts[index].removeAll(keepingCapacity: true) }
    held = 0
  }

  private func read(_ count: Int, at first: Int, into keys: inout [Key]) throws {
    guard let file, count > 0 else { return }
    keys += try [Key](unsafeUninitializedCapacity: count) { buffer, filled in
      try file.read(UnsafeMutableRawBufferPointer(buffer), at: first * MemoryLayout<Key>.stride)
      filled = count
    }
  }
}

/// The rows of CSV of an import that are to be known from now on.
struct NewRows {
  let keys: ImportKeys
  let dropped: DroppedRows

  /// Those of a part, each once, in their order.
  func part(_ index: Int) throws -> [ImportKeys.Key] {
    var last: (Int64, Int64)?
    return try keys.part(index).filter { key in
      guard !key.isMessage, !dropped.contains(key.number), last.map({ $0 != (key.high, key.low) }) ?? true
      else {
        return false
      }
      last = (key.high, key.low)
      return true
    }
  }
}

/// Numbers of rows that are not to be queued.
struct DroppedRows {
  private var bits: [UInt8] = []
  private(set) var count = 0

  init() {}

  var isEmpty: Bool { count == 0 }

  mutating func insert(_ number: Int64) {
    let place = Int(number >> 3)
    if place >= bits.count { bits += Array(repeating: 0, count: max(place + 1, bits.count * 2) - bits.count) }
    let bit: UInt8 = 1 << (number & 7)
    if bits[place] & bit == 0 { count += 1 }
    bits[place] |= bit
  }

  /// Whether all of some others are among these.
  func contains(allOf others: DroppedRows) -> Bool {
    others.bits.enumerated().allSatisfy { place, byte in
      byte & ~(place < bits.count ? bits[place] : 0) == 0
    }
  }

  func contains(_ number: Int64) -> Bool {
    let place = Int(number >> 3)
    return place < bits.count && bits[place] & 1 << (number & 7) != 0
  }

  /// Two digits for eight rows.
  var text: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(unsafeUninitializedCapacity: bits.count * 2) { text in
      for (index, byte) in bits.enumerated() {
        text[index * 2] = digits[Int(byte >> 4)]
        text[index * 2 + 1] = digits[Int(byte & 15)]
      }
      return bits.count * 2
    }
  }

  init(text: String) {
    var high: UInt8?
    for digit in text.utf8 {
      let value = digit < 0x3A ? digit &- 0x30 : digit &- 0x57
      if let first = high { bits.append(first << 4 | value & 15) }
      high = high == nil ? value & 15 : nil
    }
    count = bits.reduce(0) { $0 + $1.nonzeroBitCount }
  }
}
