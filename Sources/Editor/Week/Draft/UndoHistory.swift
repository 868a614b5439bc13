/// The states that undo and redo go to; without a limit.
package struct UndoHistory<State: Equatable & Sendable>: Sendable {
  private var past: [State] = []
  private var future: [State] = []

  package init() {}

  /// How many steps can be undone.
  var depth: Int { past.count }

  /// Remembers the state before a change; what was undone can no longer be redone.
  package mutating func record(_ state: State) {
    if past.last != state { past.append(state) }
    future.removeAll()
  }

  /// The state before the last change, or nil.
  package mutating func undo(from state: State) -> State? {
    // States that a merge made the same as this one are no steps.
    while let previous = past.popLast() {
      if previous == state { continue }
      future.append(state)
      return previous
    }
    return nil
  }

  /// The state that the last undo left, or nil.
  package mutating func redo(from state: State) -> State? {
    while let next = future.popLast() {
      if next == state { continue }
      past.append(state)
      return next
    }
    return nil
  }

  /// Changes every remembered state, as when somebody else's save is merged into each.
  package mutating func map(_ change: (State) -> State) {
    past = past.map(change)
    future = future.map(change)
  }
}
