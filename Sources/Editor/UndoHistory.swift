/// The states that undo and redo go to; without a limit.
package struct UndoHistory<State: Equatable & Sendable>: Sendable {
  private var past: [State] = []
  private var future: [State] = []

  package init() {}

  package var canUndo: Bool { !past.isEmpty }
  package var canRedo: Bool { !future.isEmpty }

  /// Remembers the state before a change; what was undone can no longer be redone.
  package mutating func record(_ state: State) {
    if past.last != state { past.append(state) }
    future.removeAll()
  }

  /// The state before the last change, or nil.
  package mutating func undo(from state: State) -> State? {
    guard let previous = past.popLast() else { return nil }
    future.append(state)
    return previous
  }

  /// The state that the last undo left, or nil.
  package mutating func redo(from state: State) -> State? {
    guard let next = future.popLast() else { return nil }
    past.append(state)
    return next
  }

  /// Changes every remembered state, as when somebody else's save is merged into each.
  package mutating func map(_ change: (State) -> State) {
    past = past.map(change)
    future = future.map(change)
  }
}
