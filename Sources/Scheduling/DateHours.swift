/// The open hours of each date: those of its exception if it has one, else those of its weekday.
///
/// Compiled once into flat arrays, so that a date costs a binary search and no allocation.
struct DateHours: Sendable {
  /// Open stretches in milliseconds after midnight; those of one day are in order, none touching the next.
  private var runs: [Range<Duration>] = []
  /// Which of ``runs`` are those of a weekday, 0 is Sunday.
  private var weekdays: [Range<Int>] = []
  /// Days since 1970-01-01 with an exception of their own, in order, and their runs.
  private var days: [Int64] = []
  private var dated: [Range<Int>] = []
  /// The runs of yearly exceptions, by 32 times the month plus the day; empty if there are none.
  private var yearly: [Range<Int>?] = []
  /// In the order of their dates, so that the first ones are those of ``days``.
  private let exceptions: [ScheduleException]

  init(_ week: WeekMinutes, exceptions: [ScheduleException]) {
    self.exceptions = exceptions.sorted { $0.date < $1.date }
    for day in 0..<7 {
      let minutes = week.runs(in: day * 1440..<(day + 1) * 1440)
      weekdays.append(add(minutes.map { $0.lowerBound - day * 1440..<$0.upperBound - day * 1440 }))
    }
    for exception in self.exceptions {
      let range = add(Self.merged(exception.windows))
      switch exception.date {
      case .day(let date):
        days.append(date.days)
        dated.append(range)
      case .yearly(let month, let day):
        if yearly.isEmpty { yearly = Array(repeating: nil, count: 13 * 32) }
        yearly[month * 32 + day] = range
      }
    }
  }

  /// The first open stretch of a date (days since 1970-01-01) that ends after `time`, in milliseconds after
  /// midnight; nil if it stays closed from then on.
  func firstRun(day: Int64, endingAfter time: Duration) -> Range<Duration>? {
    for index in hours(of: day) where runs[index].upperBound > time { return runs[index] }
    return nil
  }

  /// The exception that counts on a date.
  func exception(on day: Int64) -> ScheduleException? {
    let place = firstDated(from: day)
    if place < days.count, days[place] == day { return exceptions[place] }
    let date = CivilTime.date(days: day)
    return exceptions.dropFirst(days.count).first { $0.date == .yearly(month: date.month, day: date.day) }
  }

  private func hours(of day: Int64) -> Range<Int> {
    let place = firstDated(from: day)
    if place < days.count, days[place] == day { return dated[place] }
    if !yearly.isEmpty {
      let date = CivilTime.date(days: day)
      if let range = yearly[date.month * 32 + date.day] { return range }
    }
    return weekdays[Int(floorDivide(day + 4, by: 7).remainder)]
  }

  private func firstDated(from day: Int64) -> Int {
    var low = 0
    var high = days.count
    while low < high {
      let middle = (low + high) / 2
      if days[middle] >= day { high = middle } else { low = middle + 1 }
    }
    return low
  }

  private mutating func add(_ minutes: [Range<Int>]) -> Range<Int> {
    let first = runs.count
    runs += minutes.map { Int64($0.lowerBound) * .minute..<Int64($0.upperBound) * .minute }
    return first..<runs.count
  }

  /// Windows in order, touching ones joined.
  private static func merged(_ windows: [DayWindow]) -> [Range<Int>] {
    var result: [Range<Int>] = []
    for window in windows.sorted() {
      if let last = result.last, window.startMinute <= last.upperBound {
        result[result.count - 1] = last.lowerBound..<max(last.upperBound, window.endMinute)
      } else {
        result.append(window.startMinute..<window.endMinute)
      }
    }
    return result
  }
}
