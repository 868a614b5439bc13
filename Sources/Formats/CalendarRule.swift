import Scheduling

/// A rule by which an all-day event comes again every year, as far as closed dates need it.
struct CalendarRule {
  /// Every so many years.
  private var interval = 1
  private var count: Int?
  private var until: CivilDate?
  /// Months, days of the month and weekdays; empty for those of the first day.
  private var months: [Int] = []
  private var days: [Int] = []
  private var weekdays: [(ordinal: Int, weekday: Int)] = []

  static let expected = """
    FREQ=YEARLY with INTERVAL, COUNT, UNTIL, BYMONTH, BYMONTHDAY or BYDAY (such as BYMONTH=11;BYDAY=4TH)
    """

  /// Reads the value of an RRULE; nil if it says more than a yearly day.
  init?(_ text: String) {
    var isYearly = false
    for part in text.uppercased().split(separator: ";") {
      let pair = part.split(separator: "=", maxSplits: 1)
      guard pair.count == 2 else { return nil }
      let values = pair[1].split(separator: ",")
      switch pair[0] {
      case "FREQ": isYearly = pair[1] == "YEARLY"
      case "INTERVAL":
        guard let number = Int(pair[1]), (1...1000).contains(number) else { return nil }
        interval = number
      case "COUNT":
        guard let number = Int(pair[1]), number >= 1 else { return nil }
        count = number
      case "UNTIL":
        guard let date = CivilDate(basic: pair[1].prefix(8)) else { return nil }
        until = date
      case "BYMONTH":
        months = values.compactMap { Int($0) }.filter { (1...12).contains($0) }
        guard months.count == values.count else { return nil }
      case "BYMONTHDAY":
        days = values.compactMap { Int($0) }.filter { (1...31).contains(abs($0)) }
        guard days.count == values.count else { return nil }
      case "BYDAY":
        weekdays = values.compactMap { Self.weekday($0) }
        guard weekdays.count == values.count else { return nil }
      case "WKST": break
      default: return nil
      }
    }
    guard isYearly, weekdays.isEmpty || days.isEmpty else { return nil }
  }

  /// `4TH` is the fourth Thursday, `-1MO` the last Monday.
  private static func weekday(_ text: Substring) -> (ordinal: Int, weekday: Int)? {
    guard let weekday = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"].firstIndex(of: String(text.suffix(2))),
      let ordinal = Int(text.dropLast(2)), (1...5).contains(abs(ordinal))
    else { return nil }
    return (ordinal, weekday)
  }

  /// The month and day of each year on which it comes, if it is as simple as that and never ends.
  func everyYear(from first: CivilDate) -> [(month: Int, day: Int)]? {
    guard interval == 1, count == nil, until == nil, weekdays.isEmpty, days.allSatisfy({ $0 > 0 }) else {
      return nil
    }
    let months = months.isEmpty ? [first.month] : months
    let days = days.isEmpty ? [first.day] : days
    return months.flatMap { month in days.map { (month, $0) } }
      .filter { CivilDate(year: 2000, month: $0.month, day: $0.day) != nil }
  }

  /// The dates on which it comes, from the first one on through the last of `years`.
  func dates(from first: CivilDate, through lastYear: Int) -> [CivilDate] {
    var found: [CivilDate] = []
    for year in stride(from: first.year, through: max(first.year, lastYear), by: interval) {
      for date in dates(in: year, like: first) where date >= first {
        if let until, date > until { return found }
        if let count, found.count >= count { return found }
        found.append(date)
      }
    }
    return found
  }

  private func dates(in year: Int, like first: CivilDate) -> [CivilDate] {
    (months.isEmpty ? [first.month] : months).flatMap { month -> [CivilDate] in
      let length = CivilTime.daysInMonth(month, year: year)
      if weekdays.isEmpty {
        return (days.isEmpty ? [first.day] : days)
          .compactMap { CivilDate(year: year, month: month, day: $0 > 0 ? $0 : length + 1 + $0) }
      }
      return weekdays.compactMap { ordinal, weekday in
        let all = (1...length).compactMap { CivilDate(year: year, month: month, day: $0) }
          .filter { $0.weekday == weekday }
        let index = ordinal > 0 ? ordinal - 1 : all.count + ordinal
        return all.indices.contains(index) ? all[index] : nil
      }
    }.sorted()
  }
}

extension CivilDate {
  /// Reads `20261224`.
  init?(basic text: some StringProtocol) {
    guard text.utf8.count == 8, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text)
    else { return nil }
    self.init(year: number / 10_000, month: number / 100 % 100, day: number % 100)
  }

  func adding(days count: Int64) -> CivilDate { CivilDate(days: days + count) }
}
