import Scheduling
import Testing
import TimeZones

@testable import Storage

/// How often a gateway has to wait for the server: over a network that decides how many claims a second there are.
@Suite(.enabled(if: PostgreSQLServer.isThere, "no PostgreSQL server"))
struct JourneyTests {
  private let store: Store
  private let engine: PostgreSQLEngine
  private static let phone = "+18005550199"

  init() throws {
    let conninfo = try PostgreSQLServer.database()
    try Store.open(conninfo, for: .create).close()
    engine = try PostgreSQLEngine(conninfo, mayWrite: true)
    store = Store(engine: engine, path: engine.name, isWritable: true, zones: TimeZoneDatabase.system)
    _ = try store.addSchedule(.sample(windows: "daily 0-24"), id: "s", stamp: someone)
    try store.addPhone(.sample(rate: 0, schedule: "s"))
  }

  /// How many journeys something takes; statements are prepared on their first one.
  private func journeys(_ body: () throws -> Void) throws -> Int {
    let before = engine.journeys
    try body()
    return engine.journeys - before
  }

  private func queue(_ count: Int, phone: String = phone) throws {
    try store.addMessages(
      (0..<count).map { _ in NewMessage(contact: "12345", content: "x") }, to: phone, at: .engine)
  }

  private func claim() throws -> String? {
    guard case .claimed(let claim) = try store.claim(phone: Self.phone, lease: .minute, at: .engine) else {
      return nil
    }
    return claim.messageID
  }

  private func journeysOfClaim(isDue: Bool) throws -> Int {
    try journeys {
      let id = try claim()
      #expect((id != nil) == isDue)
    }
  }

  @Test func aClaimTakesTwo() throws {
    #expect(try journeysOfClaim(isDue: false) == 2)
    try queue(3)
    #expect(try journeysOfClaim(isDue: true) == 2)
    #expect(try journeysOfClaim(isDue: true) == 2)
  }

  @Test func theDaysLimitTakesOneMore() throws {
    try store.changePhone(Self.phone) { $0.messagesPerDay = 100 }
    try queue(1)
    let taken = try journeysOfClaim(isDue: true)
    #expect(taken == 3)
  }

  @Test func reportsTakeTwo() throws {
    try queue(4)
    let ids = try (0..<4).compactMap { _ in try claim() }
    #expect(ids.count == 4)
    #expect(try journeys { try store.extend(ids[0], lease: .hour, at: .engine) } == 2)
    #expect(try journeys { try store.recordSent(ids[0], at: .engine) } == 2)
    #expect(try journeys { try store.recordFailure(ids[1], reason: "no", at: .engine) } == 2)
    // This one ends the row of failures.
    #expect(try journeys { try store.recordSent(ids[2], at: .engine) } == 2)
    #expect(try journeys { try store.release(claimOf: ids[3], at: .engine) } == 2)
  }

