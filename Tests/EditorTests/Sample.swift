import Scheduling
import Storage
import TestSupport
import TimeZones

/// What the gateway of ``World`` holds at first.
struct Sample {
  var schedules: [Schedule] = [
    Schedule(
      id: "office",
      content: ScheduleContent(
        name: "Office hours", timeZone: "Europe/Berlin",
        windows: [1, 2, 3, 4, 5].flatMap {
          [
            Window(day: $0, startMinute: 547, endMinute: 720),
            Window(day: $0, startMinute: 780, endMinute: 1050),
          ]
        })),
    Schedule(
      id: "night",
      content: ScheduleContent(
        name: "Night shift", timeZone: "Australia/Lord_Howe",
        windows: (0..<7).flatMap {
          [
            Window(day: $0, startMinute: 0, endMinute: 330),
            Window(day: $0, startMinute: 1260, endMinute: 1440),
          ]
        })),
  ]
  var phones: [Phone] = [
    Phone(
      id: "+4915112345601", number: "+4915112345601", label: "Front desk", messagesPerMinute: 2,
      scheduleID: "office"),
    Phone(
      id: "+4915112345602", number: "+4915112345602", label: "Back office", messagesPerMinute: 6,
      scheduleID: "office"),
    Phone(
      id: "+61255501001", number: "+61255501001", label: "Lord Howe", messagesPerMinute: 1,
      scheduleID: "night"),
    Phone(id: "+33655512345", number: "+33655512345", label: "Spare", messagesPerMinute: 0),
  ]
  /// The first message of a phone, and how many there are.
  private let queues = [
    ("+4915112345601", 1000, 300), ("+4915112345602", 2000, 40), ("+61255501001", 3000, 12),
  ]
  private let exact: Set<Int> = [1011, 1057]
  /// How many messages of the front desk failed in the hour before.
  var failures = 0
  /// Zones that are no longer in the system's database.
  var lostZones: Set<String> = []

  /// A gateway on which nothing is done yet.
  static var empty: Sample {
    var sample = Sample()
    (sample.schedules, sample.phones) = ([], [])
    return sample
  }

  /// The same gateway with more phones, of a rate each, without a schedule.
  static func fleet(of count: Int) -> Sample {
    var sample = Sample()
    sample.phones += (0..<count).map { index in
      let number = "+1555010\(1000 + index)"
      return Phone(id: number, number: number, label: "Branch \(index + 1)", messagesPerMinute: index % 7 + 1)
    }
    return sample
  }

  /// The same gateway with names as administrators give them, a day's limit, and a zone of three parts.
  static var longNames: Sample {
    var sample = Sample()
    sample.schedules[0].content.name = "Office hours of the customer service in Buenos Aires and Montevideo"
    sample.schedules[0].content.timeZone = "America/Argentina/Buenos_Aires"
    sample.phones[0].label = "Front desk of the customer service, second floor on the left"
    (sample.phones[0].messagesPerMinute, sample.phones[0].messagesPerDay) = (30, 1_000)
    return sample
  }

  /// All of it in memory, as it would be at `now`.
  func store(now: Instant) throws -> Store {
    let zones = LosableZones()
    let store = try Store.inMemory(zones: zones)
    try fill(store, now: now)
    zones.lose(lostZones)
    return store
  }

  func fill(_ store: Store, now: Instant) throws {
    for schedule in schedules {
      _ = try store.addSchedule(
        schedule.content, id: schedule.id, stamp: Stamp(author: "mara", at: now - 3 * .day))
    }
    for phone in phones { try store.addPhone(phone) }
    if failures > 0 { try fail(store, now: now) }
    let numbers = Set(phones.map(\.number))
    if numbers.contains("+4915112345601") { _ = try store.together(pastSends(now: now)).map { try $0.get() } }
    for (phone, first, count) in queues where numbers.contains(phone) {
      let messages = (first..<first + count).map { message($0, now: now) }
      try store.addMessages(messages, to: phone, at: .fixed(now - 10 * .minute + Int64(first)))
    }
  }

  private func message(_ number: Int, now: Instant) -> NewMessage {
    let texts = ["Your appointment is at 10:30.", "明日の予約は10時です。", "Order \(number) has left."]
    return NewMessage(
      id: String(number), contact: "+49555\(1_000_000 + number * 37)", content: texts[number % 3],
      sendAt: number % 7 == 3 ? now + Int64(number % 5) * .hour : nil, isExact: exact.contains(number))
  }

  /// The front desk sent 40 messages in the hour before, and 90 the day before.
  private func pastSends(now: Instant) -> [QueueRequest<Void>] {
    let minute = floorDivide(now, by: .minute).quotient * .minute
    var times = (0..<90).map { minute - .day - Int64($0) * .minute }
    for index in 1...20 {
      let time = minute - Int64(index) * 3 * .minute
      times += [time, time + 30 * .second]
    }
    return times.sorted().map { time in QueueRequest { try send(at: time, $0) } }
  }

  /// They are handed out at once, whatever the phone's hours and rate.
  private func fail(_ store: Store, now: Instant) throws {
    let phone = phones[0]
    let change = { (change: (inout Phone) -> Void) in
      _ = try store.changePhone(phone.number, stamp: Stamp(author: "mara", at: now - .hour), change)
    }
    try change {
      ($0.scheduleID, $0.messagesPerMinute, $0.messagesPerDay, $0.pauseAfterFailures) = (nil, 0, 0, 0)
    }
    _ = try store.together(failed(now: now)).map { try $0.get() }
    try change { $0 = phone }
  }

  /// Each of them failed once, which was once too often.
  private func failed(now: Instant) -> [QueueRequest<Void>] {
    let phone = "+4915112345601"
    return (0..<failures).map { index in
      QueueRequest { transaction in
        let time = Time.fixed(now - .hour + Int64(index) * .second)
        let new = NewMessage(
          id: "failed-\(index)", contact: "+4955512\(100 + index)",
          content: index % 3 == 0 ? "Order \(4000 + index) has left." : "Your code is \(1000 + index).",
          isExact: index % 4 == 3, expiresAt: index % 6 == 5 ? now - .minute : nil, maxSendAttempts: 1)
        _ = try transaction.add([new], to: phone, at: time)
        guard case .claimed(let claim) = try transaction.claim(phone: phone, lease: .minute, at: time) else {
          return
        }
        _ = try transaction.failed(claim.messageID, reason: "modem busy", at: time)
      }
    }
  }

  private func send(at time: Instant, _ transaction: QueueTransaction) throws {
    let phone = "+4915112345601"
    let sent = NewMessage(contact: "+4955512345", content: "Sent.", isExact: true)
    let message = try transaction.add([sent], to: phone, at: .fixed(time))[0]
    _ = try transaction.claim(phone: phone, lease: .minute, at: .fixed(time))
    _ = try transaction.sent(message.id, at: .fixed(time))
  }
}
