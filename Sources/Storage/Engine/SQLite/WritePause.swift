import Glibc

/// Keeps a program that is stopped (`^Z`) from holding the lock of a database, for which all others would wait.
package enum WritePause {
  nonisolated(unsafe) private static let lock: UnsafeMutablePointer<pthread_rwlock_t> = {
    let lock = UnsafeMutablePointer<pthread_rwlock_t>.allocate(capacity: 1)
    pthread_rwlock_init(lock, nil)
    return lock
  }()

  /// How long ``during(_:)`` waits for a transaction, in seconds: one that lasts longer waits for a lock itself.
  private static let patience = 2

  /// Does what stops the program, while no transaction of this process writes to a file.
  package static func during(_ body: () -> Void) {
    var end = timespec()
    clock_gettime(CLOCK_REALTIME, &end)
    end.tv_sec += patience
    let isHeld = pthread_rwlock_timedwrlock(lock, &end) == 0
    defer { if isHeld { pthread_rwlock_unlock(lock) } }
    body()
  }

  /// Does a transaction that writes, with `begin`, which may have to wait for others, and then `body`, in which the
  /// terminal's `^Z` does not stop this thread.
  static func around<T>(begin: () throws -> Void, _ body: () throws -> T) throws -> T {
    pthread_rwlock_rdlock(lock)
    defer { pthread_rwlock_unlock(lock) }
    try begin()
    var stop = sigset_t()
    var before = sigset_t()
    sigemptyset(&stop)
    sigaddset(&stop, SIGTSTP)
    pthread_sigmask(SIG_BLOCK, &stop, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    return try body()
  }
}
