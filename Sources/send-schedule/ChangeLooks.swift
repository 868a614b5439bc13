/// When to look for what others wrote: soon after they did, but not too often, and a few times more, since a writer's
/// bytes are in the file before its transaction is, by as long as the disk needs.
struct ChangeLooks {
  private typealias Clock = ContinuousClock

  /// The shortest time between two looks; the pauses after a change begin with it and double.
  private static let gap: Swift.Duration = .milliseconds(400)
  private static let most = 3

  private var due: Clock.Instant?
  private var last: Clock.Instant?
  private var left = 0

  /// Somebody wrote.
  mutating func noteChange() {
    let soonest = max(Clock.now, last.map { $0 + Self.gap } ?? Clock.now)
    due = min(due ?? soonest, soonest)
    left = Self.most
  }

  /// Whether to look now; says so once.
  mutating func isDue() -> Bool {
    guard let due, due <= Clock.now else { return false }
    last = Clock.now
    self.due = left > 0 ? Clock.now + Self.gap * (1 << (Self.most - left)) : nil
    left -= 1
    return true
  }

  /// Whether to be told of changes: not so soon after a look that the next one would be too early. A busy gateway
  /// writes hundreds of times a second, and to be woken by each would cost more than to look.
  var isListening: Bool { listensAgain.map { $0 <= Clock.now } ?? true }

  private var listensAgain: Clock.Instant? { last.map { $0 + Self.gap } }

  /// Milliseconds until the next look, or until changes are listened to again; nil if there is neither to come.
  var milliseconds: Int? {
    [due, isListening ? nil : listensAgain].compactMap { $0 }.min().map { next in
      let left = Clock.now.duration(to: next).components
      return max(0, Int(left.seconds) * 1_000 + Int(left.attoseconds / 1_000_000_000_000_000) + 1)
    }
  }
}