  @Test func queueingTakesTwoHoweverManyThereAre() throws {
    #expect(try journeys { try queue(1) } == 2)
    #expect(try journeys { try queue(400) } == 2)
    let known = NewMessage(id: "known", contact: "12345", content: "x")
    let taken = try journeys { try store.addMessages([known], to: Self.phone, at: .engine) }
    #expect(taken == 3)
    #expect(throws: StoreError.messageExists("known")) {
      try store.addMessages([known], to: Self.phone, at: .engine)
    }
  }

  /// The requests of many phones cost what one does, and one more to learn whose they are.
  @Test func manyPhonesTakeThreeTogether() throws {
    let phones = (0..<40).map { "+180055500\($0 + 10)" }
    for phone in phones {
      try store.addPhone(.sample(phone, rate: 0))
      try queue(2, phone: phone)
    }
    func claims() throws -> [String] {
      let requests = phones.map { phone in
        QueueRequest(.queue(ofPhone: phone)) { transaction -> String in
          guard case .claimed(let claim) = try transaction.claim(phone: phone, lease: .minute, at: .engine)
          else { return "" }
          return claim.messageID
        }
      }
      return try store.together(requests).map { try $0.get() }
    }
    var ids: [String] = []
    let taken = try journeys { ids = try claims() }
    #expect(taken == 3)
    #expect(Set(ids).count == phones.count && !ids.contains(""))
    let reports = ids.map { id in
      QueueRequest(.message(id)) { _ = try $0.sent(id, at: .engine) }
    }
    #expect(try journeys { _ = try store.together(reports).map { try $0.get() } } == 3)
    #expect(try Set(claims()).isDisjoint(with: ids))
    #expect(try store.check().isEmpty)
  }

  /// So do those of one phone: its queue is asked once for as many messages as are claimed.
  @Test func manyClaimsOfOnePhoneTakeThreeTogether() throws {
    try queue(120)
    let claims = (0..<60).map { _ in
      QueueRequest(.queue(ofPhone: Self.phone)) { try Self.outcome($0, Self.phone) }
    }
    func together(_ requests: [QueueRequest<String>]) throws -> [String] {
      try store.together(requests).map { try $0.get() }
    }
    var ids: [String] = []
    #expect(try journeys { ids = try together(claims) } == 3)
    #expect(Set(ids).count == 60 && !ids.contains(""))
    let reports = ids.map { id in
      QueueRequest(.message(id)) { try $0.sent(id, at: .engine).message.status.rawValue }
    }
    // A report in between changes nothing that decides about the next claim.
    let mixed = zip(reports, claims).flatMap { [$0, $1] }
    var found: [String] = []
    #expect(try journeys { found = try together(mixed) } == 3)
    #expect(found.count { $0 == "sent" } == 60)
    #expect(Set(found).subtracting(ids + ["sent"]).count == 60)
    // Where nothing is due it is asked once more when the first lease ends.
    let last = found.first { !$0.isEmpty && $0 != "sent" } ?? ""
    let report = QueueRequest(.message(last)) { try $0.sent(last, at: .engine).message.status.rawValue }
    #expect(try journeys { found = try together([report] + claims) } == 4)
    #expect(found[0] == "sent" && found[1...].allSatisfy(\.isEmpty))
    #expect(try store.check().isEmpty)
  }

  /// A phone's requests are done in their order, each seeing what the one before it did.
  @Test func oneAfterTheOtherWhereTheyAreOfOnePhone() throws {
    try queue(3)
    let id = try claim() ?? ""
    let other = "+18005550100"
    try store.addPhone(.sample(other, rate: 0))
    let found = try store.together([
      QueueRequest(.queue(ofPhone: "phone-18005550199")) { try Self.outcome($0, Self.phone) },
      QueueRequest(.message(id)) { try $0.sent(id, at: .engine).message.status.rawValue },
      QueueRequest(.queue(ofPhone: Self.phone)) { try Self.outcome($0, Self.phone) },
      QueueRequest(.phone(other)) {
        let new = NewMessage(id: "new", contact: "12345", content: "x")
        return try $0.add([new], to: other, at: .engine)[0].id
      },
      QueueRequest(.queue(ofPhone: other)) { try Self.outcome($0, other) },
      // It was not there when the phones were locked.
      QueueRequest(.message("new")) { try $0.sent("new", at: .engine).message.status.rawValue },
      QueueRequest(.queue(ofPhone: Self.phone)) { try Self.outcome($0, Self.phone) },
      QueueRequest(.queue(ofPhone: "+18005550000")) { try Self.outcome($0, "+18005550000") },
    ])
    let words = found.map { (try? $0.get()) ?? "refused" }
    #expect(words[1] == "sent" && words[3] == "new" && words[4] == "new" && words[5] == "sent")
    #expect(words[6] == "" && words[7] == "refused")
    #expect(Set([id, words[0], words[2]]).count == 3 && words[0] != "" && words[2] != "")
    #expect(try store.check().isEmpty)
  }

  private static func outcome(_ transaction: QueueTransaction, _ phone: String) throws -> String {
    guard case .claimed(let claim) = try transaction.claim(phone: phone, lease: .minute, at: .engine) else {
      return ""
    }
    return claim.messageID
  }
}
