import Glibc
import Synchronization

/// Signals that ask the process to end, noted to be looked at where it can end in good order.
enum StopSignal {
  private static let all = [SIGINT, SIGTERM, SIGHUP]
  private static let noted = Atomic<Int32>(0)
  /// The end of a pipe that the handler writes to; -1 as long as there is none.
  private static let bell = Atomic<Int32>(-1)

  /// The signal that came; nil as long as none has.
  static var received: Int32? {
    let signal = noted.load(ordering: .relaxed)
    return signal == 0 ? nil : signal
  }

  /// From now on the first signal is noted, and interrupts a call that waits; a second one ends the process.
  /// One that is ignored, as under `nohup`, stays so.
  static func watch() {
    noted.store(0, ordering: .relaxed)
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { signal in
      if StopSignal.noted.exchange(signal, ordering: .relaxed) != 0 { _exit(128 + signal) }
      var byte: UInt8 = 0
      let bell = StopSignal.bell.load(ordering: .relaxed)
      if bell >= 0 { _ = write(bell, &byte, 1) }
    }
    var heard = sigset_t()
    sigemptyset(&heard)
    for signal in all where !isIgnored(signal) {
      sigaction(signal, &action, nil)
      sigaddset(&heard, signal)
    }
    // Whoever started us may have held them back.
    pthread_sigmask(SIG_UNBLOCK, &heard, nil)
  }

  /// The same, with something for `poll`: a descriptor that can be read once a signal has come.
  static func watchWithBell() throws -> Int32 {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else {
      throw Failure(code: Failure.temporary, "no pipe: \(String(cString: strerror(errno)))")
    }
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    bell.store(ends[1], ordering: .relaxed)
    watch()
    return ends[0]
  }

  /// Ends the process as if the signal had never been noted.
  static func die(of number: Int32) -> Never {
    signal(number, SIG_DFL)
    raise(number)
    exit(128 + number)
  }

  private static func isIgnored(_ signal: Int32) -> Bool {
    var action = sigaction()
    sigaction(signal, nil, &action)
    guard let handler = action.__sigaction_handler.sa_handler else { return false }
    return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
