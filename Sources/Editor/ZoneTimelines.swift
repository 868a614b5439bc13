import Scheduling
import Synchronization

/// The clocks of the time zones that are in use, each made once.
final class ZoneTimelines: Sendable {
  private struct Made {
    var timelines: [String: ZoneTimeline] = [:]
    var at: Instant?
  }

  private let made = Mutex(Made())

  /// The clock of a zone around `now`; nil if there is no such zone.
  func timeline(_ identifier: String, now: Instant) -> ZoneTimeline? {
    made.withLock { made in
      if made.at.map({ abs(now - $0) > 20 * .day }) ?? true { made = Made(at: now) }
      if let timeline = made.timelines[identifier] { return timeline }
      let timeline = ZoneTimeline(identifier: identifier, around: now)
      made.timelines[identifier] = timeline
      return timeline
    }
  }
}
