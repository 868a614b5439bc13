import Canvas
import Scheduling

/// What an administrator does to one message; it acts at once, and is no part of the draft.
package struct MessageChange: Equatable, Sendable {
  package enum Action: Equatable, Sendable {
    case cancel
    /// Back into the queue.
    case retry
    /// Not before an instant; nil for as soon as its turn comes.
    case reschedule(from: Instant?, to: Instant?)
    case mark(exact: Bool)
  }

  package var id: String
  package var contact: String
  package var action: Action

  /// What takes it back.
  package var reversed: MessageChange {
    var change = self
    switch action {
    case .cancel: change.action = .retry
    case .retry: change.action = .cancel
    case .reschedule(let from, let to): change.action = .reschedule(from: to, to: from)
    case .mark(let isExact): change.action = .mark(exact: !isExact)
    }
    return change
  }

  /// What it did: `canceled the message to +1…`.
  func words(_ moment: (Instant) -> String) -> String {
    let contact = harmless(contact)
    switch action {
    case .cancel: return "canceled the message to \(contact)"
    case .retry: return "the message to \(contact) waits again"
    case .reschedule(_, let to?): return "the message to \(contact) goes out no earlier than \(moment(to))"
    case .reschedule(_, nil): return "the message to \(contact) goes out when its turn comes"
    case .mark(let isExact):
      return isExact
        ? "the message to \(contact) is exact"
        : "the message to \(contact) is not exact any more"
    }
  }
}

/// A message as it is stored, and what happened to it.
package struct MessageDetails: Equatable, Sendable {
  package var message: Message
  /// The oldest first.
  package var events: [MessageEvent]

  package init(message: Message, events: [MessageEvent]) {
    (self.message, self.events) = (message, events)
  }
}
