import Scheduling
import Storage
import TimeZones

/// A small gateway worth looking at: phones in several time zones, shared and own schedules, queues of
/// different sizes, dates with hours of their own, a hold, failures, and a clock change near.
struct SampleGateway {
  let now: Instant

  func fill(_ store: Store) throws {
    let made = now - 40 * .day
    let office = try add(store, "Office hours", "Europe/Berlin", "mon-fri 09:00-12:00, 13:00-17:30", at: made)
    let evenings = try add(
      store, "Evenings", "Europe/Berlin", "mon-thu 17:30-21:00; fri 17:30-20:00; sat 10-14", at: made + .hour)
    let nights = try add(store, "Night shift", changingZone, "daily 21:00-05:30", at: made + 2 * .hour)
    let east = try add(
      store, "East coast", "America/New_York", "weekdays 08:30-19:00; sat 10-16", at: made + .day)
    let kathmandu = try add(
      store, "Kathmandu desk", "Asia/Kathmandu", "sun-fri 09:07-12:00, 12:45-17:10", at: made)
    let paused = try add(store, "Holiday pause", "Europe/Lisbon", "mon-fri 10-16", at: made)
    _ = try store.changeSchedule(paused, stamp: stamp(at: now - 3 * .day)) { $0.isActive = false }
    _ = try store.changeSchedule(office, stamp: stamp(at: now - 9 * .day, author: "mara")) {
      $0.windows = $0.windows.map {
        $0.day == 5 && $0.endMinute == 1050 ? Window(day: 5, startMinute: 780, endMinute: 960) : $0
      }
    }
    _ = try store.changeSchedule(office, stamp: stamp(at: now - 2 * .day, author: "mara")) {
      $0.exceptions = exceptions
    }
    try phone(store, "+4915112345601", "Front desk", 1, office, queue: 412)
    try phone(store, "+4915112345602", "Appointments", 3, office, queue: 1_240)
    try phone(store, "+4915112345603", "Back office", 2, office, queue: 37)
    try phone(store, "+4915112345604", "Reminders", 12, perDay: 2_000, evenings, queue: 5_830)
    try phone(store, "+61255501001", "Lord Howe", 1, nights, queue: 96)
    try phone(store, "+12125550142", "New York", 2, east, queue: 2_100)
    try phone(store, "+97715550123", "Kathmandu", 1, kathmandu, queue: 260)
    try phone(store, "+351215550177", "Lisbon", 3, paused, queue: 18)
    try phone(store, "+447700900123", "Alerts", 0, nil, queue: 5)
    try phone(store, "+33655512345", "Spare", 1, nil, queue: 0)
    _ = try store.hold(
      ["+97715550123"], until: now + 5 * .hour, reason: "modem repair",
      stamp: stamp(at: now - .hour, author: "mara"))
  }

  /// The next working day is short, and what is closed every year.
  private var exceptions: [ScheduleException] {
    let clock = TimeZoneDatabase.system.timeline("Europe/Berlin", now: now) ?? .utc
    let days = clock.day(at: now) + 1...clock.day(at: now) + 3
    let next = days.map { CivilDate(days: $0) }.first { (1...5).contains($0.weekday) }
    let yearly = [
      (12, 24, "Christmas Eve"), (12, 25, "Christmas Day"), (12, 26, "Boxing Day"), (1, 1, "New Year"),
    ]
    let short = DayWindow(startMinute: 9 * 60, endMinute: 11 * 60)
    return (next.map { [ScheduleException(date: .day($0), windows: [short], note: "stocktaking")] } ?? [])
      + yearly.map { month, day, note in
        ScheduleException(
          date: .yearly(month: month, day: day), windows: note == "Christmas Eve" ? [short] : [], note: note)
      }
  }

  /// The zone of those below whose clock changes next.
  private var changingZone: String {
    let zones = [
      "Australia/Lord_Howe", "Europe/Berlin", "America/New_York", "America/Santiago", "Africa/Casablanca",
      "Asia/Beirut",
    ]
    return zones.min { nextChange($0) < nextChange($1) } ?? "Australia/Lord_Howe"
  }

  private func nextChange(_ zone: String) -> Instant {
    let timeline = TimeZoneDatabase.system.timeline(zone, now: now)
    return timeline?.changes(in: now..<now + .horizon).first?.at ?? .max
  }

  private func stamp(at instant: Instant, author: String = "demo") -> Stamp {
    Stamp(author: author, at: instant)
  }

  private func add(_ store: Store, _ name: String, _ zone: String, _ windows: String, at instant: Instant)
    throws
    -> String
  {
    let content = ScheduleContent(name: name, timeZone: zone, windows: try WindowNotation.parse(windows))
    return try store.addSchedule(content, stamp: stamp(at: instant)).id
  }

  private func phone(
    _ store: Store, _ number: String, _ label: String, _ rate: Int, perDay: Int = 0, _ schedule: String?,
    queue count: Int
  ) throws {
    let id = NewID.make(at: now - 60 * .day)
    try store.addPhone(
      Phone(
        id: id, number: number, label: label, messagesPerMinute: rate, messagesPerDay: perDay,
        scheduleID: schedule))
    guard count > 0 else { return }
    let contact = { (index: Int) in number.prefix(3) + "5550" + Timestamp.padded(index * 7919 % 1_000_000, 6)
    }
    let messages = (0..<count).map { index in
      NewMessage(
        contact: String(contact(index)), content: text(index),
        sendAt: index % 9 == 4 ? now + Int64(index % 13) * .hour : nil,
        isExact: index % 97 == 11, expiresAt: index % 7 == 6 && index % 5 == 1 ? now + 26 * .hour : nil)
    }
    try store.addMessages(messages.prefix(1), to: id, at: .fixed(now - 3 * .hour))
    // One has been sent, so that the rate counts from somewhere.
    if case .claimed(let claim) = try store.claim(phone: id, lease: .minute, at: .fixed(now - 2 * .hour)) {
      _ = try store.recordSent(claim.messageID, at: .fixed(now - 2 * .hour + 3_000))
    }
    try store.addMessages(messages.dropFirst(), to: id, at: .fixed(now - 25 * .minute))
    if label == "Alerts" { try fail(store, id) }
  }

  /// One that could not be sent, as often as it was tried.
  private func fail(_ store: Store, _ phoneID: String) throws {
    let refused = NewMessage(contact: "+447700900999", content: text(1), maxSendAttempts: 1)
    try store.addMessages([refused], to: phoneID, at: .fixed(now - 4 * .hour))
    if case .claimed(let claim) = try store.claim(phone: phoneID, lease: .minute, at: .fixed(now - 3 * .hour))
    {
      _ = try store.recordFailure(
        claim.messageID, reason: "the network refused it (CMS ERROR 38)", at: .fixed(now - 3 * .hour))
    }
  }

  private func text(_ index: Int) -> String {
    let texts = [
      "Your appointment is on Thursday at 10:30. Reply C to cancel.",
      "Your order 4711 has left our warehouse.",
      "Reminder: your prescription is ready to be collected.",
      "Köszönjük! Ihre Buchung ist bestätigt ✓",
      "明日の予約は10時です。",
      "The lift is out of order until noon, please use the stairs.",
      "Your code is 204 817. It is good for ten minutes.",
    ]
    return texts[index % texts.count]
  }
}
