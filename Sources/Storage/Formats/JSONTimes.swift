import Scheduling

extension JSONBytes {
  /// A time in quotes, RFC 3339 in UTC with milliseconds, or null.
  package mutating func time(_ instant: Instant?) {
    if let instant { time(instant) } else { null() }
  }

  /// A time in quotes, RFC 3339 in UTC with milliseconds: `"2026-03-29T06:00:00.000Z"`.
  ///
  /// A time outside the years 0 to 9999 is written as the nearest that RFC 3339 can say.
  package mutating func time(_ instant: Instant) {
    let instant = min(max(instant, CivilBytes.first), CivilBytes.last)
    let (days, ofDay) = floorDivide(instant, by: .day)
    let date = CivilBytes.date(ofDay: days)
    raw("\"")
    digits(date.year / 100)
    digits(date.year % 100)
    raw("-")
    digits(date.month)
    raw("-")
    digits(date.day)
    raw("T")
    digits(Int(ofDay / .hour))
    raw(":")
    digits(Int(ofDay / .minute) % 60)
    raw(":")
    digits(Int(ofDay / .second) % 60)
    let milliseconds = Int(ofDay % .second)
    raw(".")
    integer(milliseconds / 100)
    digits(milliseconds % 100)
    raw("Z\"")
  }

  /// Two digits.
  private mutating func digits(_ value: Int) {
    integer(value / 10)
    integer(value % 10)
  }
}

/// The Gregorian calendar as arithmetic on days since 1970-01-01, for reading and writing times as bytes.
enum CivilBytes {
  /// 0000-01-01T00:00:00.000Z.
  static let first: Instant = days(year: 0, month: 1, day: 1) * .day
  /// 9999-12-31T23:59:59.999Z.
  static let last: Instant = days(year: 10_000, month: 1, day: 1) * .day - 1

  /// Days since 1970-01-01, for a date whose numbers are within their ranges.
  ///
  /// Years are counted from March, so that the leap day comes last.
  static func days(year: Int, month: Int, day: Int) -> Int64 {
    let year = Int64(month <= 2 ? year - 1 : year)
    let (era, ofEra) = floorDivide(year, by: 400)
    let ofYear = Int64((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1)
    return era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719_468
  }

  /// The date of a day since 1970-01-01.
  static func date(ofDay days: Int64) -> (year: Int, month: Int, day: Int) {
    let (era, ofEra) = floorDivide(days + 719_468, by: 146_097)
    let year = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365
    let ofYear = ofEra - (365 * year + year / 4 - year / 100)
    let march = (5 * ofYear + 2) / 153
    let month = march < 10 ? march + 3 : march - 9
    return (
      Int(year + era * 400 + (month <= 2 ? 1 : 0)), Int(month), Int(ofYear - (153 * march + 2) / 5 + 1)
    )
  }

  /// The number of days of a month, 1 to 12.
  static func length(ofMonth month: Int, year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}
