import Canvas
import Scheduling

/// The saved states of the schedule: listed, drawn on the grid, restored.
extension Editor {
  mutating func showRevisions() -> [Effect] {
    guard let id = week?.draft.scheduleID else {
      say(.info, "No saved schedule here, so no revisions")
      return []
    }
    return [.loadRevisions(scheduleID: id)]
  }

  mutating func press(_ key: Key, in list: RevisionList) -> [Effect] {
    var list = list
    switch key {
    case .up, .character("k"): list.selected = max(0, list.selected - 1)
    case .down, .character("j"): list.selected = min(list.rows.count - 1, list.selected + 1)
    case .home: list.selected = 0
    case .end: list.selected = list.rows.count - 1
    case .enter, .character("c"):
      modal = nil
      let row = list.rows[list.selected]
      week?.compared = row
      week?.overlay = .change
      let words = week?.draft.content(keeping: row.content.windows).map {
        ScheduleDifference.words(from: row.content, to: $0).joined(separator: ", ")
      }
      let difference = words.flatMap { $0.isEmpty ? nil : $0 } ?? "nothing differs"
      say(.info, "Since revision \(row.number): \(difference); Esc ends it")
      return settle()
    case .character("r"):
      modal = nil
      return restore(list.rows[list.selected])
    case .escape, .character("q"), .control("c"):
      modal = nil
      return []
    default: return []
    }
    modal = .revisions(list)
    return []
  }

  /// Puts a revision into the draft, to be seen, saved as a new one, or undone.
  mutating func restore(_ row: RevisionRow) -> [Effect] {
    let effects = edit { draft in
      draft.timeZone = row.content.timeZone
      draft.isActive = row.content.isActive
      draft.week = WeekMinutes(row.content.windows)
      draft.name = row.content.name
    }
    if notice == nil { say(.info, "Revision \(row.number) is in the draft; s saves it as a new revision") }
    return effects
  }
}
