import Canvas
import Scheduling

/// What an administrator does to one message; it acts at once, and is no part of the draft.
package struct MessageChange: Equatable, Sendable {
  package enum Action: Equatable, Sendable {
    case cancel
    /// Back into the queue.
    case retry
    /// Not before an instant; nil for as soon as its turn comes.
    case reschedule(to: Instant?)
    case mark(exact: Bool)
  }

  package var id: String
  package var contact: String
  package var action: Action
  /// What it was before and after; nil until it is done.
  package var effect: Effect?

  package struct Effect: Equatable, Sendable {
    /// The store's integer for the message.
    package var key: Int64
    package var before: Message
    package var after: Message

    package init(key: Int64, before: Message, after: Message) {
      (self.key, self.before, self.after) = (key, before, after)
    }
  }

  /// What it did: `canceled the message to +1…`.
  func words(_ moment: (Instant) -> String) -> String {
    let contact = harmless(contact)
    switch action {
    case .cancel: return "canceled the message to \(contact)"
    case .retry: return "the message to \(contact) waits again"
    case .reschedule(let to?): return "the message to \(contact) waits until \(moment(to))"
    case .reschedule(nil): return "the message to \(contact) goes out when its turn comes"
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
