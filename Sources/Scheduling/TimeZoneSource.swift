/// Whoever knows the time zones that exist, and their clocks: one for the whole program.
package protocol TimeZoneSource: Sendable {
  /// Every zone that can be chosen, in alphabetical order, aliases too.
  var names: [String] { get }

  /// Another number each time that clocks have changed under those who keep what they made of them.
  var generation: Int { get }

  /// The clock of a zone: all of its past, and its future until the horizon of `now`, a month and more.
  func clock(of name: String, now: Instant) throws(TimeZoneError) -> ZoneTimeline
}

/// Why the clock of a time zone is not known.
package enum TimeZoneError: Error, Equatable, Sendable {
  /// There is no such zone; `path` is where it would be, nil for a text that is no name at all.
  case unknown(name: String, path: String?, nearest: String?)
  /// Its file cannot be read or understood.
  case damaged(name: String, path: String, reason: String)
  /// There is no database at all.
  case noDatabase(name: String, directory: String)

  /// Whether the name is at fault, rather than the files of the system.
  package var isUnknownName: Bool {
    if case .unknown = self { true } else { false }
  }
}

extension TimeZoneError: CustomStringConvertible {
  /// One sentence for people, without a full stop. Texts from outside stand in it as they are.
  package var description: String {
    switch self {
    case .unknown(let name, let path, let nearest):
      "unknown time zone \(name)" + (path.map { " (no file \($0))" } ?? "")
        + (nearest.map { "; did you mean \($0)?" } ?? "")
    case .damaged(let name, let path, let reason): "time zone \(name): \(path) is damaged: \(reason)"
    case .noDatabase(let name, let directory):
      "time zone \(name): there are no time zones in \(directory): install the package tzdata, or set TZDIR"
    }
  }

  /// The same where there is little room: `unknown time zone Europe/Berlin`.
  package var brief: String { "\(briefest) \(name)" }

  /// The same beside the zone's name: `unknown time zone`.
  package var briefest: String {
    switch self {
    case .unknown, .noDatabase: "unknown time zone"
    case .damaged: "damaged time zone"
    }
  }

  private var name: String {
    switch self {
    case .unknown(let name, _, _), .damaged(let name, _, _), .noDatabase(let name, _): name
    }
  }

  /// What a problem with the clock of a schedule's hours, in whatever words, means for its phones.
  package static func consequence(of problem: String) -> String {
    problem.hasSuffix("?") ? "\(problem) Its phones send nothing" : "\(problem); its phones send nothing"
  }
}

extension TimeZoneSource {
  /// When a phone with such a schedule and day's limit may send.
  ///
  /// Where the clock is not known nothing is open, and ``OpenHours/problem`` says why. A schedule that is switched off
  /// needs its clock only for the dates of a day's limit.
  package func hours(of schedule: ScheduleContent?, messagesPerDay: Int, now: Instant) -> OpenHours {
    guard let schedule else { return .always }
    do {
      return OpenHours(schedule, timeline: try clock(of: schedule.timeZone, now: now))
    } catch {
      return !schedule.isActive && messagesPerDay == 0 ? .always : OpenHours(without: error)
    }
  }

  /// The clock of a zone; nil where ``clock(of:now:)`` throws. What has no clock is not open.
  package func timeline(_ name: String, now: Instant) -> ZoneTimeline? { try? clock(of: name, now: now) }

  /// Whether there is such a zone and its clock can be read.
  package func isKnown(_ name: String) -> Bool { timeline(name, now: 0) != nil }

  /// What is added to UTC at an instant in a zone, in milliseconds; nil if its clock is not known.
  package func offset(of name: String, at instant: Instant) -> Duration? {
    timeline(name, now: instant)?.offset(at: instant)
  }

  /// The known name nearest to a mistyped one, to be proposed in an error; nil if none is near.
  package func suggestion(for name: String) -> String? {
    name.utf8.count <= 64 ? Suggestion.nearest(to: name, among: names) : nil
  }

  /// A name to show as an example to whoever wrote another one.
  package func example(for name: String) -> String { suggestion(for: name) ?? "Europe/Tallinn" }
}
