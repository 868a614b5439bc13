import Scheduling
import TestSupport
import Testing

@testable import Storage

/// Requests that come together have the results that they have one after the other, and leave the same behind.
@Suite(.eachEngine) struct TogetherLawTests {
  private static let phones = ["+18005550199", "+18005550100", "+18005550101"]

  private static let author = "O'Hara \"\\\", {ä} NULL"

  /// What a gateway may ask, of phones and messages by their places.
  private enum Step {
    case claim(String, lease: Duration)
    case next(String)
    case sent(String)
    case failed(String)
    case extend(String)
    case release(String)
    case add(NewMessage, phone: String)

    var subject: QueueSubject {
      switch self {
      case .claim(let phone, _), .next(let phone): .queue(ofPhone: phone)
      case .add(_, let phone): .phone(phone)
      case .failed(let id): .messageAndPhone(message: id)
      case .sent(let id), .extend(let id), .release(let id): .message(id)
      }
    }

    func request(at now: Instant) -> QueueRequest<String> {
      QueueRequest(subject) { queue in
        let time = Time.fixed(now)
        switch self {
        case .claim(let phone, let lease):
          return "\(try queue.claim(phone: phone, lease: lease, at: time, by: TogetherLawTests.author))"
        case .next(let phone): return "\(try queue.next(of: phone, at: time) ?? 0)"
        case .sent(let id): return "\(try queue.sent(id, at: time, by: TogetherLawTests.author))"
        case .failed(let id): return "\(try queue.failed(id, reason: "no", at: time))"
        case .extend(let id): return "\(try queue.extend(id, lease: nil, at: time))"
        case .release(let id): return "\(try queue.release(id, at: time))"
        case .add(let new, let phone): return "\(try queue.add([new], to: phone, at: time))"
        }
      }
    }
  }

  private static func fill(_ store: Store, using random: inout SeededRandom) throws {
    let schedule = try store.addSchedule(.sample(windows: "daily 0-20", zone: "UTC"), id: "s", stamp: someone)
    for number in phones {
      var phone = Phone.sample(number, rate: Bool.random(using: &random) ? 0 : 20)
      phone.messagesPerDay = Bool.random(using: &random) ? 0 : Int.random(in: 1...12, using: &random)
      phone.retryDelaySeconds = Int.random(in: 0...60, using: &random)
      phone.pauseAfterFailures = Int.random(in: 0...3, using: &random)
      phone.maxSendAttempts = Int.random(in: 1...3, using: &random)
      if Bool.random(using: &random) { phone.scheduleID = schedule.id }
      try store.addPhone(phone)
    }
  }

  private static func new(_ id: String, at now: Instant, using random: inout SeededRandom) -> NewMessage {
    var new = NewMessage(id: id, contact: "12345", content: "it's \"\\\(id)\", {ä}")
    if Int.random(in: 0..<4, using: &random) == 0 { new.isExact = true }
    if Int.random(in: 0..<4, using: &random) == 0 {
      new.sendAt = now + Int64.random(in: 0...2, using: &random) * .minute
    }
    if Int.random(in: 0..<4, using: &random) == 0 {
      new.expiresAt = (new.sendAt ?? now) + Int64.random(in: 0...3, using: &random) * .minute
    }
    return new
  }

  private static func step(_ ids: [String], _ number: Int, at now: Instant, using random: inout SeededRandom)
    -> Step
  {
    // Most are of one phone, by its number or its id.
    let phone = phones[max(0, Int.random(in: -4...2, using: &random))]
    let name = Int.random(in: 0..<8, using: &random) == 0 ? "phone-\(phone.dropFirst())" : phone
    let id = ids[Int.random(in: 0..<ids.count, using: &random)]
    return switch Int.random(in: 0..<16, using: &random) {
    case 0: .next(name)
    case 1...4: .sent(id)
    case 5: .failed(id)
    case 6: .extend(id)
    case 7: .release(id)
    case 8: .add(new("m\(number)", at: now, using: &random), phone: name)
    case 9: .sent("nobody")
    default: .claim(name, lease: Int64.random(in: 1...120, using: &random) * .second)
    }
  }

  /// All that requests may change; the token of a claim is of no use to anybody else.
  private static func contents(_ store: Store) throws -> [String] {
    try store.read { session in
      let messages = try session.all(
        """
        SELECT id, status, coalesce(last_attempted_at, 0), coalesce(send_time, 0), coalesce(lease_expires_at, 0),
          send_attempt_count, coalesce(prior_send_time, 0), coalesce(prior_attempted_at, 0), is_last_attempt,
          coalesce(retry_at, 0), earlier_attempts, history FROM message ORDER BY id
        """
      ) { row in
        "\(row.text(0)) \(row.text(1)) \((2...10).map { row.integer($0) }) \(row.text(11))"
      }
      let phones = try session.all(
        """
        SELECT number, waiting, failed, heads_taken, disturbances, failures_in_row, coalesce(held_until, 0) FROM phone
        ORDER BY key
        """
      ) { row in "\(row.text(0)) \((1...6).map { row.integer($0) })" }
      let sends = try session.all(
        "SELECT phone_key, send_time, count FROM past_send ORDER BY phone_key, send_time"
      ) { row in "\((0...2).map { row.integer($0) })" }
      return messages + phones + sends
    }
  }

  @Test(arguments: 0..<20) func togetherIsOneAfterTheOther(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let stores = try (0..<2).map { _ in try Store.inMemory() }
    for store in stores {
      var same = SeededRandom(seed: seed)
      try Self.fill(store, using: &same)
    }
    var now = monday
    var ids = (0..<40).map { "first\($0)" }
    for id in ids {
      let phone = Self.phones[Int.random(in: 0..<3, using: &random)]
      let new = Self.new(id, at: now, using: &random)
      for store in stores { try store.addMessages([new], to: phone, at: .fixed(now)) }
    }
    for round in 0..<12 {
      // The clock steps back now and then.
      now += Int64.random(in: -30...90, using: &random) * .second
      let steps = (0..<Int.random(in: 2...40, using: &random)).map {
        Self.step(ids, 100 * round + $0, at: now, using: &random)
      }
      let together = try stores[0].together(steps.map { $0.request(at: now) })
      let alone = try steps.flatMap { try stores[1].together([$0.request(at: now)]) }
      for (index, (a, b)) in zip(together, alone).enumerated() where a != b {
        Issue.record("round \(round), \(steps[index]): \(a), alone \(b)")
      }
      #expect(try Self.contents(stores[0]) == Self.contents(stores[1]))
      for case .add(let new, _) in steps { ids += [new.id ?? ""] }
    }
    #expect(try stores[0].check().isEmpty)
  }
}
