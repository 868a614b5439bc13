import Scheduling

/// Something that was done to phones at once, and can be undone.
package struct PhoneStep: Equatable, Sendable {
  /// What became of each phone.
  package var changes: [PhoneChange]
  /// What was done, in words: `3 phones held`.
  package var words: String

  package init(_ words: String, _ changes: [PhoneChange]) {
    (self.words, self.changes) = (words, changes)
  }

  /// Whether it is done for the first time, taken back, or done again.
  package enum Kind: Equatable, Sendable { case done, undone, redone }

  /// What takes it back.
  var reversed: PhoneStep { PhoneStep(words, changes.map(\.reversed)) }
}

/// What was done to phones, in order.
struct PhoneSteps: Equatable, Sendable {
  private(set) var done: [PhoneStep] = []
  private(set) var undone: [PhoneStep] = []

  /// Notes what was done, with what really became of the phones; the step is that way round in which it was done now.
  mutating func note(_ step: PhoneStep, _ kind: PhoneStep.Kind) {
    switch kind {
    case .done:
      undone = []
      if !step.changes.isEmpty { done.append(step) }
    case .undone:
      _ = done.popLast()
      if !step.changes.isEmpty { undone.append(step.reversed) }
    case .redone:
      _ = undone.popLast()
      if !step.changes.isEmpty { done.append(step) }
    }
  }
}
