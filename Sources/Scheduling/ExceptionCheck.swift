extension ScheduleException {
  /// The first thing wrong with the exceptions of a schedule, or nil if they may be saved.
  ///
  /// There are at most ``most``; no date has two; the windows of each are within their ranges and do not
  /// overlap, but may touch; notes are as ``NameRule`` wants labels. Their order does not matter.
  package static func check(_ exceptions: [ScheduleException]) -> ExceptionsProblem? {
    guard exceptions.count <= most else {
      return ExceptionsProblem(index: nil, field: "exceptions", expected: "at most \(most) of them")
    }
    var places: [ExceptionDate: Int] = [:]
    for (index, exception) in exceptions.enumerated() {
      if !exception.date.exists {
        return ExceptionsProblem(index: index, field: "date", expected: ExceptionDate.expected)
      }
      if let first = places.updateValue(index, forKey: exception.date) {
        return ExceptionsProblem(
          index: index, field: "date", expected: "another date than that of exceptions[\(first)]")
      }
      if let problem = check(exception.windows, of: index) { return problem }
      if !NameRule.acceptsLabel(exception.note) {
        return ExceptionsProblem(index: index, field: "note", expected: NameRule.expectedLabel)
      }
    }
    return nil
  }

  private static func check(_ windows: [DayWindow], of index: Int) -> ExceptionsProblem? {
    for (place, window) in windows.enumerated() {
      let problem = { (field: String, expected: String) in
        ExceptionsProblem(index: index, window: place, field: field, expected: expected)
      }
      if !(0...1439).contains(window.startMinute) { return problem("start_minute", "0 to 1439") }
      if !(1...1440).contains(window.endMinute) { return problem("end_minute", "1 to 1440") }
      if window.startMinute >= window.endMinute { return problem("end_minute", "later than start_minute") }
    }
    let order = windows.indices.sorted { windows[$0] < windows[$1] }
    for (a, b) in zip(order, order.dropFirst()) where windows[b].startMinute < windows[a].endMinute {
      return ExceptionsProblem(
        index: index, window: max(a, b), field: "start_minute",
        expected: "no overlap with window \(min(a, b)) of the same date")
    }
    return nil
  }
}

/// What is wrong with a list of exceptions, and where.
package struct ExceptionsProblem: Error, Equatable {
  /// The exception's place in the list, from 0; nil if it concerns the whole list.
  package var index: Int?
  /// The window's place in the exception, from 0; nil if it concerns no window.
  package var window: Int?
  /// The field's name in the JSON format.
  package var field: String
  /// What would have been right.
  package var expected: String

  init(index: Int?, window: Int? = nil, field: String, expected: String) {
    self.index = index
    self.window = window
    self.field = field
    self.expected = expected
  }

  /// Where it is in the JSON format of a schedule: `exceptions[3].windows[0].end_minute`.
  package var path: String {
    guard let index else { return field }
    return "exceptions[\(index)]" + (window.map { ".windows[\($0)]" } ?? "") + ".\(field)"
  }
}
