import Scheduling

/// Windows and exceptions as the columns of a database have them: the JSON of the bundle.
package enum ScheduleColumns {
  /// Windows as a column holds them.
  package static func text(_ windows: [Window]) -> String {
    var json = JSONBytes()
    json.windows(windows)
    return json.string
  }

  /// Exceptions as a column holds them: in the order of their dates.
  package static func text(_ exceptions: [ScheduleException]) -> String {
    var json = JSONBytes()
    json.exceptions(exceptions.sorted { $0.date < $1.date })
    return json.string
  }

  /// The windows that a column holds; nil if it holds anything else, or windows that make no schedule.
  package static func windows(_ text: String) -> [Window]? {
    guard let list = list(text) else { return nil }
    var windows: [Window] = []
    for object in list {
      guard let day = integer(object, .dayOfWeek), let start = integer(object, .startMinute),
        let end = integer(object, .endMinute)
      else { return nil }
      windows.append(Window(day: day, startMinute: start, endMinute: end))
    }
    return Window.check(windows) == nil ? windows : nil
  }

  /// The exceptions that a column holds; nil if it holds anything else, or ones that no schedule may have.
  package static func exceptions(_ text: String) -> [ScheduleException]? {
    guard let list = list(text) else { return nil }
    var exceptions: [ScheduleException] = []
    for object in list {
      guard case .text(let date)? = object[.date]?.value, let date = ExceptionDate(date),
        case .text(let note)? = object[.note]?.value, case .list(let nodes)? = object[.windows]?.value,
        let windows = dayWindows(nodes)
      else { return nil }
      exceptions.append(ScheduleException(date: date, windows: windows, note: note))
    }
    return ScheduleException.check(exceptions) == nil ? exceptions : nil
  }

  private static func dayWindows(_ nodes: [JSONNode]) -> [DayWindow]? {
    var windows: [DayWindow] = []
    for node in nodes {
      guard case .object(let object) = node.value, let start = integer(object, .startMinute),
        let end = integer(object, .endMinute)
      else { return nil }
      windows.append(DayWindow(startMinute: start, endMinute: end))
    }
    return windows
  }

  private static func list(_ text: String) -> [JSONObject]? {
    var reader = JSONReader(text)
    guard case .list(let nodes)? = try? reader.value() else { return nil }
    var objects: [JSONObject] = []
    for node in nodes {
      guard case .object(let object) = node.value else { return nil }
      objects.append(object)
    }
    return (try? reader.isAtEnd()) == true ? objects : nil
  }

  private static func integer(_ object: JSONObject, _ field: Field) -> Int? {
    guard case .number(let text)? = object[field]?.value else { return nil }
    return WholeNumber.parse(text)
  }
}
