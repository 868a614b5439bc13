/// The allowed minutes of a week as a set of its 10,080 minutes, from Sunday 00:00.
///
/// This is what an editor paints on: union, difference and comparison are minute by minute, so nothing
/// that was not painted ever moves.
package struct WeekMinutes: Hashable, Sendable {
  package static let count = 10_080
  private static let wordCount = (count + 63) / 64

  private var words: [UInt64]

  package init() { words = Array(repeating: 0, count: Self.wordCount) }

  /// The minutes of windows that ``Window/check(_:)`` accepts.
  package init(_ windows: [Window]) {
    self.init()
    for window in windows { insert(window.minutesOfWeek) }
  }

  package subscript(minute: Int) -> Bool {
    get { words[minute >> 6] >> UInt64(minute & 63) & 1 == 1 }
    set {
      if newValue {
        words[minute >> 6] |= 1 << UInt64(minute & 63)
      } else {
        words[minute >> 6] &= ~(1 << UInt64(minute & 63))
      }
    }
  }

  package var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

  /// How many minutes of the week are allowed, 0 to 10,080.
  package var total: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

  package mutating func insert(_ minutes: Range<Int>) { change(minutes) { $0 | $1 } }
  package mutating func remove(_ minutes: Range<Int>) { change(minutes) { $0 & ~$1 } }
  package mutating func toggle(_ minutes: Range<Int>) { change(minutes) { $0 ^ $1 } }

  package func union(_ other: WeekMinutes) -> WeekMinutes { combined(other) { $0 | $1 } }
  package func subtracting(_ other: WeekMinutes) -> WeekMinutes { combined(other) { $0 & ~$1 } }
  package func intersection(_ other: WeekMinutes) -> WeekMinutes { combined(other) { $0 & $1 } }
  package func symmetricDifference(_ other: WeekMinutes) -> WeekMinutes { combined(other) { $0 ^ $1 } }

  /// How many of the given minutes are allowed.
  package func count(in minutes: Range<Int>) -> Int {
    var sum = 0
    Self.forEachWord(of: minutes) { index, mask in sum += (words[index] & mask).nonzeroBitCount }
    return sum
  }

  /// The allowed minutes as ranges in order, none touching the next.
  package func runs(in minutes: Range<Int> = 0..<WeekMinutes.count) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var position = minutes.lowerBound
    while let start = next(true, from: position, to: minutes.upperBound) {
      let end = next(false, from: start, to: minutes.upperBound) ?? minutes.upperBound
      result.append(start..<end)
      position = end
    }
    return result
  }

  /// The same minutes as windows, each within its day, in order.
  package var windows: [Window] {
    (0..<7).flatMap { day in
      runs(in: day * 1440..<(day + 1) * 1440).map {
        Window(day: day, startMinute: $0.lowerBound - day * 1440, endMinute: $0.upperBound - day * 1440)
      }
    }
  }

  /// The first minute from `start` on, before `end`, that is allowed (or denied, for false).
  package func next(_ allowed: Bool, from start: Int, to end: Int = WeekMinutes.count) -> Int? {
    var minute = start
    while minute < end {
      let word = (allowed ? words[minute >> 6] : ~words[minute >> 6]) >> UInt64(minute & 63)
      if word != 0 {
        let found = minute + word.trailingZeroBitCount
        return found < end ? found : nil
      }
      minute = (minute | 63) + 1
    }
    return nil
  }

  /// Puts the minutes of one day (0 to 6) of `other` in place of a day of this week.
  package mutating func replace(day: Int, with other: WeekMinutes, day otherDay: Int) {
    remove(day * 1440..<(day + 1) * 1440)
    for run in other.runs(in: otherDay * 1440..<(otherDay + 1) * 1440) {
      let shift = (day - otherDay) * 1440
      insert(run.lowerBound + shift..<run.upperBound + shift)
    }
  }

  private func combined(_ other: WeekMinutes, _ operation: (UInt64, UInt64) -> UInt64) -> WeekMinutes {
    var result = self
    for index in words.indices { result.words[index] = operation(words[index], other.words[index]) }
    return result
  }

  private mutating func change(_ minutes: Range<Int>, _ operation: (UInt64, UInt64) -> UInt64) {
    Self.forEachWord(of: minutes) { index, mask in words[index] = operation(words[index], mask) }
  }

  private static func forEachWord(of minutes: Range<Int>, _ body: (Int, UInt64) -> Void) {
    precondition(minutes.lowerBound >= 0 && minutes.upperBound <= count, "minutes of a week")
    var position = minutes.lowerBound
    while position < minutes.upperBound {
      let end = min((position | 63) + 1, minutes.upperBound)
      let ones = end - position == 64 ? UInt64.max : (1 << UInt64(end - position)) - 1
      body(position >> 6, ones << UInt64(position & 63))
      position = end
    }
  }
}
