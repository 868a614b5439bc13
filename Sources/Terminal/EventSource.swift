import Canvas
import Glibc

/// Waits on the keyboard, on signals and on file descriptors at once, and says what came.
struct EventSource {
  private let signals: Int32
  private let escapeDelay: Int
  private var parser = InputParser()
  private var lastInput: Int64 = 0
  private var isHungUp = false
  private var pendingSignals: [UInt8] = []

  /// `signals` is readable when a signal came, and hands out its number; `escapeDelay` is in milliseconds.
  init(signals: Int32, escapeDelay: Int) {
    self.signals = signals
    self.escapeDelay = escapeDelay
  }

  var hasPendingInput: Bool { parser.hasEvents || isReadable(STDIN_FILENO) }

  /// The program has just been stopped on its own wish: the signal that woke it is no news.
  mutating func dropContinue() {
    var polled = pollfd(fd: signals, events: Int16(POLLIN), revents: 0)
    // It is there already, unless nothing could stop the program.
    if poll(&polled, 1, 20) > 0 { readSignals() }
    pendingSignals.removeAll { Int32($0) == SIGCONT }
  }

  mutating func next(timeoutMilliseconds: Int?, wakeOn descriptors: [Int32]) -> Event {
    let deadline = timeoutMilliseconds.map { milliseconds() + Int64(max(0, $0)) }
    while true {
      if let event = nextSignal() { return event }
      if let event = parser.next() { return event }
      if isHungUp { return .hangup }
      let ready = wait(until: earlier(deadline, parserDeadline), for: descriptors)
      if ready.signals { readSignals() }
      if ready.input { readInput() }
      if ready.signals || ready.input { continue }
      if ready.others { return .wake }
      let now = milliseconds()
      if let parserDeadline, now >= parserDeadline { parser.finish() }
      if parser.hasEvents { continue }
      if let deadline, now >= deadline { return .tick }
    }
  }

  private var parserDeadline: Int64? {
    parser.isUnfinished ? lastInput + Int64(parser.patience(escapeDelay: escapeDelay)) : nil
  }

  // MARK: Signals

  private mutating func nextSignal() -> Event? {
    while !pendingSignals.isEmpty {
      switch Int32(pendingSignals.removeFirst()) {
      case SIGWINCH: return .resize(Size(width: 0, height: 0))
      case SIGTERM: return .terminate
      case SIGHUP:
        isHungUp = true
        return .hangup
      case SIGINT: return .interrupt
      case SIGTSTP: return .suspend
      case SIGCONT: return .resumed
      default: break
      }
    }
    return nil
  }

  /// Takes all signals that came; of each kind one event is enough.
  private mutating func readSignals() {
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = read(signals, &bytes, bytes.count)
    for byte in bytes.prefix(max(0, count)) where !pendingSignals.contains(byte) {
      pendingSignals.append(byte)
    }
  }

  // MARK: Input

  private mutating func readInput() {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = read(STDIN_FILENO, &bytes, bytes.count)
    if count > 0 {
      lastInput = milliseconds()
      parser.feed(bytes.prefix(count))
    } else if count == 0 || (errno != EINTR && errno != EAGAIN) {
      parser.finish()
      isHungUp = true
    }
  }

  private func isReadable(_ descriptor: Int32) -> Bool {
    var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&polled, 1, 0) > 0
  }

  // MARK: Waiting

  private struct Ready {
    var input = false
    var signals = false
    var others = false
  }

  private func wait(until deadline: Int64?, for descriptors: [Int32]) -> Ready {
    var polled = ([STDIN_FILENO, signals] + descriptors).map {
      pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
    }
    let timeout = deadline.map { Int32(clamping: max(0, $0 - milliseconds())) } ?? -1
    guard poll(&polled, nfds_t(polled.count), timeout) > 0 else { return Ready() }
    return Ready(
      input: polled[0].revents != 0, signals: polled[1].revents != 0,
      others: polled.dropFirst(2).contains { $0.revents != 0 })
  }
}

private func earlier(_ a: Int64?, _ b: Int64?) -> Int64? {
  guard let a, let b else { return a ?? b }
  return min(a, b)
}

/// Milliseconds on a clock that nobody sets.
private func milliseconds() -> Int64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
}
