/// A time of the week in which sending is allowed: one day, from `startMinute` until just before `endMinute`.
///
/// The three numbers and their ranges are httpSMS's (`MessageSendScheduleWindow`).
package struct Window: Hashable, Sendable, Comparable {
  /// 0 to 6, 0 is Sunday.
  package var day: Int
  /// Minutes after midnight, 0 to 1439.
  package var startMinute: Int
  /// Minutes after midnight, 1 to 1440, later than `startMinute`; this minute itself is outside.
  package var endMinute: Int

  /// A window that is known to be well formed; see ``check(_:)`` for one that comes from outside.
  package init(day: Int, startMinute: Int, endMinute: Int) {
    self.day = day
    self.startMinute = startMinute
    self.endMinute = endMinute
  }

  package static func < (a: Window, b: Window) -> Bool {
    (a.day, a.startMinute, a.endMinute) < (b.day, b.startMinute, b.endMinute)
  }

  /// Minutes after Sunday 00:00, within 0 ..< 10080.
  package var minutesOfWeek: Range<Int> {
    day * 1440 + startMinute..<day * 1440 + endMinute
  }

  /// The first thing wrong with a list of windows, or nil if they make a schedule.
  ///
  /// A schedule has at least one window; numbers are within their ranges; windows of a day do not
  /// overlap, but may touch.
  package static func check(_ windows: [Window]) -> WindowsProblem? {
    guard !windows.isEmpty else {
      return WindowsProblem(index: nil, field: "windows", expected: "at least one window")
    }
    for (index, window) in windows.enumerated() {
      if !(0...6).contains(window.day) {
        return WindowsProblem(index: index, field: "day_of_week", expected: "0 to 6, 0 is Sunday")
      }
      if !(0...1439).contains(window.startMinute) {
        return WindowsProblem(index: index, field: "start_minute", expected: "0 to 1439")
      }
      if !(1...1440).contains(window.endMinute) {
        return WindowsProblem(index: index, field: "end_minute", expected: "1 to 1440")
      }
      if window.startMinute >= window.endMinute {
        return WindowsProblem(index: index, field: "end_minute", expected: "later than start_minute")
      }
    }
    let order = windows.indices.sorted { windows[$0] < windows[$1] }
    for (a, b) in zip(order, order.dropFirst())
    where windows[a].day == windows[b].day && windows[b].startMinute < windows[a].endMinute {
      return WindowsProblem(
        index: max(a, b), field: "start_minute",
        expected: "no overlap with window \(min(a, b)) of the same day")
    }
    return nil
  }
}

/// What is wrong with a list of windows, and where.
package struct WindowsProblem: Error, Equatable {
  /// The place in the list, from 0; nil if it concerns the whole list.
  package var index: Int?
  /// The field's name in the JSON format.
  package var field: String
  /// What would have been right.
  package var expected: String
}
