import Scheduling
import Storage
import TimeZones

/// Says whose claims have to look again before their time, while they wait: somebody else wrote, a time zone changed, or
/// the clock was set back, so that hours which were over are still to come.
struct QueueWatch {
  /// How often the clock is read, and the file is asked whether somebody wrote: a few microseconds each time.
  private static let pollInterval: Duration = 250
  /// How often the database is asked where the server tells of writes.
  private static let toldInterval: Duration = 5 * .second
  /// A clock that is put right by less than this, in milliseconds, was not set.
  private static let clockTolerance: Duration = .second

  private let store: Store
  private let clock: Clock
  private let changes: (any Changes)?
  /// The database as it was when it was asked last; nil if it did not answer.
  private var version: StoreVersion?
  private var zones: Int
  /// The latest time that the clock showed since it was last set back.
  private var latest: Instant
  /// When the zones were looked at last, and the database was asked.
  private var looked: Duration
  private var asked: Duration

  /// Whatever happens from now on is told.
  init(_ store: Store, _ clock: Clock) {
    self.store = store
    self.clock = clock
    changes = store.changes()
    version = try? store.version()
    zones = TimeZoneDatabase.system.lookAgain()
    latest = clock.now(of: store)
    looked = clock.elapsed
    asked = looked
  }

  /// For `poll`: can be read when a server tells something; -1 where nobody does.
  var descriptor: Int32 { changes?.descriptor ?? -1 }

  /// The time on the clock that counts.
  var now: Instant { clock.now(of: store) }

  /// For how many milliseconds `poll` may wait if something may be due at an instant; nil for none that is known.
  func timeout(until instant: Instant?) -> Int32 {
    let now = now
    guard let instant, instant < now + Self.pollInterval else { return Int32(Self.pollInterval) }
    return instant <= now ? 0 : Int32(instant - now)
  }

  /// What happened since the last call.
  mutating func news() -> News {
    let told = changes?.take() ?? .nothing
    var isOther = clockWasSetBack()
    let elapsed = clock.elapsed
    if elapsed - looked >= Self.pollInterval {
      looked = elapsed
      isOther = zonesChanged() || isOther
    }
    if elapsed - asked >= (changes == nil ? Self.pollInterval : Self.toldInterval) {
      asked = elapsed
      isOther = othersMayHaveWritten() || isOther
    }
    return isOther ? .anything : told
  }

  private mutating func clockWasSetBack() -> Bool {
    let now = now
    guard now < latest - Self.clockTolerance else {
      latest = max(latest, now)
      return false
    }
    latest = now
    return true
  }

  private mutating func zonesChanged() -> Bool {
    let zones = TimeZoneDatabase.system.lookAgain()
    defer { self.zones = zones }
    return zones != self.zones
  }

  private mutating func othersMayHaveWritten() -> Bool {
    guard let version = try? store.version() else { return false }
    defer { self.version = version }
    return self.version.map { version.mayHaveOthers(since: $0) } ?? true
  }
}
