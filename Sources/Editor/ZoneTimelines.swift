import Scheduling

/// The clocks of the time zones that are in use, each made once.
struct ZoneTimelines: Sendable {
  private var timelines: [String: ZoneTimeline] = [:]
  private var madeAt: Instant?

  /// The clock of a zone around `now`; nil if there is no such zone.
  mutating func timeline(_ identifier: String, now: Instant) -> ZoneTimeline? {
    if madeAt.map({ abs(now - $0) > 20 * .day }) ?? true {
      timelines.removeAll()
      madeAt = now
    }
    if let timeline = timelines[identifier] { return timeline }
    let timeline = ZoneTimeline(identifier: identifier, around: now)
    timelines[identifier] = timeline
    return timeline
  }
}
