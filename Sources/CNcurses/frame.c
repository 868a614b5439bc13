#define _GNU_SOURCE 1

#include "frame.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static FILE *stream;
static int memory = -1;
static bool selects_charset, shifts_in;

FILE *frame_open(void) {
  int descriptor = dup(STDOUT_FILENO);
  stream = descriptor < 0 ? NULL : fdopen(descriptor, "w");
  if (stream == NULL) return NULL;
  // Without it ncurses writes to the terminal directly, which works as well.
  memory = memfd_create("frame", MFD_CLOEXEC);
  return stream;
}

void frame_close(void) {
  if (stream != NULL) fclose(stream);
  if (memory >= 0) close(memory);
  stream = NULL;
  memory = -1;
}

void frame_learn(const char *exit_attribute_mode) {
  bool is_standard = exit_attribute_mode != NULL && strstr(exit_attribute_mode, "\033[m") != NULL;
  selects_charset = is_standard && strstr(exit_attribute_mode, "\033(B") != NULL;
  shifts_in = is_standard && strchr(exit_attribute_mode, '\017') != NULL;
}

static bool begins(const char *bytes, const char *end, const char *text) {
  size_t count = strlen(text);
  return (size_t)(end - bytes) >= count && memcmp(bytes, text, count) == 0;
}

// The bytes here that go back to the character set which nothing ever leaves: ncurses adds them to every
// change of attributes, where they are a tenth of all bytes.
static size_t charset_bytes(const char *bytes, const char *end) {
  if (selects_charset && begins(bytes, end, "\033(B")) return 3;
  return shifts_in && bytes < end && *bytes == '\017' ? 1 : 0;
}

// The bytes here that reset colours just before everything is reset.
static size_t doubled_reset(const char *bytes, const char *end) {
  static const char *const resets[] = {"\033[39;49m", "\033[39m", "\033[49m"};
  for (size_t i = 0; i < sizeof resets / sizeof *resets; i++) {
    if (!begins(bytes, end, resets[i])) continue;
    const char *next = bytes + strlen(resets[i]);
    next += charset_bytes(next, end);
    bool is_reset = begins(next, end, "\033[m") || begins(next, end, "\033[0m") || begins(next, end, "\033[0;");
    return is_reset ? strlen(resets[i]) : 0;
  }
  return 0;
}

// The bytes of a plain selection of attributes here, such as "\033[0;1m"; 0 if none is.
static size_t selection_bytes(const char *bytes, const char *end) {
  if (!begins(bytes, end, "\033[")) return 0;
  const char *at = bytes + 2;
  while (at < end && (*at == ';' || (*at >= '0' && *at <= '9'))) at++;
  return at < end && *at == 'm' ? (size_t)(at + 1 - bytes) : 0;
}

// More numbers than these in one selection are more than some terminals take.
enum { MOST_NUMBERS = 12 };

// Takes the terminal's own colour out of a selection to which another colour of the same ground is joined; the new
// end.
static char *drop_default(char *last, char *to, const char *numbers) {
  const char *all = "\033[39;49m";
  bool is_all = (size_t)(to - last) == strlen(all) && memcmp(last, all, strlen(all)) == 0;
  bool is_color = (*numbers == '3' || *numbers == '4') && numbers[1] >= '0' && numbers[1] <= '9';
  if (!is_all || !is_color) return to;
  memcpy(last, *numbers == '3' ? "\033[49m" : "\033[39m", 5);
  return last + 5;
}

// Joins a selection of attributes to the one that ends at `to`; the new end, or NULL if they cannot be one.
static char *join_selection(char *last, char *to, const char *next, size_t count) {
  const char *numbers = next + 2;
  size_t length = count - 3;
  // What begins with a reset replaces what was selected before it.
  if (length == 0 || (*numbers == '0' && (length == 1 || numbers[1] == ';'))) {
    memmove(last, next, count);
    return last + count;
  }
  int separators = 0;
  for (const char *at = last; at < to; at++) separators += *at == ';';
  for (const char *at = numbers; at < numbers + length; at++) separators += *at == ';';
  if (separators + 2 > MOST_NUMBERS) return NULL;
  to = drop_default(last, to, numbers);
  // Of "\033[m" the number is 0, which may stay away.
  to[-1] = ';';
  memmove(to, numbers, length + 1);
  return to + length + 1;
}

static size_t squeeze(char *bytes, size_t count) {
  if (!selects_charset && !shifts_in) return count;
  const char *from = bytes, *end = bytes + count;
  char *to = bytes;
  // Where the selection of attributes begins that was written last, if nothing followed it.
  char *last = NULL;
  while (from < end) {
    size_t skipped = charset_bytes(from, end);
    if (skipped == 0) skipped = doubled_reset(from, end);
    if (skipped > 0) {
      from += skipped;
      continue;
    }
    size_t selection = selection_bytes(from, end);
    if (selection == 0) {
      last = NULL;
      *to++ = *from++;
      continue;
    }
    char *joined = last == NULL ? NULL : join_selection(last, to, from, selection);
    if (joined == NULL) {
      last = to;
      memmove(to, from, selection);
      joined = to + selection;
    }
    to = joined;
    from += selection;
  }
  return (size_t)(to - bytes);
}

static void send(const char *bytes, size_t count) {
  while (count > 0) {
    ssize_t written = write(STDOUT_FILENO, bytes, count);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    bytes += written;
    count -= (size_t)written;
  }
}

void frame_begin(void) {
  if (memory >= 0) dup2(memory, fileno(stream));
}

void frame_end(void) {
  if (memory < 0) return;
  dup2(STDOUT_FILENO, fileno(stream));
  off_t count = lseek(memory, 0, SEEK_CUR);
  char *bytes = count > 0 ? malloc((size_t)count) : NULL;
  if (bytes != NULL && pread(memory, bytes, (size_t)count, 0) == count) send(bytes, squeeze(bytes, (size_t)count));
  free(bytes);
  lseek(memory, 0, SEEK_SET);
}
