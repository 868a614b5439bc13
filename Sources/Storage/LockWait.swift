import Glibc
import Synchronization

/// The waiting of one store for a database that somebody else has locked: how long it lasts, and an end to it.
package final class LockWait: Sendable {
  private struct State {
    /// Milliseconds on a clock that nobody sets.
    var began: Int64 = 0
    var asked: Int64 = 0
    var isEnded = false
    var isEndedForGood = false
  }

  private let state = Mutex(State())

  private let longest: Int64

  /// `longest` is how many milliseconds it waits at most.
  package init(longest: Int64 = 31_000) { self.longest = longest }

  /// For how many milliseconds the store has been waiting; nil if it does not.
  package var milliseconds: Int64? {
    state.withLock { state in
      let now = Self.now()
      return now - state.asked < Self.longestPause ? now - state.began : nil
    }
  }

  /// Whether the last waiting was ended rather than in vain.
  var wasEnded: Bool { state.withLock { $0.isEnded } }

  /// Ends the waiting at once: what waits throws ``StoreError/waitEnded(path:)``; `forGood` what would wait later, too.
  package func end(forGood: Bool = false) {
    state.withLock { state in
      state.isEnded = true
      if forGood { state.isEndedForGood = true }
    }
  }

  /// Pauses a little longer each time, never in step with others; false after half a minute, or when it was ended.
  func goesOn(_ tries: Int) -> Bool {
    let mayGoOn = state.withLock { state in
      let now = Self.now()
      if tries == 0 { (state.began, state.isEnded) = (now, state.isEndedForGood) }
      state.asked = now
      return !state.isEnded && tries < 6_000 && now - state.began < longest
    }
    if mayGoOn { usleep(UInt32.random(in: 500...2_000) * UInt32(min(4, 1 + tries / 32))) }
    return mayGoOn
  }

  /// A store that has not asked for so long does not wait any more.
  private static let longestPause: Int64 = 100

  private static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
  }
}
