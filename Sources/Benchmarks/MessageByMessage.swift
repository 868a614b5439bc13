import Foundation
import Scheduling

/// How gateways commonly place messages in their send schedules, restated for comparison.
///
/// Faithful to httpSMS (`ResolveScheduledAt` and the notification repository's `Schedule`): every message
/// is placed alone. The zone is loaded by name, the windows of today and the seven days after are tried on
/// a calendar, first for now, then for the later of that and the last message's time plus a whole number of
/// seconds. Reading the last message and writing the new one, which cost a transaction there, are free here.
struct MessageByMessage {
  var windows: [Window]
  var zone: String
  var messagesPerMinute: Int

  /// The time of the last of some messages, each queued at its ready time.
  func lastSend(ready: [Instant], now: Instant) -> Instant {
    var last: Date?
    for ready in ready {
      last = scheduledAt(Date(timeIntervalSince1970: Double(max(now, ready)) / 1000), last: last)
    }
    return Instant((last?.timeIntervalSince1970 ?? 0) * 1000)
  }

  private func scheduledAt(_ now: Date, last: Date?) -> Date {
    let time = resolveScheduledAt(now)
    guard let last, messagesPerMinute > 0 else { return time }
    let rateLimitedAt = last.addingTimeInterval(Double(60 / messagesPerMinute))
    return resolveScheduledAt(max(time, rateLimitedAt))
  }

  private func resolveScheduledAt(_ current: Date) -> Date {
    guard !windows.isEmpty, let location = TimeZone(identifier: zone) else { return current }
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = location
    for dayOffset in 0...7 {
      guard let day = calendar.date(byAdding: .day, value: dayOffset, to: current) else { return current }
      let weekday = calendar.component(.weekday, from: day) - 1
      let best = windows.lazy.filter { $0.day == weekday }
        .compactMap { candidate($0, on: day, isToday: dayOffset == 0, current, calendar) }.min()
      if let best { return best }
    }
    return current
  }

  private func candidate(
    _ window: Window, on day: Date, isToday: Bool, _ current: Date, _ calendar: Calendar
  ) -> Date? {
    let midnight = calendar.startOfDay(for: day)
    let start = midnight.addingTimeInterval(Double(window.startMinute) * 60)
    let end = midnight.addingTimeInterval(Double(window.endMinute) * 60)
    if !isToday || current < start { return start }
    return current < end ? current : nil
  }
}
