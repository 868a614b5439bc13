import ArgumentParser
import Scheduling
import Storage
import TimeZones

/// Values on the command line, read and printed.
enum Words {
  /// A time for people: on the clock of a schedule, UTC without one.
  static func time(_ instant: Instant?, zone: ZoneTimeline) -> String {
    guard let instant else { return "-" }
    return Timestamp.local(instant, offset: zone.offset(at: instant))
  }

  /// The clock by which times of a phone are printed.
  static func zone(of schedule: Schedule?, now: Instant) -> ZoneTimeline {
    schedule.flatMap { TimeZoneDatabase.system.timeline($0.content.timeZone, now: now) } ?? .utc
  }

  static func rate(_ messagesPerMinute: Int) -> String {
    messagesPerMinute == 0 ? "no limit" : "\(messagesPerMinute)/min"
  }

  static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

  /// The windows of a week; a mistake in them is a mistake in the command.
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

  /// Milliseconds of `90s`, `15m`, `12h`, `30d` or `2w`. A number alone could mean anything.
  static func duration(_ text: String, option: String) throws -> Duration {
    let units: [Character: Duration] = ["s": .second, "m": .minute, "h": .hour, "d": .day, "w": .week]
    guard let unit = text.last.flatMap({ units[$0] }), let number = Int64(text.dropLast()), number >= 0,
      number <= 100 * 366 * .day / unit, text.first != "+"
    else {
      throw Failure.usage("\(option): expected a time with its unit, such as 90s, 15m, 12h, 30d or 2w")
    }
    return number * unit
  }
}

extension SIM: ExpressibleByArgument {
  public init?(argument: String) { self.init(rawValue: argument.uppercased()) }
}
