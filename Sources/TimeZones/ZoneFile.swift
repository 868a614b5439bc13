import Scheduling

/// What a file of RFC 9636 (TZif) says about a zone: what was, change by change, and the rule that goes on.
struct ZoneFile: Equatable, Sendable {
  /// Why bytes are no such file.
  struct Damage: Error, Equatable {
    var reason: String
    init(_ reason: String) { self.reason = reason }
  }

  /// The offset before the first change, in seconds.
  private(set) var initialOffset: Int64
  /// The instant of each change in seconds since 1970, in order, and the offset in seconds that follows.
  private(set) var changes: [(at: Int64, offset: Int64)] = []
  /// What goes on after the last change; nil if its offset stays.
  private(set) var rule: ZoneRule?

  /// Seconds of 30,000 years: what lies outside is as good as never (zic writes the beginning of the world).
  private static let limit: Int64 = 1_000_000_000_000

  init(_ bytes: [UInt8]) throws(Damage) {
    var reader = ByteReader(bytes)
    var header = try Header(&reader)
    // Old readers find 32-bit data first; what counts comes after it.
    let isWide = header.version >= UInt8(ascii: "2")
    if isWide {
      try reader.skip(header.size(timeSize: 4))
      header = try Header(&reader)
    }
    let data = try DataBlock(&reader, header, timeSize: isWide ? 8 : 4)
    initialOffset = data.types[0]
    var last = Int64.min
    for (time, type) in zip(data.times, data.indices) {
      let at = data.withoutLeapSeconds(time)
      guard at > last else { throw Damage("its changes are not in order") }
      last = at
      if at < -Self.limit {
        initialOffset = data.types[type]
      } else if at <= Self.limit {
        changes.append((at, data.types[type]))
      }
    }
    if isWide, last <= Self.limit { rule = try Self.footer(&reader) }
  }

  /// The rule between two line feeds; nil if there is nothing between them.
  private static func footer(_ reader: inout ByteReader) throws(Damage) -> ZoneRule? {
    guard try reader.byte() == UInt8(ascii: "\n") else { throw Damage("its footer is missing") }
    var text: [UInt8] = []
    while true {
      let byte = try reader.byte()
      if byte == UInt8(ascii: "\n") { break }
      guard text.count < 256 else { throw Damage("its footer is too long") }
      text.append(byte)
    }
    if text.isEmpty { return nil }
    guard let rule = ZoneRule(text) else { throw Damage("its footer is no rule of POSIX") }
    return rule
  }

  static func == (a: ZoneFile, b: ZoneFile) -> Bool {
    a.initialOffset == b.initialOffset && a.rule == b.rule
      && a.changes.elementsEqual(b.changes) { $0.at == $1.at && $0.offset == $1.offset }
  }
}

extension ZoneFile {
  /// The clock of the zone, with what its rule says until an instant.
  func timeline(_ name: String, through: Instant) -> ZoneTimeline {
    var all = changes
    var offset = initialOffset
    if let rule {
      let last = changes.last?.at
      let after = rule.changes(after: last ?? -Self.limit, through: through / 1000)
      // The rule counts from the last change on, in place of what that says.
      if let last { all[all.count - 1] = (last, after.offset) } else { offset = after.offset }
      all += after.changes
    }
    return ZoneTimeline(
      identifier: name, offset: offset * 1000, changes: all.lazy.map { ($0.at * 1000, $0.offset * 1000) })
  }
}

/// The counts at the head of a data block.
private struct Header {
  let version: UInt8
  let isUTCount: Int
  let isStandardCount: Int
  let leapCount: Int
  let timeCount: Int
  let typeCount: Int
  let designationCount: Int

