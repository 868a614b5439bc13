import Scheduling

/// The drafts that undo and redo go to; without a limit.
package struct UndoHistory: Sendable {
  /// What somebody else changed since.
  package enum Overtaken: String, Sendable {
    case phone = "the phone"
    case schedule = "the schedule"
  }

  /// Where a step leads.
  package enum Move: Equatable, Sendable {
    case nowhere
    case to(Draft)
    /// Somebody else changed since what the step had changed: there is nothing of it to take back.
    case overtaken(Overtaken)
  }

  /// A draft, and what somebody else changed since of what differs between it and the next one.
  private struct Step: Sendable {
    var draft: Draft
    var overtaken: Overtaken?
  }

  private var past: [Step] = []
  private var future: [Step] = []

  package init() {}

  /// How many steps can be undone.
  var depth: Int { past.count }

  /// Remembers the draft before a change; what was undone can no longer be redone.
  package mutating func record(_ draft: Draft) {
    if past.last?.draft != draft { past.append(Step(draft: draft)) }
    future.removeAll()
  }

  /// To the draft before the last change.
  package mutating func undo(from draft: Draft) -> Move { Self.step(from: draft, back: &past, on: &future) }

  /// To the draft that the last undo left.
  package mutating func redo(from draft: Draft) -> Move { Self.step(from: draft, back: &future, on: &past) }

  private static func step(from draft: Draft, back: inout [Step], on: inout [Step]) -> Move {
    // Drafts that a merge made the same as this one are no steps.
    while let step = back.popLast() {
      if step.draft != draft {
        on.append(Step(draft: draft))
        return .to(step.draft)
      }
      if let overtaken = step.overtaken { return .overtaken(overtaken) }
    }
    return .nowhere
  }

  /// Changes every remembered draft.
  package mutating func map(_ change: (Draft) -> Draft) {
    for index in past.indices { past[index].draft = change(past[index].draft) }
    for index in future.indices { future[index].draft = change(future[index].draft) }
  }

  /// Merges somebody else's save into every remembered draft; `present` is the draft that it meets.
  ///
  /// Where both changed the same, unsaved work stays mine; but what was saved and then changed by them is theirs, and no
  /// step leads back over it.
  mutating func merge(theirs: Draft, ancestor: Draft, present: Draft) {
    let merged = { (steps: [Step]) -> [Step] in
      var merge = HistoryMerge(theirs: theirs, ancestor: ancestor, present: present)
      return steps.reversed().map { step in
        let (draft, overtaken) = merge.take(step.draft)
        return Step(draft: draft, overtaken: overtaken ?? step.overtaken)
      }.reversed()
    }
    past = merged(past)
    future = merged(future)
  }
}

/// Somebody else's save on its way through remembered drafts, from the present one to those farther away.
private struct HistoryMerge {
  let theirs: Draft
  let ancestor: Draft
  /// The drafts that it has passed, as they were.
  private var passed: [Draft]
  /// What it met as it was saved, so that it is theirs from there on.
  private var saved: Set<DraftMerge.Conflict.Field> = []

  init(theirs: Draft, ancestor: Draft, present: Draft) {
    (self.theirs, self.ancestor, passed) = (theirs, ancestor, [present])
  }

  /// The next draft merged, and what keeps a step from it to the one before from being one.
  mutating func take(_ draft: Draft) -> (Draft, UndoHistory.Overtaken?) {
    let merge = DraftMerge(ancestor: ancestor, mine: draft, theirs: theirs)
    var (merged, overtaken) = (merge.merged, UndoHistory.Overtaken?.none)
    for conflict in merge.conflicts where isSaved(conflict.field) {
      conflict.apply(&merged, false)
      if let nearer = passed.last, !conflict.field.isSame(draft, nearer) {
        overtaken = conflict.field.isOfPhone ? .phone : .schedule
      }
    }
    passed.append(draft)
    return (merged, overtaken)
  }

  private mutating func isSaved(_ field: DraftMerge.Conflict.Field) -> Bool {
    if saved.contains(field) { return true }
    guard passed.contains(where: { field.isSame($0, ancestor) }) else { return false }
    saved.insert(field)
    return true
  }
}
