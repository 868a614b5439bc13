import Formats
import Glibc
import Scheduling
import Storage
import TimeZones

/// Claims as soon as a message is due, and looks again when another process wrote.
struct ClaimWait {
  let store: Store
  let phone: String
  let lease: Duration
  let clock: Clock
  /// How long to wait, in milliseconds; 0 for a single look.
  let patience: Duration

  /// How often the file is asked whether somebody wrote: a few microseconds each time. The clock is read as
  /// often, so that a step of it is noticed.
  private static let pollInterval: Duration = 250

  /// The same where the server tells of writes.
  private static let toldInterval: Duration = 5 * .second

  private let changes: (any Changes)?
  /// Can be read once a signal has come: it is heard only while nothing is claimed.
  private let bell: Int32

  private enum Look {
    case claimed(Claim)
    case nothing(nextAt: Instant?)
    case busy
  }

  init(store: Store, phone: String, lease: Duration, clock: Clock, patience: Duration) throws {
    bell = try StopSignal.watchWithBell()
    changes = patience > 0 ? store.changes() : nil
    self.store = store
    self.phone = phone
    self.lease = lease
    self.clock = clock
    self.patience = patience
  }

  func run() throws {
    var time = clock.start
    while true {
      let zones = TimeZoneDatabase.system.lookAgain()
      let version = try? store.version()
      let found = try look(at: time)
      if case .claimed(let claim) = found { return try print(claim) }
      guard clock.elapsed < patience else { return try printNothing(found) }
      try pause(after: found, version: version, zones: zones)
      time = clock.time
    }
  }

  private func look(at time: Time) throws -> Look {
    do {
      switch try store.claim(phone: phone, lease: lease, at: time, by: Surroundings.worker) {
      case .claimed(let claim): return .claimed(claim)
      case .nothing(let nextAt): return .nothing(nextAt: nextAt)
      }
    } catch StoreError.busy {
      return .busy
    } catch StoreError.unreachable where patience > 0 {
      // The server may come back.
      return .busy
    }
  }

  /// Waits until it is time to look again: a moment came, somebody wrote, or a time zone changed.
  private func pause(after found: Look, version: StoreVersion?, zones: Int) throws {
    var until = Instant.max
    if case .nothing(let nextAt?) = found { until = nextAt - store.clockOffset }
    var asked = clock.elapsed
    while true {
      let rest = min(Self.pollInterval, until - clock.now, patience - clock.elapsed)
      let isTold = try hearken(for: max(0, rest))
      // Whoever keeps the file busy may have gone.
      if case .busy = found { return }
      if isTold || clock.now >= until || clock.elapsed >= patience { return }
      if TimeZoneDatabase.system.lookAgain() != zones { return }
      if changes == nil || clock.elapsed - asked >= Self.toldInterval {
        asked = clock.elapsed
        if (try? store.version()) != version { return }
      }
    }
  }

  /// Waits so many milliseconds, for nobody any more once the reader or a signal says so; true if somebody told of
  /// a write meanwhile.
  private func hearken(for duration: Duration) throws -> Bool {
    var waits = [
      pollfd(fd: bell, events: Int16(POLLIN), revents: 0),
      pollfd(fd: STDOUT_FILENO, events: 0, revents: 0),
      pollfd(fd: changes?.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
    ]
    let count = poll(&waits, 3, Int32(duration))
    if let signal = StopSignal.received { StopSignal.die(of: signal) }
    guard count > 0 else { return false }
    if waits[1].revents & Int16(POLLERR | POLLHUP) != 0 { throw Failure(code: Failure.closedPipe, "") }
    guard waits[2].revents != 0, let changes else { return false }
    switch changes.take() {
    case .nothing: return false
    case .anything: return true
    // It may be named by its id.
    case .phones(let numbers): return !phone.hasPrefix("+") || numbers.contains(phone)
    }
  }

  /// Hands the claim on, or takes it back if it cannot be written.
  private func print(_ claim: Claim) throws {
    do {
      try Output.shared.json { $0.claim(claim) }
      try Output.shared.flush()
    } catch {
      _ = try? store.release(
        claimOf: claim.messageID, attempt: claim.attempt, at: clock.time, by: Surroundings.worker)
      throw error
    }
  }

  private func printNothing(_ found: Look) throws {
    try Output.shared.json { json in
      json.raw("{\"claimed\":null,\"next_at\":")
      if case .nothing(let nextAt) = found { json.time(nextAt) } else { json.raw("null,\"busy\":true") }
      json.raw("}")
    }
    throw Failure(code: Failure.temporary, "")
  }
}

extension JSONBytes {
  mutating func claim(_ claim: Claim) {
    raw("{")
    members(of: claim)
    raw("}")
  }

  /// What a gateway needs to know of a claim.
  mutating func members(of claim: Claim) {
    raw("\"message_id\":")
    text(claim.messageID)
    raw(",\"owner\":")
    text(claim.owner)
    raw(",\"sim\":")
    text(claim.sim.rawValue)
    raw(",\"contact\":")
    text(claim.contact)
    raw(",\"content\":")
    text(claim.content)
    raw(",\"attempt\":")
    integer(claim.attempt)
    raw(",\"lease_expires_at\":")
    time(claim.leaseExpiresAt)
  }
}
