// Tells the thread sanitizer of Swift's Mutex, for `.ci/sanitize thread`; loaded before the program.
//
// A thread that has to wait for a Mutex, or wakes one that waits, does so within libswiftSynchronization, which is not instrumented, so the
// sanitizer takes what the lock guards for a race. (Where nobody waits, the code is inlined, and it sees the lock.)

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"
#define SWIFT_SELF __attribute__((swift_context))

extern void __tsan_acquire(void *) __attribute__((weak));
extern void __tsan_release(void *) __attribute__((weak));

typedef __attribute__((swiftcall)) void Lock(uint32_t thread, SWIFT_SELF void *mutex);
typedef __attribute__((swiftcall)) void Unlock(SWIFT_SELF void *mutex);

Lock lockSlow __asm__(LOCK);
Unlock unlockSlow __asm__(UNLOCK);

__attribute__((swiftcall)) void lockSlow(uint32_t thread, SWIFT_SELF void *mutex) {
  static Lock *next;
  if (!next) next = (Lock *)dlsym(RTLD_NEXT, LOCK);
  next(thread, mutex);
  if (__tsan_acquire) __tsan_acquire(mutex);
}

__attribute__((swiftcall)) void unlockSlow(SWIFT_SELF void *mutex) {
  static Unlock *next;
  if (!next) next = (Unlock *)dlsym(RTLD_NEXT, UNLOCK);
  if (__tsan_release) __tsan_release(mutex);
  next(mutex);
}
