import Scheduling

/// Something that was done to phones at once, and can be undone.
package struct PhoneStep: Equatable, Sendable {
  /// What became of each phone.
  package var changes: [PhoneChange]
  /// What was done, in words: `3 phones held`.
  package var words: String
  /// How many waiting messages went with removed phones; they do not come back.
  package var lostMessages = 0

  package init(_ words: String, _ changes: [PhoneChange]) {
    (self.words, self.changes) = (words, changes)
  }

  /// Whether it is done for the first time, taken back, or done again.
  package enum Kind: Equatable, Sendable {
    case done, undone, redone

    /// Why it was not done: somebody else changed `what` since.
    func overtakenInWords(_ what: String) -> String {
      "Not \(self == .undone ? "undone" : "done"): somebody else changed \(what) since"
    }
  }

  /// What takes it back.
  var reversed: PhoneStep { PhoneStep(words, changes.map(\.reversed)) }
}

/// What was done to phones, in order.
struct PhoneSteps: Sendable {
  private(set) var done: [PhoneStep] = []
  private(set) var undone: [PhoneStep] = []
  /// What is being taken back or done again, until it is known what came of it.
  private var underWay: [(step: PhoneStep, kind: PhoneStep.Kind)] = []

  /// Takes the step that is to be undone; nil if there is none. The next call takes the one before it.
  mutating func takeForUndo() -> PhoneStep? {
    guard let step = done.popLast() else { return nil }
    underWay.append((step, .undone))
    return step
  }

  /// The same of what is to be done again.
  mutating func takeForRedo() -> PhoneStep? {
    guard let step = undone.popLast() else { return nil }
    underWay.append((step, .redone))
    return step
  }

  /// Something went wrong: what is under way stays as it is.
  mutating func giveUp() {
    for (step, kind) in underWay.reversed() {
      if kind == .undone { done.append(step) } else { undone.append(step) }
    }
    underWay = []
  }

  /// Notes what was done, with what really became of the phones; the step is that way round in which it was done now.
  mutating func note(_ step: PhoneStep, _ kind: PhoneStep.Kind) {
    switch kind {
    case .done:
      undone = []
      if !step.changes.isEmpty { done.append(step) }
    case .undone:
      if !underWay.isEmpty { underWay.removeFirst() }
      if !step.changes.isEmpty { undone.append(step.reversed) }
    case .redone:
      if !underWay.isEmpty { underWay.removeFirst() }
      if !step.changes.isEmpty { done.append(step) }
    }
  }
}
