import TimeZones

@testable import Editor

extension EditorSettings {
  /// Settings with the clocks of the system's time zones.
  init() { self.init(zones: TimeZoneDatabase.system) }
}
