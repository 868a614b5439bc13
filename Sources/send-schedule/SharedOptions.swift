import ArgumentParser
import Foundation
import Scheduling

/// Which database is meant.
struct DatabaseOption: ParsableArguments {
  @Option(help: ArgumentHelp("The database (else $SEND_SCHEDULE_DATABASE, else in $XDG_DATA_HOME).", valueName: "file"))
  var database: String?

  /// The file that is meant, by the option or the environment.
  var path: String {
    let environment = ProcessInfo.processInfo.environment
    if let database { return database }
    if let path = environment["SEND_SCHEDULE_DATABASE"], !path.isEmpty { return path }
    let home = environment["HOME"] ?? NSHomeDirectory()
    let data = environment["XDG_DATA_HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? home + "/.local/share"
    return data + "/send-schedule/send-schedule.sqlite"
  }
}

/// Which moment is meant.
struct NowOption: ParsableArguments {
  @Option(
    help: ArgumentHelp("Ask about another moment, such as 2026-03-29T08:00:00Z.", valueName: "rfc3339"),
    transform: { text in
      guard let instant = Timestamp.parse(text) else {
        throw ValidationError("“\(text)”: expected a time such as 2026-03-29T08:00:00Z")
      }
      return instant
    })
  var now: Instant?

  /// The moment that is asked about, or that it is.
  var instant: Instant { now ?? Self.clock() }

  /// The system's clock.
  static func clock() -> Instant {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }
}
