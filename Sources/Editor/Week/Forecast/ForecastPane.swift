import Scheduling
import Synchronization

/// The queue of a phone and when it goes out: as saved, and under the draft; and what of it is on the screen.
package struct ForecastPane: Sendable {
  /// Nil while it loads; of a long one the beginning comes first, of which the totals and times follow already.
  package internal(set) var queue: SendQueue? { didSet { change() } }
  /// How many messages wait in the queue that loads; nil while that is not known.
  var waiting: Int? { didSet { change() } }
  /// The phone's latest send.
  package internal(set) var previous: Instant?
  /// What went out lately, for the day's limit.
  package internal(set) var sends = RecentSends()
  /// The forecast of what is saved, and of the draft.
  package internal(set) var saved: Forecast? { didSet { change() } }
  package internal(set) var draft: Forecast? { didSet { change() } }
  /// Another number for each state of what is shown, in the whole process.
  private(set) var stamp = 0
  /// What to warn of under the draft; nil until it is found.
  var warnings: [Warning]?
  /// How many messages were queued in the last seven days; nil while that is not known.
  var arrivals: Int?
  /// What is listed in place of what waits.
  var others: OtherMessages?

  /// The position at the top of the list, and the one selected.
  package internal(set) var top = 0
  package internal(set) var selected = 0
  /// The words of messages near the screen, by key.
  package internal(set) var texts: [Int64: MessageText] = [:] { didSet { change() } }
  private var asked: Set<Int64> = []
  /// What was searched last, and the keys of the messages that it found.
  package internal(set) var search = ""
  package internal(set) var found: Set<Int64> = []

  private static let stamps = Atomic<Int>(0)

  private mutating func change() { stamp = Self.stamps.add(1, ordering: .relaxed).newValue }

  /// Selects another message, so many on or back.
  mutating func move(_ step: Int) {
    guard let count = draft?.count else { return }
    selected = min(max(0, selected + step), max(0, count - 1))
  }

  /// Scrolls so that the selected message is on the screen.
  mutating func scroll(rows: Int) {
    guard let count = draft?.count, rows > 0 else { return }
    selected = min(max(0, selected), max(0, count - 1))
    top = min(max(top, selected - rows + 1), selected)
    top = max(0, min(top, count - rows))
  }

  /// The messages on the screen whose words are not asked for yet; they count as asked from now on.
  mutating func wantedTexts(rows: Int) -> [Int64] {
    guard let draft, rows > 0 else { return [] }
    let keys = draft.entries(top..<top + rows).compactMap { draft.queue.key(of: $0.message) }
    let wanted = keys.filter { texts[$0] == nil && !asked.contains($0) }
    if texts.count > Self.mostTexts {
      texts.removeAll()
      asked.removeAll()
    }
    asked.formUnion(wanted)
    return wanted
  }

  private static let mostTexts = 4_000

  /// The words of a message that is or was on the screen; nil while they, or its place in the queue, are loading.
  func text(of message: QueueIndex) -> MessageText? {
    queue.flatMap { $0.key(of: message) }.flatMap { texts[$0] }
  }
}
