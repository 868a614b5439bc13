import Foundation
import Scheduling
import Testing

@testable import Storage

/// Monday 2026-03-02 08:00 UTC.
let monday: Instant = 1_772_438_400_000

let someone = Stamp(author: "mari", origin: "192.0.2.7", at: monday)

/// A directory of its own for a test; removed with the value.
final class TemporaryDirectory {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "send-schedule-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }
}

/// Numbers that are the same in every run (SplitMix64).
struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

extension Phone {
  /// A phone without limits but its rate.
  static func sample(_ number: String = "+18005550199", rate: Int = 60, schedule: String? = nil) -> Phone {
    Phone(id: "phone-" + number.dropFirst(), number: number, messagesPerMinute: rate, scheduleID: schedule)
  }
}

extension ScheduleContent {
  static func sample(
    _ name: String = "Office", windows: String = "mon-fri 09:00-17:00", zone: String = "Europe/Tallinn"
  ) throws -> ScheduleContent {
    ScheduleContent(name: name, timeZone: zone, windows: try WindowNotation.parse(windows))
  }
}

extension Store {
  /// A store in memory with one phone.
  static func sample(rate: Int = 60) throws -> Store {
    let store = try Store.inMemory()
    try store.addPhone(.sample(rate: rate))
    return store
  }

  @discardableResult
  func add(_ ids: String..., at now: Instant = monday, sendAt: Instant? = nil, exact: Bool = false) throws
    -> [Message]
  {
    let new = ids.map {
      NewMessage(id: $0, contact: "+18005550100", content: "text of \($0)", sendAt: sendAt, isExact: exact)
    }
    return try addMessages(new, to: "+18005550199", at: .fixed(now))
  }

  func claimOne(at now: Instant, lease: Duration = .minute) throws -> Claim? {
    guard case .claimed(let claim) = try claim(phone: "+18005550199", lease: lease, at: .fixed(now)) else {
      return nil
    }
    return claim
  }
}
