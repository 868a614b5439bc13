import Formats
import Glibc
import Scheduling
import Storage

/// Claims as soon as a message is due, and looks again when another process wrote.
struct ClaimWait {
  let store: Store
  let phone: String
  let lease: Duration
  let clock: Clock
  /// How long to wait, in milliseconds; 0 for a single look.
  let patience: Duration

  /// Can be read once a signal has come: it is heard only while nothing is claimed.
  private let bell: Int32

  private enum Look {
    case claimed(Claim)
    case nothing(nextAt: Instant?)
    case busy

    var isClaim: Bool { if case .claimed = self { true } else { false } }
  }

  init(store: Store, phone: String, lease: Duration, clock: Clock, patience: Duration) throws {
    bell = try StopSignal.watchWithBell()
    self.store = store
    self.phone = phone
    self.lease = lease
    self.clock = clock
    self.patience = patience
  }

  func run() throws {
    guard patience > 0 else { return try finish(look(at: clock.start)) }
    var watch = QueueWatch(store, clock)
    var found = try look(at: clock.start)
    while !found.isClaim, clock.elapsed < patience {
      try pause(after: found, &watch)
      found = try look(at: clock.time)
    }
    try finish(found)
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

  /// Waits until it is time to look again: a moment came, or what decides it may have changed.
  private func pause(after found: Look, _ watch: inout QueueWatch) throws {
    var until: Instant?
    if case .nothing(let nextAt) = found { until = nextAt }
    while true {
      try rest(Int32(min(Duration(watch.timeout(until: until)), max(0, patience - clock.elapsed))), watch)
      let news = watch.news()
      // Whoever keeps the file busy may have gone.
      if case .busy = found { return }
      if concerns(news) || clock.elapsed >= patience { return }
      if let until, watch.now >= until { return }
    }
  }

  private func concerns(_ news: News) -> Bool {
    switch news {
    case .nothing: false
    case .anything: true
    // It may be named by its id.
    case .phones(let numbers): !phone.hasPrefix("+") || numbers.contains(phone)
    }
  }

  /// Waits so many milliseconds or until somebody tells something, for nobody any more once the reader or a signal
  /// says so.
  private func rest(_ milliseconds: Int32, _ watch: QueueWatch) throws {
    var waits = [
      pollfd(fd: bell, events: Int16(POLLIN), revents: 0),
      pollfd(fd: STDOUT_FILENO, events: 0, revents: 0),
      pollfd(fd: watch.descriptor, events: Int16(POLLIN), revents: 0),
    ]
    let count = poll(&waits, 3, milliseconds)
    if let signal = StopSignal.received { StopSignal.die(of: signal) }
    if count > 0, waits[1].revents & Int16(POLLERR | POLLHUP) != 0 {
      throw Failure(code: Failure.closedPipe, "")
    }
  }

  private func finish(_ found: Look) throws {
    if case .claimed(let claim) = found { try print(claim) } else { try printNothing(found) }
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
