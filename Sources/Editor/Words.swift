import Canvas
import Scheduling

/// Times and amounts in words, as they stand on the screen.
package enum Words {
  package static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
  package static let longDays = [
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
  ]
  static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// A change of time: `4 h 38 min sooner`, `2 s later`; `isRough` leaves it at `4 h sooner`.
  package static func shift(from old: Instant, to new: Instant, isRough: Bool = false) -> String {
    let length = isRough ? DurationNotation.rough(new - old) : DurationNotation.text(new - old)
    return new == old ? "same" : "\(length) \(new < old ? "sooner" : "later")"
  }

  /// Minutes of a week or day as hours: `8 h 30 min`, `24 h`; none are `closed`.
  package static func hours(minutes: Int) -> String {
    minutes == 0 ? "closed" : DurationNotation.hours(minutes: minutes)
  }

  /// `6 a minute`.
  package static func rate(_ messagesPerMinute: Int) -> String {
    messagesPerMinute == 0 ? "no limit" : "\(count(messagesPerMinute)) a minute"
  }

  /// `100 a day`.
  package static func perDay(_ messages: Int) -> String {
    messages == 0 ? "no limit" : "\(count(messages)) a day"
  }

  /// `24 Dec 2026`, `every 25 Dec`.
  static func date(_ date: ExceptionDate) -> String { ExceptionDate.words(from: date, through: date) }

  /// `Thu 24 Dec`; the year stands behind if it is another one than `year`.
  static func date(_ date: CivilDate, year: Int) -> String {
    self.date(CivilTime(local: date.days * .day), year: year)
  }

  /// What an exception says: `closed`, `09:00-12:00 (Christmas Eve)`.
  static func hours(of exception: ScheduleException?) -> String {
    guard let exception else { return "as in the week" }
    return times(exception.windows) + (exception.note.isEmpty ? "" : " (\(exception.note))")
  }

  /// `09:00-12:00, 13:00-17:30`, or `closed`.
  static func times(_ windows: [DayWindow]) -> String {
    windows.isEmpty ? "closed" : WindowNotation.times(windows)
  }

  /// Days of the week in words: `Thu`, `Mon-Fri`, `Mon, Wed`; they come in the order from Monday.
  static func weekdays(_ days: [Int]) -> String {
    let order = [1, 2, 3, 4, 5, 6, 0]
    let places = days.compactMap { order.firstIndex(of: $0) }
    if let first = places.first, let last = places.last, places.count > 2, last - first + 1 == places.count {
      return "\(Self.days[order[first]])-\(Self.days[order[last]])"
    }
    return days.map { Self.days[$0] }.joined(separator: ", ")
  }

  /// What somebody typed, in quotation marks and no longer than it takes to know it again.
  static func quoted(_ text: String) -> String { "“\(harmless(text.shortened(to: 40)))”" }

  /// `1,234,567`.
  package static func count(_ value: Int) -> String { value.grouped }

  /// `1 message`, `1,234 messages`.
  package static func count(_ value: Int, _ noun: String) -> String {
    value.counted(noun)
  }

  /// `Tue 24 Nov`; the year stands behind if it is another one than `year`.
  package static func date(_ time: CivilTime, year: Int? = nil, isNamed: Bool = true) -> String {
    let date = (isNamed ? days[time.weekday] + " " : "") + "\(time.day) \(months[time.month - 1])"
    return year.map { $0 == time.year ? date : "\(date) \(time.year)" } ?? date
  }

  /// `09:05`.
  package static func clock(_ time: CivilTime) -> String {
    "\(Timestamp.padded(time.hour, 2)):\(Timestamp.padded(time.minute, 2))"
  }

  /// Columns of ``moment(_:now:)``.
  static let momentWidth = 19

  /// `Tue 24 Nov 09:05:07`, always ``momentWidth`` columns within the year of now, as `24 Nov 2027 09:05` otherwise.
  package static func moment(_ time: CivilTime, now: CivilTime) -> String {
    if time.year != now.year { return "\(time.day) \(months[time.month - 1]) \(time.year) \(clock(time))" }
    let day = (time.day < 10 ? " " : "") + String(time.day)
    return
      "\(days[time.weekday]) \(day) \(months[time.month - 1]) \(clock(time)):\(Timestamp.padded(time.second, 2))"
  }

  /// `Tue 24 Nov 09:05`, as `24 Nov 2027 09:05` in another year than now's.
  static func minute(_ time: CivilTime, now: CivilTime) -> String {
    time.year == now.year
      ? "\(date(time)) \(clock(time))"
      : "\(time.day) \(months[time.month - 1]) \(time.year) \(clock(time))"
  }

  /// The shortest that is clear: `14:03` today, `Tue 09:00` within a week, `24 Nov`, `Nov 2027`.
  package static func brief(_ time: CivilTime, now: CivilTime) -> String {
    let today = CivilTime.days(year: now.year, month: now.month, day: now.day)
    let day = CivilTime.days(year: time.year, month: time.month, day: time.day)
    if day == today { return clock(time) }
    if day > today, day < today + 7 { return "\(days[time.weekday]) \(clock(time))" }
    if time.year == now.year { return "\(time.day) \(months[time.month - 1])" }
    return "\(months[time.month - 1]) \(time.year)"
  }

  /// The same of an instant, on a clock.
  package static func brief(_ instant: Instant, now: Instant, on clock: ZoneTimeline) -> String {
    brief(
      CivilTime(local: instant + clock.offset(at: instant)),
      now: CivilTime(local: now + clock.offset(at: now)))
  }
}
