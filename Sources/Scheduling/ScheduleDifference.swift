/// What differs between two states of a schedule, in words for a revision or a question.
///
/// `Fri 12:00-17:00 removed, 5 h less a week`; `time zone Europe/Berlin -> Asia/Tokyo`.
package enum ScheduleDifference {
  /// One sentence part for each thing that differs; empty if nothing does.
  package static func words(from old: ScheduleContent, to new: ScheduleContent) -> [String] {
    var words: [String] = []
    if old.name != new.name { words.append("renamed from “\(old.name)”") }
    if old.timeZone != new.timeZone { words.append("time zone \(old.timeZone) -> \(new.timeZone)") }
    if old.isActive != new.isActive { words.append(new.isActive ? "hours kept" : "hours ignored") }
    words += self.words(from: WeekMinutes(old.windows), to: WeekMinutes(new.windows))
    words += self.words(from: old.exceptions, to: new.exceptions)
    if words.isEmpty, old.windows.sorted() != new.windows.sorted() {
      words.append("the same hours cut into other windows")
    }
    return words
  }

  /// The same for the hours alone.
  package static func words(from old: WeekMinutes, to new: WeekMinutes) -> [String] {
    let added = new.subtracting(old)
    let removed = old.subtracting(new)
    var words: [String] = []
    if !added.isEmpty { words.append("\(brief(added.windows)) added") }
    if !removed.isEmpty { words.append("\(brief(removed.windows)) removed") }
    let balance = new.total - old.total
    if balance != 0, !words.isEmpty {
      words.append("\(DurationNotation.hours(minutes: abs(balance))) \(balance > 0 ? "more" : "less") a week")
    }
    return words
  }

  /// A first revision in words: `mon-fri 09:00-17:00, 40 h a week, 3 exceptions`.
  package static func words(creating content: ScheduleContent) -> String {
    let hours = DurationNotation.hours(minutes: WeekMinutes(content.windows).total)
    let count = content.exceptions.count
    let exceptions = count == 0 ? "" : ", \(count.counted("exception"))"
    return "\(brief(content.windows)), \(hours) a week\(exceptions)"
  }

  private static func brief(_ windows: [Window]) -> String {
    let text = WindowNotation.words(windows)
    return text.count <= 120 ? text : String(text.prefix(119)) + "…"
  }
}
