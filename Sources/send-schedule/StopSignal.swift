import Foundation
import Synchronization

/// Signals that ask a long command to end, noted to be looked at where it can end in good order.
enum StopSignal {
  private static let noted = Atomic<Int32>(0)

  /// The signal that came; nil as long as none has.
  static var received: Int32? {
    let signal = noted.load(ordering: .relaxed)
    return signal == 0 ? nil : signal
  }

  /// From now on the first signal is noted, and interrupts a call that waits; a second one ends the process.
  static func watch() {
    noted.store(0, ordering: .relaxed)
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { signal in
      if StopSignal.noted.exchange(signal, ordering: .relaxed) != 0 { _exit(128 + signal) }
    }
    for signal in [SIGINT, SIGTERM, SIGHUP] { sigaction(signal, &action, nil) }
  }
}
