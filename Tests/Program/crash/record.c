// Loaded before the program under test: writes down what it does to the files below a folder, for power_cut.py.
//
//   RECORD_FOLDER  only files whose paths begin with it count
//   RECORD_FILE    where the records go; many processes may add to it at once
//
// A record is a header, the path, and the bytes written or the path that something got. It is written after the call
// succeeded and before it returns, so before any lock is given back that the call was made under.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

struct header {
  char kind;  // c: file made, w: written, t: truncated, s: synced, r: renamed, l: linked, u: unlinked
  char padding[7];
  uint64_t inode, offset, path_size, data_size;
};

static const char *folder;
static int log_fd = -1;

#define NEXT(name, type) ((type)dlsym(RTLD_NEXT, name))

__attribute__((constructor)) static void prepare(void) {
  folder = getenv("RECORD_FOLDER");
  const char *file = getenv("RECORD_FILE");
  if (!folder || !file) return;
  log_fd = NEXT("open64", int (*)(const char *, int, ...))(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int counts(const char *path) { return log_fd >= 0 && strncmp(path, folder, strlen(folder)) == 0; }

static void record(char kind, uint64_t inode, uint64_t offset, const char *path, const void *data, size_t size) {
  struct header header = {kind, {0}, inode, offset, strlen(path), size};
  struct iovec parts[] = {{&header, sizeof header}, {(void *)path, header.path_size}, {(void *)data, size}};
  ssize_t all = sizeof header + header.path_size + size;
  // One call, so that the records of several processes do not mix.
  if (NEXT("writev", ssize_t (*)(int, const struct iovec *, int))(log_fd, parts, 3) != all) abort();
}

// The path of an open file; 0 if it does not count.
static int path_of(int fd, char *path, size_t size, uint64_t *inode) {
  if (log_fd < 0 || fd == log_fd) return 0;
  char link[32];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, size - 1);
  if (length < 0) return 0;
  path[length] = 0;
  struct stat status;
  if (!counts(path) || fstat(fd, &status) != 0) return 0;
  *inode = status.st_ino;
  return 1;
}

static void record_file(char kind, int fd, uint64_t offset, const void *data, size_t size) {
  char path[4096];
  uint64_t inode;
  if (path_of(fd, path, sizeof path, &inode)) record(kind, inode, offset, path, data, size);
}

ssize_t write(int fd, const void *bytes, size_t size) {
  off_t at = lseek(fd, 0, SEEK_CUR);
  ssize_t done = NEXT("write", ssize_t (*)(int, const void *, size_t))(fd, bytes, size);
  if (done > 0 && at >= 0) record_file('w', fd, at, bytes, done);
  return done;
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t at) {
  ssize_t done = NEXT("pwrite64", ssize_t (*)(int, const void *, size_t, off64_t))(fd, bytes, size, at);
  if (done > 0) record_file('w', fd, at, bytes, done);
  return done;
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at) { return pwrite64(fd, bytes, size, at); }

#define ON_FILE(kind, name, parameters, arguments, offset) \
  int name parameters { \
    int result = NEXT(#name, int(*) parameters) arguments; \
    if (result == 0) record_file(kind, fd, offset, NULL, 0); \
    return result; \
  }
ON_FILE('s', fsync, (int fd), (fd), 0)
ON_FILE('s', fdatasync, (int fd), (fd), 0)
ON_FILE('t', ftruncate, (int fd, off_t size), (fd, size), size)
ON_FILE('t', ftruncate64, (int fd, off64_t size), (fd, size), size)

static int moved(char kind, int result, const char *from, const char *to) {
  if (result == 0 && counts(from)) record(kind, 0, 0, from, to, strlen(to));
  return result;
}

int rename(const char *from, const char *to) {
  return moved('r', NEXT("rename", int (*)(const char *, const char *))(from, to), from, to);
}

int link(const char *from, const char *to) {
  return moved('l', NEXT("link", int (*)(const char *, const char *))(from, to), from, to);
}

int unlink(const char *path) {
  int result = NEXT("unlink", int (*)(const char *))(path);
  if (result == 0 && counts(path)) record('u', 0, 0, path, NULL, 0);
  return result;
}

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    va_list rest; \
    va_start(rest, flags); \
    mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0; \
    va_end(rest); \
    int is_new = flags & O_CREAT && counts(path) && access(path, F_OK) != 0; \
    int fd = NEXT(#name, int (*)(const char *, int, ...))(path, flags, mode); \
    if (fd >= 0 && is_new) record_file('c', fd, 0, NULL, 0); \
    return fd; \
  }
OPEN(open)
OPEN(open64)
