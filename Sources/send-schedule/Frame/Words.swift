import ArgumentParser
import Scheduling
import Storage
import TimeZones

/// Values on the command line, printed.
enum Words {
  /// A time for people: on the clock of a schedule, UTC without one.
  static func time(_ instant: Instant?, zone: ZoneTimeline) -> String {
    guard let instant else { return "-" }
    return Timestamp.local(instant, offset: zone.offset(at: instant))
  }

  /// The clock by which times of a phone are printed and typed.
  static func zone(of schedule: Schedule?, now: Instant) -> ZoneTimeline {
    schedule.flatMap { TimeZoneDatabase.system.timeline($0.content.timeZone, now: now) } ?? .utc
  }

  /// The date on the clock of a schedule.
  static func today(of schedule: Schedule?, now: Instant) -> CivilDate {
    zone(of: schedule, now: now).date(at: now)
  }

  static func rate(_ messagesPerMinute: Int) -> String {
    messagesPerMinute == 0 ? "no limit" : "\(messagesPerMinute) a minute"
  }

  static func dayLimit(_ messagesPerDay: Int) -> String {
    messagesPerDay == 0 ? "no limit" : "\(messagesPerDay) a day"
  }

  /// A phone's rate and day's limit, for a list.
  static func rate(of phone: Phone) -> String {
    let rate = rate(phone.messagesPerMinute)
    return phone.messagesPerDay == 0 ? rate : "\(rate), \(dayLimit(phone.messagesPerDay))"
  }

  static func pause(_ failures: Int) -> String {
    failures == 0 ? "never" : "\(count(failures, "failure")) in a row"
  }

  /// A phone's schedule, for people.
  static func schedule(_ schedule: Schedule?) -> String {
    guard let content = schedule?.content else { return "-" }
    return content.isActive ? content.name : "\(content.name) (off: hours ignored)"
  }

  static func count(_ number: Int, _ noun: String) -> String { number.counted(noun) }
}

// What is typed. A mistake in it is a mistake in the command.
extension Words {
  /// The windows of a week.
  static func windows(_ texts: [String]) throws -> [Window] {
    do {
      let windows = try WindowNotation.parse(texts.joined(separator: " "))
      if let problem = Window.check(windows) { throw Failure.usage("windows: expected \(problem.expected)") }
      return windows
    } catch let error as NotationError {
      throw Failure.usage("windows: \(error)")
    }
  }

  /// An IANA time zone by its exact name.
  static func timeZone(_ name: String) throws -> String {
    do {
      _ = try TimeZoneDatabase.system.clock(of: name, now: 0)
      return name
    } catch {
      throw Failure(
        code: error.isUnknownName ? Failure.badData : Failure.unavailable, "--time-zone: \(error)")
    }
  }

  /// Milliseconds of `90s`, `15 min`, `12h`, `30d` or `2w`. A number alone could mean anything.
  static func duration(_ text: String, option: String) throws -> Duration {
    try notation(option) { () throws(NotationError) in try DurationNotation.parse(text) }
  }

  /// The same where a number alone is seconds, as the option's name in the data says.
  static func seconds(_ text: String, option: String) throws -> Duration {
    try notation(option) { () throws(NotationError) in try DurationNotation.parseSeconds(text) }
  }

  private static func notation<Value>(
    _ option: String, _ parse: () throws(NotationError) -> Value
  ) throws -> Value {
    do throws(NotationError) {
      return try parse()
    } catch {
      throw Failure.usage("\(option): \(error)")
    }
  }

  /// The instant of `thu 10:00`, `in 2 h`, or RFC 3339; without an offset on the clock of a schedule.
  ///
  /// `zone` is asked for only where there is none.
  static func moment(
    _ text: String, option: String, zone: @autoclosure () throws -> ZoneTimeline, now: Instant
  ) throws -> Instant {
    let instant: Instant
    if let found = Timestamp.parse(text) {
      instant = found
    } else {
      let zone = try zone()
      instant = try notation(option) { () throws(NotationError) in
        try MomentNotation.parse(text, now: now, timeline: zone)
      }
    }
    guard Instant.storable.contains(instant) else {
      throw Failure.usage("\(option): “\(text)”: expected a moment of the years 1 to 9999 in UTC")
    }
    return instant
  }

  /// The same, or an instant so long after now.
  static func expiry(
    _ text: String, option: String, zone: @autoclosure () throws -> ZoneTimeline, now: Instant
  ) throws -> Instant {
    if let duration = try? DurationNotation.parse(text) {
      guard duration > 0 else {
        throw Failure.usage("\(option): “\(text)”: expected a time longer than nothing")
      }
      return now + duration
    }
    let zone = Timestamp.parse(text) == nil ? try zone() : .utc
    do {
      return try moment(text, option: option, zone: zone, now: now)
    } catch let failure as Failure {
      throw Failure.usage("\(failure.message), or how long from now, such as 90m or 2d")
    }
  }
}

extension SIM: ExpressibleByArgument {
  public init?(argument: String) { self.init(rawValue: argument.uppercased()) }
}
