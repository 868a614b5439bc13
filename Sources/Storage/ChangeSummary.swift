import Scheduling

/// What one save of a schedule changed, in words: `Fri 12:00-17:00 removed, 5 h less a week`.
package enum ChangeSummary {
  package static func text(from old: ScheduleContent?, to new: ScheduleContent) -> String {
    guard let old else { return "made with \(hours(WeekMinutes(new.windows).total)) a week" }
    var parts: [String] = []
    if old.name != new.name { parts.append("renamed from \(old.name)") }
    if old.timeZone != new.timeZone { parts.append("time zone \(old.timeZone) to \(new.timeZone)") }
    if old.isActive != new.isActive { parts.append(new.isActive ? "switched on" : "switched off") }
    parts += windows(WeekMinutes(old.windows), WeekMinutes(new.windows))
    if parts.isEmpty { return old.windows == new.windows ? "no change" : "same minutes, cut otherwise" }
    return parts.joined(separator: ", ")
  }

  private static func windows(_ old: WeekMinutes, _ new: WeekMinutes) -> [String] {
    var parts: [String] = []
    let added = new.subtracting(old).windows
    let removed = old.subtracting(new).windows
    if !added.isEmpty { parts.append("\(list(added)) added") }
    if !removed.isEmpty { parts.append("\(list(removed)) removed") }
    let difference = new.total - old.total
    if difference != 0 {
      parts.append("\(hours(abs(difference))) \(difference < 0 ? "less" : "more") a week")
    }
    return parts
  }

  /// The notation of the windows, cut where it gets long.
  private static func list(_ windows: [Window]) -> String {
    let clauses = WindowNotation.text(windows).split(separator: "; ")
    let shown = clauses.prefix(3).map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined(separator: "; ")
    return clauses.count > 3 ? "\(shown) and \(clauses.count - 3) more" : shown
  }

  /// `4 h 38 min` of a number of minutes.
  package static func hours(_ minutes: Int) -> String {
    let parts = [
      minutes / 60 > 0 ? "\(minutes / 60) h" : nil, minutes % 60 > 0 ? "\(minutes % 60) min" : nil,
    ]
    let text = parts.compactMap { $0 }.joined(separator: " ")
    return text.isEmpty ? "0 min" : text
  }
}
