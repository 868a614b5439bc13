/// A stretch of time in which a time zone keeps one offset from UTC.
package struct ZoneSpan: Equatable, Sendable {
  /// The first instant of the span; `Instant.min` before the first known change.
  package var start: Instant
  /// The first instant after it.
  package var end: Instant
  /// What is added to UTC to get the wall clock, in milliseconds.
  package var offset: Duration
}

/// The wall clock of a time zone, cut into spans of constant offset.
///
/// Inside a span local time is integer arithmetic, so no rule needs a special case for clock changes.
/// Where the spans come from is the business of a ``TimeZoneSource``.
package struct ZoneTimeline: Equatable, Sendable {
  package let identifier: String
  /// At least one, in order, each with another offset than the one before; all of time is in one of them.
  package let spans: [ZoneSpan]

  package static let utc = ZoneTimeline(identifier: "UTC", offset: 0, changes: [])

  /// A clock that shows `offset` before the first change, and after each change its offset.
  ///
  /// Changes are in order of time; those that change nothing are left out.
  package init(identifier: String, offset: Duration, changes: some Sequence<(at: Instant, offset: Duration)>)
  {
    var spans = [ZoneSpan(start: .min, end: .max, offset: offset)]
    for change in changes where change.offset != spans[spans.count - 1].offset {
      spans[spans.count - 1].end = change.at
      spans.append(ZoneSpan(start: change.at, end: .max, offset: change.offset))
    }
    self.identifier = identifier
    self.spans = spans
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
    // No offset is more than 26 hours: what ends before that has passed on the wall clock too.
    for index in self.index(at: local - 26 * .hour)..<spans.count {
      let span = spans[index]
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
    guard !range.isEmpty else { return [] }
    return zip(spans, spans.dropFirst()).compactMap { before, after in
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
