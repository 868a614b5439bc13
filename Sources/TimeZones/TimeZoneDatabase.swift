import Glibc
import Scheduling
import Synchronization

/// The time zone database of the system: files of RFC 9636 in a directory, as they are now.
///
/// It keeps the clocks that it has made, and looks once a second at most whether a file that is asked for is
/// another one, so that a program that runs for months follows its updates.
package final class TimeZoneDatabase: TimeZoneSource {
  /// The directory in which the zones are.
  package let directory: String
  private let state = Mutex(State())

  private struct State {
    var clocks: [String: Kept] = [:]
    var names: KeptNames?
    var generation = 0
  }

  /// A clock, and the file that it was made of.
  private struct Kept {
    /// Nil if it could not be read: then it is tried again each time.
    let file: ZoneFile?
    let stamp: FileStamp?
    private(set) var clock: Result<ZoneTimeline, TimeZoneError>
    /// How far the clock reaches.
    private(set) var through = Instant.max
    /// When the file was last looked at, on a clock that never jumps.
    var lookedAt: Int64

    init(_ read: Result<ZoneFile, TimeZoneError>, stamp: FileStamp?, lookedAt: Int64) {
      file = try? read.get()
      self.stamp = stamp
      self.lookedAt = lookedAt
      clock = read.map { _ in .utc }
    }

    /// Whether the file need not be looked at again for times until `needed`.
    func isFresh(at time: Int64, through needed: Instant) -> Bool {
      time - lookedAt < TimeZoneDatabase.patience && through >= needed
    }

    /// Makes a clock that reaches as far and a year further, so that a program that runs on need not do it soon.
    mutating func extend(_ name: String, through needed: Instant) {
      guard let file else { return }
      let reach = min(needed, TimeZoneDatabase.farthest) + 366 * .day
      through = file.rule?.daylight == nil ? .max : reach
      clock = .success(file.timeline(name, through: reach))
    }
  }

  private struct KeptNames {
    var names: ZoneNames
    var stamps: [FileStamp?]
    var lookedAt: Int64
  }

  package init(directory: String) { self.directory = directory }

  /// The database of the process: the directory that `$TZDIR` names, else that of the system.
  package static let system: TimeZoneDatabase = {
    let told = getenv("TZDIR").map { String(cString: $0) } ?? ""
    return TimeZoneDatabase(directory: told.isEmpty ? "/usr/share/zoneinfo" : told)
  }()

  /// How long a file is taken to be as it was, in milliseconds.
  private static let patience: Int64 = 1_000

  /// 9999-12-31T23:59:59.999Z.
  private static let end: Instant = 253_402_300_799_999

  /// No clock need reach further: what a forecast at the last of all times asks for.
  private static let farthest = end + .horizon + 31 * .day

  // MARK: - Clocks

  package var generation: Int { state.withLock { $0.generation } }

  /// The generation once the files of all clocks that were made have been looked at again: another number than
  /// before says that what follows from them has to be reckoned anew.
  package func lookAgain() -> Int {
    let due = state.withLock { $0.clocks }
    let time = Self.time()
    for (name, clock) in due { _ = kept(name, through: clock.through, time: time) }
    return generation
  }

  package func clock(of name: String, now: Instant) throws(TimeZoneError) -> ZoneTimeline {
    // No rule is reckoned further than the year 9999, which is all that a time can be here.
    let needed = min(now, Self.end) + .horizon + 31 * .day
    let time = Self.time()
    if let known = state.withLock({ $0.clocks[name] }), known.isFresh(at: time, through: needed),
      case .success(let clock) = known.clock
    {
      return clock
    }
    guard ZoneNames.isName(name) else {
      throw .unknown(name: name, path: nil, nearest: suggestion(for: name))
    }
    switch kept(name, through: needed, time: time) {
    case .success(let clock): return clock
    case .failure(.unknown(let name, let path, _)):
      throw .unknown(name: name, path: path, nearest: replacement(of: name))
    case .failure(let error): throw error
    }
  }

  /// The clock of a zone as it was made before, unless its file has changed since or it does not reach.
  private func kept(_ name: String, through needed: Instant, time: Int64) -> Result<
    ZoneTimeline, TimeZoneError
  > {
    let before = state.withLock { $0.clocks[name] }
    if let before, before.isFresh(at: time, through: needed) { return before.clock }
    // The file may be replaced while it is read: what is older than its content is read again next time.
    let stamp = FileStamp(path(name))
    var after: Kept
    if let before, before.file != nil, before.stamp == stamp {
      after = before
      after.lookedAt = time
      if before.through < needed { after.extend(name, through: needed) }
    } else {
      after = Kept(read(name), stamp: stamp, lookedAt: time)
      after.extend(name, through: needed)
    }
    state.withLock { state in
      if let before, before.file != after.file { state.generation += 1 }
      state.clocks[name] = after
    }
    return after.clock
  }

  /// What can be chosen in place of a zone that has no file.
  private func replacement(of name: String) -> String? {
    let names = known()
    if let target = names.target(of: name), names.all.contains(target) { return target }
    return suggestion(for: name)
  }

  private func path(_ name: String) -> String { directory + "/" + name }

  /// What a file says now.
  private func read(_ name: String) -> Result<ZoneFile, TimeZoneError> {
    let path = path(name)
    switch SystemFile.read(path) {
    case .missing:
      let isThere = FileStamp(directory) != nil
      return .failure(
        isThere
          ? .unknown(name: name, path: path, nearest: nil) : .noDatabase(name: name, directory: directory))
    case .unreadable(let reason): return .failure(.damaged(name: name, path: path, reason: reason))
    case .bytes(let bytes):
      do {
        return .success(try ZoneFile(bytes))
      } catch {
        // Lists and other texts that stand beside the zones are none.
        let isZone = name.contains("/") || SystemFile.isZone(path)
        return .failure(
          isZone || known().lists(name)
            ? .damaged(name: name, path: path, reason: error.reason)
            : .unknown(name: name, path: path, nearest: nil))
      }
    }
  }

  // MARK: - Names

  package var names: [String] { known().all }

  private func known() -> ZoneNames {
    let time = Self.time()
    let kept = state.withLock { $0.names }
    if let kept, time - kept.lookedAt < Self.patience { return kept.names }
    let stamps = [FileStamp(directory), FileStamp(directory + "/tzdata.zi")]
    let names = kept.flatMap { $0.stamps == stamps ? $0.names : nil } ?? ZoneNames(directory: directory)
    state.withLock { $0.names = KeptNames(names: names, stamps: stamps, lookedAt: time) }
    return names
  }

  /// The version of the data, such as `2025b`; nil if nothing says it.
  package var version: String? {
    let first = SystemFile.firstLine
    let mark = "# version "
    if let line = first(directory + "/tzdata.zi"), line.hasPrefix(mark) {
      return String(line.dropFirst(mark.count))
    }
    return first(directory + "/+VERSION") ?? first(directory + "/version")
  }

  private static func time() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }
}
