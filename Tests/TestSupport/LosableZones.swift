import Scheduling
import Synchronization
import TimeZones

/// The system's time zones, of which some can go missing.
package final class LosableZones: TimeZoneSource {
  private let lost: Mutex<Set<String>>

  package init(without names: Set<String> = []) { lost = Mutex(names) }

  package func lose(_ names: Set<String>) { lost.withLock { $0.formUnion(names) } }

  package var names: [String] {
    let lost = lost.withLock { $0 }
    return TimeZoneDatabase.system.names.filter { !lost.contains($0) }
  }

  package var generation: Int { lost.withLock { $0.count } + TimeZoneDatabase.system.generation }

  package func clock(of name: String, now: Instant) throws(TimeZoneError) -> ZoneTimeline {
    guard !lost.withLock({ $0.contains(name) }) else {
      throw .unknown(name: name, path: "/usr/share/zoneinfo/\(name)", nearest: nil)
    }
    return try TimeZoneDatabase.system.clock(of: name, now: now)
  }
}
