import Scheduling
import Storage

/// The clock of a command that runs for a while: the real one, read each time since it may be set meanwhile, or
/// one that began at the moment of `--now`.
struct Clock {
  private let fixedNow: Instant?
  private let started = ContinuousClock().now

  init(fixedNow: Instant?) { self.fixedNow = fixedNow }

  /// Milliseconds since the command began, whatever the clock was set to.
  var elapsed: Duration {
    let duration = started.duration(to: ContinuousClock().now)
    return duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
  }

  var now: Instant { fixedNow.map { $0 + elapsed } ?? Moment.present() }

  /// The same on the clock that counts for a database.
  func now(of store: Store) -> Instant { fixedNow == nil ? now + store.clockOffset : now }

  /// The moment at which it began, for a transaction: exactly that of `--now`.
  var start: Time { fixedNow.map { .fixed($0) } ?? .engine }

  /// The same for a transaction, which reads the clock itself once it has begun.
  var time: Time { fixedNow == nil ? .engine : .fixed(now) }
}
