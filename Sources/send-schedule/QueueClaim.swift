import ArgumentParser
import Foundation
import Scheduling
import Storage

struct QueueClaim: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "claim", abstract: "Hand out the next message of a phone if it is due.",
    discussion: """
      Prints the message as JSON. If none is due, prints when to come back and ends with exit code 75. \
      A message on which neither sent nor failed is reported within its lease goes back to the queue.
      """)
  @Argument(help: "The phone's number or id.") var phone: String
  @Option(help: ArgumentHelp("How long the message is handed out for.", valueName: "seconds")) var lease = 60
  @Flag(help: "Wait until a message is due.") var wait = false
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if !(1...31_536_000).contains(lease) {
      throw ValidationError("--lease: expected 1 to 31536000 seconds")
    }
  }

  func run() throws {
    let store = try shared.open(for: .write)
    if wait {
      return try ClaimWait(store: store, phone: phone, lease: Int64(lease) * .second, shared: shared).run()
    }
    switch try store.claim(phone: phone, lease: Int64(lease) * .second, now: shared.moment) {
    case .claimed(let claim): try Output.shared.json { $0.claim(claim) }
    case .nothing(let nextAt, _):
      try Output.shared.json {
        $0.raw("{\"claimed\":null,\"next_at\":")
        $0.time(nextAt)
        $0.raw("}")
      }
      try Output.shared.flush()
      throw ExitCode(Failure.temporary)
    }
  }
}

extension JSONBytes {
  mutating func claim(_ claim: Claim) {
    raw("{\"message_id\":")
    text(claim.messageID)
    raw(",\"contact\":")
    text(claim.contact)
    raw(",\"content\":")
    text(claim.content)
    raw(",\"attempt\":")
    integer(claim.attempt)
    raw(",\"lease_expires_at\":")
    time(claim.leaseExpiresAt)
    raw("}")
  }
}

/// Claims as soon as a message is due, and looks again when another process wrote.
private struct ClaimWait {
  let store: Store
  let phone: String
  let lease: Duration
  let shared: SharedOptions

  /// How often the file is asked whether somebody wrote: a few microseconds each time.
  private static let pollInterval: Duration = 250

  func run() throws {
    // A signal may come between a claim and its printing; it is heard only while nothing is claimed.
    let signals = EndingSignals()
    let start = shared.moment
    let clock = ContinuousClock()
    let startTick = clock.now
    while true {
      let version = try store.version()
      let now = start + milliseconds(startTick.duration(to: clock.now))
      switch try store.claim(phone: phone, lease: lease, now: now) {
      case .claimed(let claim):
        try Output.shared.json { $0.claim(claim) }
        return try Output.shared.flush()
      case .nothing(let nextAt, let leaseExpiresAt):
        let until = min(nextAt ?? .max, leaseExpiresAt ?? .max)
        var waited = now
        while waited < until, try store.version() == version {
          signals.sleep(min(Self.pollInterval, until - waited))
          waited = start + milliseconds(startTick.duration(to: clock.now))
        }
      }
    }
  }

  private func milliseconds(_ duration: Swift.Duration) -> Int64 {
    duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
  }
}

/// Holds back the signals that ask the process to end, but for the time it sleeps.
private struct EndingSignals {
  private var set = sigset_t()

  init() {
    sigemptyset(&set)
    for signal in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&set, signal) }
    pthread_sigmask(SIG_BLOCK, &set, nil)
  }

  /// Sleeps so many milliseconds; a signal ends the process at once, as if it had never been held back.
  func sleep(_ duration: Duration) {
    var set = set
    var time = timespec(
      tv_sec: Int(duration / 1000), tv_nsec: Int(duration % 1000) * 1_000_000)
    let signal = sigtimedwait(&set, nil, &time)
    guard signal > 0 else { return }
    Foundation.signal(signal, SIG_DFL)
    raise(signal)
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
  }
}
