import Foundation

/// A stretch of time in which a time zone keeps one offset from UTC.
package struct ZoneSpan: Equatable, Sendable {
  /// The first instant of the span; `Instant.min` before the first known change.
  package var start: Instant
  /// The first instant after it.
  package var end: Instant
  /// What is added to UTC to get the wall clock, in milliseconds.
  package var offset: Duration
}

/// The wall clock of a time zone over some years, cut into spans of constant offset.
///
/// Inside a span local time is integer arithmetic, so no rule needs a special case for clock changes.
/// Offsets come from Foundation's `TimeZone`. Outside the years asked for, the nearest span goes on.
package struct ZoneTimeline: Sendable {
  package let identifier: String
  package let spans: [ZoneSpan]

  package static let utc = ZoneTimeline(
    identifier: "UTC", spans: [ZoneSpan(start: .min, end: .max, offset: 0)])

  private init(identifier: String, spans: [ZoneSpan]) {
    self.identifier = identifier
    self.spans = spans
  }

  /// The clock of `identifier` from a year and a month before `now` until a month after the horizon.
  ///
  /// Nil if the name is no IANA time zone; see ``ZoneName``.
  package init?(identifier: String, around now: Instant) {
    self.init(
      identifier: identifier, from: now - 400 * .day, through: now + .horizon + 31 * .day)
  }

  package init?(identifier: String, from: Instant, through: Instant) {
    guard let zone = ZoneName.zone(identifier) else { return nil }
    let seconds = { (instant: Instant) in
      Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant) / 1000))) * 1000
    }
    var spans = [ZoneSpan(start: .min, end: .max, offset: seconds(from))]
    var position = Date(timeIntervalSince1970: Double(from) / 1000)
    while let change = zone.nextDaylightSavingTimeTransition(after: position), change > position {
      let instant = Instant((change.timeIntervalSince1970 * 1000).rounded())
      if instant > through { break }
      let offset = seconds(instant)
      if offset != spans[spans.count - 1].offset {
        spans[spans.count - 1].end = instant
        spans.append(ZoneSpan(start: instant, end: .max, offset: offset))
      }
      position = change
    }
    self.init(identifier: identifier, spans: spans)
  }

  /// The index of the span that holds an instant.
  package func index(at instant: Instant) -> Int {
    var low = 0
    var high = spans.count - 1
    while low < high {
      let middle = (low + high + 1) / 2
      if spans[middle].start <= instant { low = middle } else { high = middle - 1 }
    }
    return low
  }

  /// What is added to UTC at an instant to get the wall clock, in milliseconds.
  package func offset(at instant: Instant) -> Duration { spans[index(at: instant)].offset }

  /// The instant at which the wall clock shows `local` (milliseconds since 1970-01-01T00:00 local).
  ///
  /// A time that is repeated is the first of the two; one that is skipped takes the offset before the
  /// change, so that 02:30 becomes 03:30 where an hour is skipped (as jiff's "compatible" and RFC 5545).
  package func instant(local: Int64) -> Instant {
    for (index, span) in spans.enumerated() {
      let instant = local - span.offset
      if instant < span.end {
        if instant >= span.start || index == 0 { return instant }
        return local - spans[index - 1].offset
      }
    }
    return local - spans[spans.count - 1].offset
  }

  /// The clock changes within a range of instants.
  package func changes(in range: Range<Instant>) -> [ClockChange] {
    zip(spans, spans.dropFirst()).compactMap { before, after in
      range.contains(after.start)
        ? ClockChange(at: after.start, before: before.offset, after: after.offset) : nil
    }
  }
}

/// An instant at which the wall clock jumps.
package struct ClockChange: Equatable, Sendable {
  package var at: Instant
  package var before: Duration
  package var after: Duration

  /// Whether wall time is skipped (spring) rather than repeated (autumn).
  package var isSkip: Bool { after > before }

  /// The wall times that never come, or come twice, in local milliseconds since 1970.
  package var localRange: Range<Int64> {
    isSkip ? at + before..<at + after : at + after..<at + before
  }
}

/// Which texts name an IANA time zone.
package enum ZoneName {
  /// Every zone that can be chosen, in alphabetical order.
  package static var all: [String] {
    Set(TimeZone.knownTimeZoneIdentifiers).union(newer.filter(isKnown)).sorted()
  }

  /// Names that IANA prefers today, and UTC, where Foundation lists only an older one.
  private static let newer = [
    "UTC", "Africa/Asmara", "America/Argentina/Buenos_Aires", "America/Argentina/Catamarca",
    "America/Argentina/Cordoba", "America/Argentina/Jujuy", "America/Argentina/Mendoza", "America/Atikokan",
    "America/Indiana/Indianapolis", "America/Kentucky/Louisville", "America/Nuuk", "Asia/Ho_Chi_Minh",
    "Asia/Kathmandu", "Asia/Kolkata", "Asia/Yangon", "Atlantic/Faroe", "Europe/Kyiv", "Pacific/Chuuk",
    "Pacific/Kanton", "Pacific/Pohnpei",
  ]

  /// Whether the text is an IANA name, such as `Europe/Tallinn`, an alias of one, or `UTC`.
  package static func isKnown(_ name: String) -> Bool { zone(name) != nil }

  /// What is added to UTC at an instant in a zone, in milliseconds; nil if there is no such zone.
  package static func offset(of name: String, at instant: Instant) -> Duration? {
    zone(name).map {
      Int64($0.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant) / 1000))) * 1000
    }
  }

  /// Foundation also reads offsets ("GMT+3") and abbreviations ("PST"), which are no IANA names.
  static func zone(_ name: String) -> TimeZone? {
    guard !name.isEmpty, name.utf8.count <= 64, name.utf8.allSatisfy(isNameByte) else { return nil }
    // ICU keeps these, which IANA's database has dropped.
    if name.hasPrefix("SystemV/") || name == "US/Pacific-New" { return nil }
    if !name.utf8.contains(UInt8(ascii: "/")), !withoutSlash.contains(name) { return nil }
    return TimeZone(identifier: name)
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: "-"),
      UInt8(ascii: "/"):
      true
    default: false
    }
  }

  /// The names without a slash in IANA's database (its files `backward` and `etcetera` hold them).
  private static let withoutSlash: Set<String> = [
    "CET", "CST6CDT", "Cuba", "EET", "EST", "EST5EDT", "Egypt", "Eire", "GB", "GB-Eire", "GMT", "GMT+0",
    "GMT-0", "GMT0", "Greenwich", "HST", "Hongkong", "Iceland", "Iran", "Israel", "Jamaica", "Japan",
    "Kwajalein", "Libya", "MET", "MST", "MST7MDT", "NZ", "NZ-CHAT", "Navajo", "PRC", "PST8PDT", "Poland",
    "Portugal", "ROC", "ROK", "Singapore", "Turkey", "UCT", "UTC", "Universal", "W-SU", "WET", "Zulu",
  ]

  /// The known name nearest to a mistyped one, to be proposed in an error; nil if none is near.
  package static func suggestion(for name: String) -> String? {
    let wanted = folded(name)
    guard !wanted.isEmpty else { return nil }
    let names = all
    return names.first { folded($0) == wanted }
      ?? names.first { $0.split(separator: "/").last.map { folded(String($0)) } == wanted }
      ?? names.first { folded($0).contains(wanted) }
  }

  private static func folded(_ name: String) -> String {
    name.lowercased().filter { $0.isLetter || $0.isNumber }
  }
}
