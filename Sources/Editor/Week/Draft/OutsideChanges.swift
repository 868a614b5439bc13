import Canvas
import Scheduling

/// Something that acted at once, and is no part of the draft: a message canceled, the phone held.
enum OutsideChange: Equatable, Sendable {
  case message(MessageChange)
  case retries(RetriedMessages)
  case phones(PhoneStep)
}

/// Such changes among the steps of the draft, so that undo takes back what came last.
struct OutsideChanges: Sendable {
  /// With how many steps of the draft there were before.
  private var done: [(change: OutsideChange, depth: Int)] = []
  private var undone: [(change: OutsideChange, depth: Int)] = []

  mutating func record(_ change: OutsideChange, depth: Int) {
    done.append((change, depth))
    undone = []
  }

  /// A step of the draft was made: what was undone before is not to come back.
  mutating func forgetUndone() { undone = [] }

  /// The change that came after the last step of the draft.
  mutating func undo(depth: Int) -> OutsideChange? {
    guard let last = done.last, last.depth >= depth else { return nil }
    undone.append(last)
    return done.removeLast().change
  }

  /// The change that was undone before the next step of the draft was.
  mutating func redo(depth: Int) -> OutsideChange? {
    guard let last = undone.last, last.depth <= depth else { return nil }
    done.append(last)
    return undone.removeLast().change
  }

  /// What was done again had another effect than at first.
  mutating func redone(_ change: OutsideChange) { if !done.isEmpty { done[done.count - 1].change = change } }
}

extension WeekScreen {
  /// Takes back the change that came after the last step of the draft; false if there is none.
  mutating func undoOutside(_ context: inout Context) -> Bool {
    guard !context.isStillRetrying() else { return true }
    switch outside.undo(depth: history.depth) {
    case .retries(let retried):
      context.retry(retried, .undo)
    case .message(let change): context.perform(.changeMessage(change, .undo))
    case .phones(let step): context.perform(.changePhones(step.reversed, .undone))
    case nil: return false
    }
    return true
  }

  mutating func redoOutside(_ context: inout Context) -> Bool {
    guard !context.isStillRetrying() else { return true }
    switch outside.redo(depth: history.depth) {
    case .retries(let retried):
      context.retry(retried, .redo)
    case .message(let change): context.perform(.changeMessage(change, .redo))
    case .phones(let step): context.perform(.changePhones(step, .redone))
    case nil: return false
    }
    return true
  }

  /// A message was changed as it was asked for, or the change was taken back.
  mutating func receive(_ change: MessageChange, _ kind: StepKind, _ context: inout Context) {
    let words = change.words(sentenceMoment(context))
    switch kind {
    case .make:
      outside.record(.message(change), depth: history.depth)
      context.say(.good, "\(words.capitalisedFirst); u undoes")
      follow(change)
    case .undo:
      context.say(.good, "Undone: \(words)")
      if let effect = change.effect { show(effect.before, effect.key, &context) }
    case .redo:
      outside.redone(.message(change))
      context.say(.good, "Done again: \(words)")
      follow(change)
    }
  }

  /// The message that was changed stays selected, wherever it stands in what waits.
  private mutating func follow(_ change: MessageChange) {
    guard forecast.others == nil, let effect = change.effect, effect.after.status.isWaiting else { return }
    select(waiting: effect.key)
  }

  /// Selects a message in the list in which it stands now.
  private mutating func show(_ message: Message, _ key: Int64, _ context: inout Context) {
    if message.status.isWaiting {
      forecast.others = nil
      select(waiting: key)
    } else if let group = MessageGroup(message.status) {
      forecast.others = OtherMessages(group, selecting: key)
      context.perform(.listMessages(phoneID: phone.id, group))
    }
  }

  /// This phone was held, released or otherwise changed at once.
  mutating func receive(_ step: PhoneStep, _ kind: PhoneStep.Kind) {
    guard kind == .done, step.changes.contains(where: { $0.phoneID == phone.id }) else { return }
    outside.record(.phones(step), depth: history.depth)
  }
}
