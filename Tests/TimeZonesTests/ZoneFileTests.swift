import Scheduling
import TestSupport
import Testing

@testable import TimeZones

/// Files of RFC 9636, whole and damaged.
@Suite struct ZoneFileTests {
  private static let some = [
    "Europe/Berlin", "Africa/Casablanca", "America/Sao_Paulo", "Asia/Gaza", "Europe/Dublin", "UTC",
    "Asia/Kathmandu",
  ]

  @Test(arguments: some)
  func isReadOrRefusedWhereverItEnds(_ name: String) throws {
    let whole = try bytes(of: systemDirectory + "/" + name)
    let expected = try ZoneFile(whole)
    for count in 0..<whole.count {
      #expect(throws: ZoneFile.Damage.self, "\(count)") { try ZoneFile(Array(whole[..<count])) }
    }
    // What follows the footer is no business of ours.
    #expect(try ZoneFile(whole + [1, 2, 3]) == expected)
  }

  /// No byte that is wrong can do worse than give another clock.
  @Test(arguments: some)
  func survivesAnyByte(_ name: String) throws {
    let whole = try bytes(of: systemDirectory + "/" + name)
    var random = SeededRandom(seed: UInt64(whole.count))
    for position in 0..<whole.count {
      var damaged = whole
      damaged[position] = UInt8.random(in: 0...255, using: &random)
      if Bool.random(using: &random) {
        damaged[Int.random(in: 0..<whole.count, using: &random)] ^=
          1 << UInt8.random(in: 0..<8, using: &random)
      }
      guard let file = try? ZoneFile(damaged) else { continue }
      let spans = file.timeline(name, through: 4_102_444_800_000).spans
      #expect(spans.first?.start == .min && spans.last?.end == .max)
      #expect(zip(spans, spans.dropFirst()).allSatisfy { $0.end == $1.start && $0.start < $0.end })
    }
  }

  @Test func refusesWhatIsNoZone() {
    for text in ["", "TZi", "TZif", "# version 2025b", String(repeating: "TZif2", count: 100)] {
      #expect(throws: ZoneFile.Damage.self) { try ZoneFile(Array(text.utf8)) }
    }
  }

  // MARK: - Versions

  /// A data block with its header: changes, the offsets that follow them, and leap seconds.
  private func block(
    _ version: UInt8, wide: Bool, times: [Int64], indices: [UInt8], offsets: [Int32],
    leaps: [(Int64, Int32)] = []
  ) -> [UInt8] {
    func number(_ value: Int64, _ size: Int) -> [UInt8] {
      (0..<size).reversed().map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }
    let size = wide ? 8 : 4
    var bytes = Array("TZif".utf8) + [version] + [UInt8](repeating: 0, count: 15)
    for count in [0, 0, leaps.count, times.count, offsets.count, 4] { bytes += number(Int64(count), 4) }
    bytes += times.flatMap { number($0, size) } + indices
    bytes += offsets.flatMap { number(Int64($0), 4) + [0, 0] }
    bytes += Array("ABC\0".utf8)
    bytes += leaps.flatMap { number($0, size) + number(Int64($1), 4) }
    return bytes
  }

  private func wide(
    _ version: Character, times: [Int64] = [1_000], indices: [UInt8] = [1], offsets: [Int32] = [0, 3600],
    leaps: [(Int64, Int32)] = [], footer: String
  ) -> [UInt8] {
    let version = version.asciiValue ?? 0
    // The 32-bit data are wrong on purpose: nobody is to read them.
    return block(version, wide: false, times: [-7], indices: [0], offsets: [7200])
      + block(version, wide: true, times: times, indices: indices, offsets: offsets, leaps: leaps)
      + Array("\n\(footer)\n".utf8)
  }

  @Test func readsTheFirstVersion() throws {
    let file = try ZoneFile(
      block(0, wide: false, times: [-100, 1_000], indices: [1, 0], offsets: [0, 3600]))
    #expect(file.timeline("X", through: .max / 2).spans.map(\.start) == [.min, -100_000, 1_000_000])
    #expect(file.rule == nil)
  }

  @Test(arguments: ["2", "3", "4", "5"] as [Character])
  func readsLaterVersions(_ version: Character) throws {
    let file = try ZoneFile(wide(version, footer: "<+01>-1"))
    #expect(file.timeline("X", through: 0).spans.map(\.offset) == [0, 3_600_000])
    #expect(file.rule == ZoneRule(standard: 3600, daylight: nil))
  }

  @Test func anEmptyFooterGoesOnAsItWas() throws {
    let file = try ZoneFile(wide("2", footer: ""))
    #expect(file.rule == nil)
    #expect(file.timeline("X", through: .day).offset(at: 100 * 366 * .day) == .hour)
  }

  @Test func withoutChangesTheFooterCounts() throws {
    let file = try ZoneFile(wide("3", times: [], indices: [], footer: "ABC-2"))
    #expect(file.timeline("X", through: 0).spans.map(\.offset) == [2 * .hour])
  }

  @Test func leapSecondsAreTakenOut() throws {
    let file = try ZoneFile(
      wide(
        "4", times: [100, 1_000], indices: [1, 0], leaps: [(500, 1), (800, 2)], footer: ""))
    #expect(file.timeline("X", through: 0).spans.map(\.start) == [.min, 100_000, 998_000])
  }

  @Test func changesLongAgoAreTheBeginning() throws {
    let file = try ZoneFile(wide("2", times: [-(1 << 59), 0], indices: [1, 0], footer: ""))
    #expect(file.timeline("X", through: 0).spans.map(\.offset) == [.hour, 0])
  }

  @Test func refusesWhatContradictsItself() {
    let wrong: [[UInt8]] = [
      wide("2", indices: [2], footer: ""), wide("2", times: [5, 5], indices: [0, 1], footer: ""),
      wide("2", offsets: [0, 100_000], footer: ""), wide("2", footer: "nonsense"),
      wide("2", times: [], indices: [], offsets: [], footer: ""),
      wide("1", footer: ""), wide("2", footer: String(repeating: "A", count: 300)),
    ]
    for bytes in wrong { #expect(throws: ZoneFile.Damage.self) { try ZoneFile(bytes) } }
  }
}
