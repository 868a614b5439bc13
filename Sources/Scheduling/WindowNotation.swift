/// Windows as people write them: `mon-fri 09:00-12:00, 13:00-17:30; sat 10-14`.
///
/// Clauses stand between semicolons: days, then times. Days are names (three letters or more), ranges
/// (`fri-mon` wraps), lists, `daily`, `weekdays` or `weekend`; a clause without times means whole days.
/// Times are `9`, `9:30`, `09:30` or `24:00`; a range that ends before it starts runs into the next day.
/// What ``text(_:)`` prints reads back as the same windows.
package enum WindowNotation {
  /// Reads a week; throws ``NotationError`` naming the place.
  package static func parse(_ text: String) throws(NotationError) -> [Window] {
    var parser = NotationParser(text)
    return try parser.week()
  }

  /// Reads the times of one day, such as `09:07-12:00, 13-17`; nothing, `closed` and `-` mean none.
  ///
  /// A range over midnight gives a window of the next day too.
  package static func parse(_ text: String, day: Int) throws(NotationError) -> [Window] {
    var parser = NotationParser(text)
    return try parser.times(ofDay: day)
  }

  /// Reads what is to be set of a week: the days that are named (0 to 6), and their windows.
  ///
  /// `sat closed` names a day without windows; a range over midnight gives one of the next day too, which
  /// need not be named. Names of days alone are refused: a line that is not typed to its end is to open no night.
  package static func parseDays(_ text: String) throws(NotationError) -> (days: Set<Int>, windows: [Window]) {
    var parser = NotationParser(text)
    parser.needsTimes = true
    return try parser.dayEdits()
  }

  /// Names of days, 0 is Sunday, as they are printed.
  package static let dayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
  static let fullDayNames = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]
  /// Days as a week is written, from Monday.
  static let fromMonday = [1, 2, 3, 4, 5, 6, 0]

  /// A week as text; days with the same windows share a clause. Empty for no windows.
  package static func text(_ windows: [Window]) -> String {
    var clauses: [(days: [Int], times: String)] = []
    for day in fromMonday {
      let times = self.times(windows.filter { $0.day == day })
      if times.isEmpty { continue }
      if let index = clauses.firstIndex(where: { $0.times == times }) {
        clauses[index].days.append(day)
      } else {
        clauses.append(([day], times))
      }
    }
    return clauses.map { days($0.days) + " " + $0.times }.joined(separator: "; ")
  }

  /// The same in a sentence: `Thu, Fri 12:00-17:00; Sat 09:00-12:00`. It reads back too.
  package static func words(_ windows: [Window]) -> String {
    text(windows).split(separator: "; ").map { clause in
      let parts = clause.split(separator: " ", maxSplits: 1)
      let days = parts[0].split(separator: ",").map { run in
        run.split(separator: "-").map { String($0).capitalizedFirst }.joined(separator: "-")
      }
      return days.joined(separator: ", ") + " " + (parts.count > 1 ? parts[1] : "")
    }.joined(separator: "; ")
  }

  /// The times of one day's windows: `09:00-12:00, 13:00-17:30`.
  package static func times(_ windows: [Window]) -> String {
    times(windows.map { DayWindow(startMinute: $0.startMinute, endMinute: $0.endMinute) })
  }

  /// The same of a date's windows.
  package static func times(_ windows: [DayWindow]) -> String {
    windows.sorted().map { "\(time($0.startMinute))-\(time($0.endMinute))" }.joined(separator: ", ")
  }

  /// A minute of the day, 0 to 1440, as `09:07`.
  package static func time(_ minute: Int) -> String {
    Timestamp.padded(minute / 60, 2) + ":" + Timestamp.padded(minute % 60, 2)
  }

  /// Days in the order of ``fromMonday`` as ranges: `mon-fri,sun`, or `daily` for all.
  static func days(_ days: [Int]) -> String {
    if days.count == 7 { return "daily" }
    let places = days.compactMap { fromMonday.firstIndex(of: $0) }.sorted()
    var runs: [ClosedRange<Int>] = []
    for place in places {
      if let last = runs.last, last.upperBound + 1 == place {
        runs[runs.count - 1] = last.lowerBound...place
      } else {
        runs.append(place...place)
      }
    }
    return runs.map { run in
      let names = run.map { dayNames[fromMonday[$0]] }
      return names.count < 3 ? names.joined(separator: ",") : "\(names[0])-\(names[names.count - 1])"
    }.joined(separator: ",")
  }
}

/// What could not be read as windows, where, and what was expected there.
package struct NotationError: Error, Equatable, CustomStringConvertible {
  /// Characters before the place, from 0.
  package var position: Int
  /// The text found there; empty at the end.
  package var found: String
  package var expected: String

  package init(position: Int, found: String, expected: String) {
    self.position = position
    self.found = found
    self.expected = expected
  }

  package var description: String {
    let place = found.isEmpty ? "the end" : "“\(found.shortened(to: 40))”"
    return "at character \(position + 1), \(place): expected \(expected)"
  }
}

extension String {
  /// At most so many characters, the last of them an ellipsis where some are left out: for quoting what was typed.
  package func shortened(to most: Int) -> String { count <= most ? self : prefix(most - 1) + "…" }
}
