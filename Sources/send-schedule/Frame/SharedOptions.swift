import ArgumentParser
import Glibc
import Scheduling
import Storage
import TimeZones

/// What every command understands.
struct SharedOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      The database: a file, or postgresql://user@host/database. Else $SEND_SCHEDULE_DATABASE, else \
      send-schedule.sqlite in the user's data directory.
      """, valueName: "where"))
  var database: String?

  @Flag(help: "Print JSON, one object a line, with times in UTC.")
  var json = false

  @Option(
    help: ArgumentHelp(
      "Act as if it were this moment, such as 2026-03-29T08:00:00+02:00.", valueName: "time"),
    transform: Moment.parse)
  var now: Instant?

  /// The same, without what the parser needs to know of it.
  var plain: PlainOptions { PlainOptions(database: database, json: json, now: now) }

  /// The moment at which the command acts.
  var moment: Instant { plain.moment }

  /// The same for a transaction, which reads the clock itself once it has begun.
  var time: Time { plain.time }

  /// Who acts, from where, and when.
  var stamp: Stamp { Surroundings.stamp(at: moment, isBegun: now == nil) }

  /// Opens the database.
  func open(for access: Store.Access) throws -> Store { try plain.open(for: access) }
}

/// The values of the options that every command understands.
struct PlainOptions {
  var database: String?
  var json = false
  var now: Instant?

  /// See ``SharedOptions/moment``.
  var moment: Instant { now ?? Moment.present() }

  /// See ``SharedOptions/time``.
  var time: Time { now.map { .fixed($0) } ?? .engine }

  /// Where the database is.
  var place: String { get throws { try Surroundings.databasePath(option: database) } }

  /// See ``SharedOptions/open(for:)``.
  func open(for access: Store.Access) throws -> Store {
    let place = try place
    do {
      return try Store.open(place, for: access, zones: TimeZoneDatabase.system)
    } catch StoreError.olderVersion where access == .read && !Store.isOnServer(place) {
      try bringUp(place)
      return try Store.open(place, for: access, zones: TimeZoneDatabase.system)
    }
  }
}

extension PlainOptions {
  /// Brings an older file to this version, which only those may do who may write to it.
  private func bringUp(_ place: String) throws {
    do {
      try Store.open(place, for: .write, zones: TimeZoneDatabase.system).close()
    } catch StoreError.noPermission, StoreError.readOnly {
      throw StoreError.olderVersion(path: place)
    }
  }
}

/// Points in time on the command line.
enum Moment {
  static func parse(_ text: String) throws -> Instant {
    guard let instant = Timestamp.parse(text) else {
      throw ValidationError("expected a time such as 2026-03-29T08:00:00+02:00")
    }
    return instant
  }

  static func present() -> Instant {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Instant(time.tv_sec) * 1000 + Instant(time.tv_nsec) / 1_000_000
  }
}

/// What the process knows of the user, the connection and the file system's conventions.
enum Surroundings {
  /// All variables.
  static var environment: [String: String] {
    var variables: [String: String] = [:]
    var next = environ
    while let entry = next.pointee {
      let parts = String(cString: entry).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
      next += 1
    }
    return variables
  }

  static func variable(_ name: String) -> String? {
    guard let value = getenv(name) else { return nil }
    let text = String(cString: value)
    return text.isEmpty ? nil : text
  }

  /// Where the database is: as told, else the environment's, else the user's own.
  static func databasePath(option: String?) throws -> String {
    if let option {
      guard !option.isEmpty else { throw Failure.usage("--database: expected a file name") }
      return option
    }
    if let path = variable("SEND_SCHEDULE_DATABASE") { return path }
    let file = "/send-schedule/send-schedule.sqlite"
    // Relative paths in this variable are to be ignored, by its specification.
    if let data = variable("XDG_DATA_HOME"), data.hasPrefix("/") { return data + file }
    guard let home = variable("HOME") ?? homeDirectory() else {
      throw Failure.usage("no home directory is known: say where the database is with --database")
    }
    return home + "/.local/share" + file
  }

  /// Makes the directory of the user's own database where none was named: any other path may be mistyped.
  static func makeOwnDirectory(option: String?) throws {
    guard option == nil, variable("SEND_SCHEDULE_DATABASE") == nil else { return }
    try Store.makeDirectories(for: databasePath(option: nil))
  }

  /// Where programs keep what is neither data nor settings; nil if no home directory is known.
  static func stateDirectory() -> String? {
    if let state = variable("XDG_STATE_HOME"), state.hasPrefix("/") { return state + "/send-schedule" }
    return (variable("HOME") ?? homeDirectory()).map { $0 + "/.local/state/send-schedule" }
  }

  /// The login name, behind sudo that of the user who called it, and where the SSH connection comes from; `isBegun`
  /// where `now` is the clock's time, and not one that was asked about.
  static func stamp(at now: Instant, isBegun: Bool) -> Stamp {
    let connection = variable("SSH_CONNECTION") ?? variable("SSH_CLIENT")
    let origin = connection?.split(separator: " ").first.map(String.init)
    return Stamp(author: author(), origin: origin, at: now, isBegun: isBegun)
  }

  static func author() -> String {
    if geteuid() == 0, let caller = variable("SUDO_USER") { return caller }
    return getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) } ?? variable("LOGNAME")
      ?? "uid \(getuid())"
  }

  static var host: String {
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, 255)
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Host and process, for the history of a message that was handed out.
  static var worker: String { "\(host):\(getpid())" }

  private static func homeDirectory() -> String? {
    getpwuid(getuid()).map { String(cString: $0.pointee.pw_dir) }
  }
}
