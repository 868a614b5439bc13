import Foundation
import Scheduling
import Testing

@testable import Storage

/// Monday 2026-03-02 08:00 UTC.
let monday: Instant = 1_772_438_400_000

let someone = Stamp(author: "mari", origin: "192.0.2.7", at: monday)

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

  /// Hands out `m0` to `m2`, `m1` of them for the last time.
  func handOutOnceForTheLastTime() throws {
    try addPhone(.sample(rate: 0))
    try addMessages(
      [2, 1, nil].enumerated().map {
        NewMessage(id: "m\($0)", contact: "12345", content: "x", maxSendAttempts: $1)
      }, to: "+18005550199", at: .fixed(monday))
    for _ in 0..<3 { _ = try claimOne(at: monday, lease: .second) }
  }

  func claimOne(at now: Instant, lease: Duration = .minute) throws -> Claim? {
    guard case .claimed(let claim) = try claim(phone: "+18005550199", lease: lease, at: .fixed(now)) else {
      return nil
    }
    return claim
  }
}