  init(_ reader: inout ByteReader) throws(ZoneFile.Damage) {
    for expected in "TZif".utf8 {
      guard try reader.byte() == expected else { throw ZoneFile.Damage("it is no time zone file (TZif)") }
    }
    version = try reader.byte()
    guard version == 0 || version >= UInt8(ascii: "2") else {
      throw ZoneFile.Damage("its version is not known")
    }
    try reader.skip(15)
    isUTCount = Int(try reader.integer(size: 4))
    isStandardCount = Int(try reader.integer(size: 4))
    leapCount = Int(try reader.integer(size: 4))
    timeCount = Int(try reader.integer(size: 4))
    typeCount = Int(try reader.integer(size: 4))
    designationCount = Int(try reader.integer(size: 4))
    let counts = [isUTCount, isStandardCount, leapCount, timeCount, typeCount, designationCount]
    guard counts.allSatisfy({ (0...1_000_000).contains($0) }) else {
      throw ZoneFile.Damage("its counts are out of range")
    }
  }

  /// The bytes of the data that follow.
  func size(timeSize: Int) -> Int {
    timeCount * (timeSize + 1) + typeCount * 6 + designationCount + leapCount * (timeSize + 4)
      + isStandardCount + isUTCount
  }
}

/// The data of a file: when its clock changes, to what, and the leap seconds in its times.
private struct DataBlock {
  private(set) var times: [Int64] = []
  /// Which of `types` follows each time.
  private(set) var indices: [Int] = []
  /// Offsets in seconds; at least one.
  private(set) var types: [Int64] = []
  private var leaps: [(at: Int64, correction: Int64)] = []

  init(_ reader: inout ByteReader, _ header: Header, timeSize: Int) throws(ZoneFile.Damage) {
    guard reader.count >= header.size(timeSize: timeSize) else { throw ZoneFile.Damage("it ends early") }
    guard header.typeCount > 0 else { throw ZoneFile.Damage("it has no offset") }
    for _ in 0..<header.timeCount { times.append(try reader.integer(size: timeSize)) }
    for _ in 0..<header.timeCount {
      let index = Int(try reader.byte())
      guard index < header.typeCount else { throw ZoneFile.Damage("a change leads to no offset") }
      indices.append(index)
    }
    for _ in 0..<header.typeCount {
      let offset = try reader.integer(size: 4)
      let isDaylight = try reader.byte()
      let designation = Int(try reader.byte())
      // What RFC 9636 allows: -24:59:59 to 25:59:59.
      guard (-89_999...93_599).contains(offset) else { throw ZoneFile.Damage("an offset is out of range") }
      guard isDaylight <= 1, designation < header.designationCount else {
        throw ZoneFile.Damage("the description of an offset is out of range")
      }
      types.append(offset)
    }
    try reader.skip(header.designationCount)
    for _ in 0..<header.leapCount {
      leaps.append((try reader.integer(size: timeSize), try reader.integer(size: 4)))
    }
    try reader.skip(header.isStandardCount + header.isUTCount)
  }

  /// Unix time of a time that may count leap seconds, as files under `right/` do.
  func withoutLeapSeconds(_ time: Int64) -> Int64 {
    guard let leap = leaps.last(where: { $0.at <= time }) else { return time }
    return time &- leap.correction
  }
}

/// Bytes that are read one after another, and end where they end.
struct ByteReader {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// How many bytes are left.
  var count: Int { bytes.count - position }

  mutating func byte() throws(ZoneFile.Damage) -> UInt8 {
    guard position < bytes.count else { throw ZoneFile.Damage("it ends early") }
    position += 1
    return bytes[position - 1]
  }

  mutating func skip(_ count: Int) throws(ZoneFile.Damage) {
    guard count <= self.count else { throw ZoneFile.Damage("it ends early") }
    position += count
  }

  /// A signed integer of four or eight bytes, the highest first.
  mutating func integer(size: Int) throws(ZoneFile.Damage) -> Int64 {
    var value: UInt64 = 0
    for _ in 0..<size { value = value << 8 | UInt64(try byte()) }
    return size == 4 ? Int64(Int32(truncatingIfNeeded: value)) : Int64(bitPattern: value)
  }
}
