/// A date and time on a wall clock, without a zone.
package struct CivilTime: Equatable, Sendable {
  package var year: Int
  package var month: Int
  package var day: Int
  package var hour: Int
  package var minute: Int
  package var second: Int
  package var millisecond: Int
  /// 0 to 6, 0 is Sunday.
  package var weekday: Int

  /// What a clock shows at `local` milliseconds since 1970-01-01T00:00 of that clock.
  package init(local: Int64) {
    let (days, time) = floorDivide(local, by: .day)
    (year, month, day) = CivilTime.date(days: days)
    hour = Int(time / .hour)
    minute = Int(time / .minute % 60)
    second = Int(time / .second % 60)
    millisecond = Int(time % 1000)
    weekday = Int(floorDivide(days + 4, by: 7).remainder)
  }

  /// The Gregorian date `days` after 1970-01-01 (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
  package static func date(days: Int64) -> (year: Int, month: Int, day: Int) {
    let (era, dayOfEra) = floorDivide(days + 719_468, by: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    return (
      Int(yearOfEra + era * 400 + (month <= 2 ? 1 : 0)), Int(month),
      Int(dayOfYear - (153 * shifted + 2) / 5 + 1)
    )
  }

  /// Days since 1970-01-01 of a Gregorian date; the inverse of ``date(days:)``.
  package static func days(year: Int, month: Int, day: Int) -> Int64 {
    let shiftedYear = Int64(month <= 2 ? year - 1 : year)
    let (era, yearOfEra) = floorDivide(shiftedYear, by: 400)
    let shifted = Int64(month > 2 ? month - 3 : month + 9)
    let dayOfYear = (153 * shifted + 2) / 5 + Int64(day) - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  package static func daysInMonth(_ month: Int, year: Int) -> Int {
    switch month {
    case 4, 6, 9, 11: 30
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    default: 31
    }
  }
}

/// Date-times as RFC 3339 writes them.
package enum Timestamp {
  /// The instant that a text such as `2026-03-29T08:00:00.123+02:00` names; nil if it names none.
  ///
  /// Fractions of a second may have any number of digits and are cut to milliseconds; `T`, `t` or one
  /// blank stands between date and time; a leap second counts as the second after it. The years are
  /// 0001 to 9999, also in UTC.
  package static func parse(_ text: some StringProtocol) -> Instant? {
    var text = String(text)
    return text.withUTF8 { parse($0) }
  }

  /// The same of bytes.
  package static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Instant? {
    var reader = DigitReader(bytes: bytes)
    guard let local = reader.localTime(needsSeconds: true), let offset = reader.offset(), reader.isAtEnd
    else { return nil }
    let instant = local - offset
    return Instant.storable.contains(instant) ? instant : nil
  }

  /// Local milliseconds since 1970 of a text without an offset, such as `2026-03-29T08:00:00`.
  ///
  /// Seconds may be left out. Nil if the text is anything else.
  package static func parseLocal(_ bytes: UnsafeBufferPointer<UInt8>) -> Int64? {
    var reader = DigitReader(bytes: bytes)
    guard let local = reader.localTime(needsSeconds: false), reader.isAtEnd else { return nil }
    return local
  }

  /// `2026-03-29T06:00:00.000Z`.
  package static func utc(_ instant: Instant) -> String {
    String(unsafeUninitializedCapacity: 24) { buffer in write(instant, into: buffer) }
  }

  /// Writes the 24 bytes of ``utc(_:)``; years outside 0 to 9999 are held at those.
  @discardableResult
  package static func write(_ instant: Instant, into buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
    let time = CivilTime(local: min(max(instant, -62_167_219_200_000), 253_402_300_799_999))
    var position = 0
    func put(_ value: Int, digits: Int, then separator: Unicode.Scalar) {
      var value = value
      for index in stride(from: position + digits - 1, through: position, by: -1) {
        buffer[index] = UInt8(48 + value % 10)
        value /= 10
      }
      buffer[position + digits] = UInt8(ascii: separator)
      position += digits + 1
    }
    put(time.year, digits: 4, then: "-")
    put(time.month, digits: 2, then: "-")
    put(time.day, digits: 2, then: "T")
    put(time.hour, digits: 2, then: ":")
    put(time.minute, digits: 2, then: ":")
    put(time.second, digits: 2, then: ".")
    put(time.millisecond, digits: 3, then: "Z")
    return position
  }

  /// `2026-03-29 08:00:00 +02:00`: for people, on a clock `offset` milliseconds ahead of UTC.
  package static func local(_ instant: Instant, offset: Duration) -> String {
    let time = CivilTime(local: instant + offset)
    let date = "\(padded(time.year, 4))-\(padded(time.month, 2))-\(padded(time.day, 2))"
    let clock = "\(padded(time.hour, 2)):\(padded(time.minute, 2)):\(padded(time.second, 2))"
    return "\(date) \(clock) \(self.offset(offset))"
  }

  /// `+02:00`; seconds are shown where a zone has them.
  package static func offset(_ offset: Duration) -> String {
    let seconds = Int(abs(offset) / 1000)
    let minutes = "\(padded(seconds / 3600, 2)):\(padded(seconds / 60 % 60, 2))"
    let rest = seconds % 60 == 0 ? "" : ":" + padded(seconds % 60, 2)
    return (offset < 0 ? "-" : "+") + minutes + rest
  }

  /// A number with leading zeros.
  package static func padded(_ value: Int, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}

private struct DigitReader {
  let bytes: UnsafeBufferPointer<UInt8>
  var position = 0

  init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  var isAtEnd: Bool { position == bytes.count }
  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func take(_ characters: StaticString) -> Bool {
    guard let next else { return false }
    for index in 0..<characters.utf8CodeUnitCount where characters.utf8Start[index] == next {
      position += 1
      return true
    }
    return false
  }

  private mutating func number(digits: Int, in range: ClosedRange<Int>) -> Int? {
    guard position + digits <= bytes.count else { return nil }
    var value = 0
    for index in position..<position + digits {
      guard bytes[index] >= 48, bytes[index] <= 57 else { return nil }
      value = value * 10 + Int(bytes[index] - 48)
    }
    guard range.contains(value) else { return nil }
    position += digits
    return value
  }

  /// `2026-03-29T08:00:00.123` in milliseconds since 1970.
  mutating func localTime(needsSeconds: Bool) -> Int64? {
    guard let year = number(digits: 4, in: 1...9999), take("-"),
      let month = number(digits: 2, in: 1...12), take("-"),
      let day = number(digits: 2, in: 1...CivilTime.daysInMonth(month, year: year)), take("Tt "),
      let hour = number(digits: 2, in: 0...23), take(":"),
      let minute = number(digits: 2, in: 0...59)
    else { return nil }
    var milliseconds: Int64 = 0
    if take(":") {
      guard let second = number(digits: 2, in: 0...60), let fraction = fraction() else { return nil }
      milliseconds = Int64(second) * 1000 + fraction
    } else if needsSeconds {
      return nil
    }
    return CivilTime.days(year: year, month: month, day: day) * .day + Int64(hour) * .hour
      + Int64(minute) * .minute + milliseconds
  }

  /// Milliseconds of `.123456`; 0 if there is no fraction, nil if there are no digits after the point.
  private mutating func fraction() -> Int64? {
    guard take(".,") else { return 0 }
    var value: Int64 = 0
    var digits = 0
    while let byte = next, byte >= 48, byte <= 57 {
      if digits < 3 { value = value * 10 + Int64(byte - 48) }
      digits += 1
      position += 1
    }
    guard digits > 0 else { return nil }
    for _ in 0..<max(0, 3 - digits) { value *= 10 }
    return value
  }

  /// `Z` or `+02:00` in milliseconds.
  mutating func offset() -> Int64? {
    if take("Zz") { return 0 }
    let isNegative = next == UInt8(ascii: "-")
    guard take("+-"), let hours = number(digits: 2, in: 0...23), take(":"),
      let minutes = number(digits: 2, in: 0...59)
    else { return nil }
    let value = Int64(hours) * .hour + Int64(minutes) * .minute
    return isNegative ? -value : value
  }
}
