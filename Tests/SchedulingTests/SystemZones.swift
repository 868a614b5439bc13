import TimeZones

@testable import Scheduling

extension ZoneTimeline {
  /// The clock of a zone of the system; nil if there is no such zone.
  init?(identifier: String, around now: Instant) {
    guard let clock = TimeZoneDatabase.system.timeline(identifier, now: now) else { return nil }
    self = clock
  }
}
