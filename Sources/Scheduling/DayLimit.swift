/// How many messages go out on each of the latest local dates of a pass.
///
/// The clock goes back by at most two dates at once, so a few dates are all that can still come.
struct DayCounts: Sendable, Equatable {
  /// The latest date with a send, in days since 1970-01-01.
  private var latest: Int64 = -1 << 40
  /// The sends on it, and on the three dates before it.
  private var counts = SIMD4<Int32>.zero

  func count(on day: Int64) -> Int {
    let age = latest - day
    return (0..<4).contains(age) ? Int(counts[Int(age)]) : 0
  }

  mutating func add(_ sends: Int, on day: Int64) {
    guard sends > 0 else { return }
    while latest < day {
      if day - latest >= 4 {
        counts = .zero
        latest = day
      } else {
        counts = SIMD4(0, counts[0], counts[1], counts[2])
        latest += 1
      }
    }
    let age = latest - day
    if age < 4 { counts[Int(age)] += Int32(clamping: sends) }
  }
}

/// The most sends on one local date, and what was sent before the pass.
struct DayLimit: Sendable {
  /// `Int.max` for no limit.
  let most: Int
  let timeline: ZoneTimeline
  private let sent: [(day: Int64, count: Int)]

  init(_ rules: ForecastRules) {
    most = rules.messagesPerDay > 0 ? rules.messagesPerDay : .max
    timeline = rules.hours.timeline
    let today = rules.messagesPerDay > 0 ? timeline.day(at: rules.now) : .max
    sent = rules.sentOn.filter { $0.key >= today - 4 }.map { ($0.key, $0.value) }
  }

  var isNone: Bool { most == .max }

  /// How many more may go out on a date; below 0 if exact ones went beyond the limit.
  func room(on day: Int64, after counts: DayCounts) -> Int {
    if isNone { return .max }
    var room = most - counts.count(on: day)
    for (sentDay, count) in sent where sentDay == day { room -= count }
    return room
  }
}
