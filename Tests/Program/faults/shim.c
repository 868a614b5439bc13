// Loaded before the program under test: fails the k-th call of a kind on files below a folder, hides libraries, and moves the
// clock.
//
//   SHIM_FOLDER   only calls on files whose path begins with it count
//   SHIM_KIND     write, sync, rename, unlink, truncate or open (open for writing)
//   SHIM_NUMBER   the first call that fails, counted from 1; SHIM_LAST the last one (0: all from there on)
//   SHIM_ERROR    errno
//   SHIM_COUNT    a file that gets one byte for each call that counts
//   SHIM_NO_LIBRARY  libraries that are looked for by names that begin with it are not there
//   SHIM_CLOCK    a file with a number of milliseconds (int64) by which the wall clock is ahead
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static const char *folder, *kind;
static long first, last;
static int error, count_fd = -1;
static _Atomic long calls;
static volatile int64_t *ahead;

static int real_open(const char *path, int flags) {
  int (*open_)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open64");
  return open_(path, flags, 0600);
}

__attribute__((constructor)) static void prepare(void) {
  folder = getenv("SHIM_FOLDER");
  kind = getenv("SHIM_KIND");
  const char *text;
  first = (text = getenv("SHIM_NUMBER")) ? atol(text) : 0;
  last = (text = getenv("SHIM_LAST")) ? atol(text) : 0;
  error = (text = getenv("SHIM_ERROR")) ? atoi(text) : EIO;
  if ((text = getenv("SHIM_COUNT"))) count_fd = real_open(text, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC);
  if ((text = getenv("SHIM_CLOCK"))) {
    int fd = real_open(text, O_RDONLY | O_CLOEXEC);
    void *place = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0);
    if (place != MAP_FAILED) ahead = place;
  }
}

void *dlopen(const char *name, int flags) {
  void *(*dlopen_)(const char *, int) = (void *(*)(const char *, int))dlsym(RTLD_NEXT, "dlopen");
  const char *missing = getenv("SHIM_NO_LIBRARY");
  int is_missing = missing && name && strncmp(name, missing, strlen(missing)) == 0;
  return dlopen_(is_missing ? "/nonexistent/library.so" : name, flags);
}

// Whether this call is one that fails.
static int fails(const char *what, const char *path) {
  if (!folder || !kind || strcmp(kind, what) != 0 || strncmp(path, folder, strlen(folder)) != 0) return 0;
  long number = ++calls;
  if (count_fd >= 0) {
    ssize_t (*write_)(int, const void *, size_t) = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
    (void)!write_(count_fd, "x", 1);
  }
  if (!first || number < first || (last && number > last)) return 0;
  errno = error;
  return 1;
}

static int fails_on(const char *what, int fd) {
  if (!folder || !kind || strcmp(kind, what) != 0 || fd == count_fd) return 0;
  char link[32], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return fails(what, path);
}

#define NEXT(name, type) ((type)dlsym(RTLD_NEXT, name))

#define WRITE(name, parameters, arguments) \
  ssize_t name parameters { \
    if (fails_on("write", fd)) return -1; \
    return NEXT(#name, ssize_t(*) parameters) arguments; \
  }
WRITE(write, (int fd, const void *bytes, size_t size), (fd, bytes, size))
WRITE(pwrite, (int fd, const void *bytes, size_t size, off_t at), (fd, bytes, size, at))
WRITE(pwrite64, (int fd, const void *bytes, size_t size, off64_t at), (fd, bytes, size, at))
WRITE(writev, (int fd, const struct iovec *parts, int number), (fd, parts, number))

#define ON_FILE(what, name, parameters, arguments) \
  int name parameters { \
    if (fails_on(what, fd)) return -1; \
    return NEXT(#name, int(*) parameters) arguments; \
  }
ON_FILE("sync", fsync, (int fd), (fd))
ON_FILE("sync", fdatasync, (int fd), (fd))
ON_FILE("truncate", ftruncate, (int fd, off_t size), (fd, size))
ON_FILE("truncate", ftruncate64, (int fd, off64_t size), (fd, size))

int posix_fallocate(int fd, off_t at, off_t size) {
  if (fails_on("write", fd)) return error;
  return NEXT("posix_fallocate", int (*)(int, off_t, off_t))(fd, at, size);
}

int rename(const char *from, const char *to) {
  if (fails("rename", to)) return -1;
  return NEXT("rename", int (*)(const char *, const char *))(from, to);
}

int renameat2(int a, const char *from, int b, const char *to, unsigned flags) {
  if (fails("rename", to)) return -1;
  return NEXT("renameat2", int (*)(int, const char *, int, const char *, unsigned))(a, from, b, to, flags);
}

int link(const char *from, const char *to) {
  if (fails("rename", to)) return -1;
  return NEXT("link", int (*)(const char *, const char *))(from, to);
}

int unlink(const char *path) {
  if (fails("unlink", path)) return -1;
  return NEXT("unlink", int (*)(const char *))(path);
}

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    va_list rest; \
    va_start(rest, flags); \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
    va_end(rest); \
    if (flags & (O_WRONLY | O_RDWR) && fails("open", path)) return -1; \
    return NEXT(#name, int (*)(const char *, int, ...))(path, flags, mode); \
  }
OPEN(open)
OPEN(open64)

static int64_t milliseconds(void) { return ahead ? *ahead : 0; }

int clock_gettime(clockid_t clock, struct timespec *time) {
  static int (*next)(clockid_t, struct timespec *);
  if (!next) next = NEXT("clock_gettime", int (*)(clockid_t, struct timespec *));
  int result = next(clock, time);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    int64_t whole = time->tv_sec * INT64_C(1000) + milliseconds() + time->tv_nsec / 1000000;
    time->tv_sec = whole / 1000;
    time->tv_nsec = whole % 1000 * 1000000 + time->tv_nsec % 1000000;
  }
  return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
  (void)zone;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  *time = (struct timeval){.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
  return 0;
}

time_t time(time_t *place) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (place) *place = now.tv_sec;
  return now.tv_sec;
}
