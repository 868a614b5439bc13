#define _DEFAULT_SOURCE 1

#include "CNcurses.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

// Signals that become events, and those that mean a crash.
static const int event_signals[] = {SIGWINCH, SIGTERM, SIGHUP, SIGINT, SIGTSTP, SIGCONT};
// Those that would end the program, and leave the terminal as it is: as if it were told to end.
static const int ending_signals[] = {SIGALRM, SIGUSR1, SIGUSR2, SIGVTALRM, SIGPROF, SIGXCPU, SIGPIPE, SIGIO};
static const int crash_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT, SIGFPE, SIGQUIT};
enum {
  EVENT_COUNT = sizeof event_signals / sizeof *event_signals,
  ENDING_COUNT = sizeof ending_signals / sizeof *ending_signals,
  CRASH_COUNT = sizeof crash_signals / sizeof *crash_signals,
  STACK_SIZE = 65536,
};

static struct sigaction event_actions[EVENT_COUNT], ending_actions[ENDING_COUNT], crash_actions[CRASH_COUNT];
static int signal_pipe[2] = {-1, -1};
static char crash_stack[STACK_SIZE];

static char restore_bytes[256];
static size_t restore_count;
static struct termios line_modes;
static volatile sig_atomic_t is_armed;

void cn_prepare_restore(const char *bytes, bool armed) {
  is_armed = 0;
  if (!armed) return;
  restore_count = strlen(bytes) < sizeof restore_bytes ? strlen(bytes) : sizeof restore_bytes - 1;
  memcpy(restore_bytes, bytes, restore_count);
  is_armed = 1;
}

void cn_restore_now(void) {
  if (!is_armed) return;
  is_armed = 0;
  ssize_t written = write(STDOUT_FILENO, restore_bytes, restore_count);
  (void)written;
  tcsetattr(STDIN_FILENO, TCSANOW, &line_modes);
}

static void report(int number) {
  int saved = errno;
  unsigned char byte = (unsigned char)number;
  ssize_t written = write(signal_pipe[1], &byte, 1);
  (void)written;
  errno = saved;
}

static void report_end(int number) {
  (void)number;
  report(SIGTERM);
}

// The terminal first, then what would have happened without this program's handler.
static void crash(int number) {
  cn_restore_now();
  for (int i = 0; i < CRASH_COUNT; i++) {
    if (crash_signals[i] == number) sigaction(number, &crash_actions[i], NULL);
  }
  raise(number);
}

static bool make_pipe(void) {
  if (signal_pipe[0] >= 0) return true;
  if (pipe(signal_pipe) != 0) return false;
  for (int i = 0; i < 2; i++) {
    fcntl(signal_pipe[i], F_SETFL, O_NONBLOCK);
    fcntl(signal_pipe[i], F_SETFD, FD_CLOEXEC);
  }
  return true;
}

static void catch_events(void) {
  struct sigaction action = {0};
  action.sa_handler = report;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (int i = 0; i < EVENT_COUNT; i++) {
    int number = event_signals[i];
    sigaction(number, NULL, &event_actions[i]);
    // nohup, or a parent without job control, said so on purpose.
    bool may_be_ignored = number == SIGHUP || number == SIGTSTP;
    if (may_be_ignored && event_actions[i].sa_handler == SIG_IGN) continue;
    sigaction(number, &action, NULL);
  }
}

static void catch_endings(void) {
  struct sigaction action = {0};
  action.sa_handler = report_end;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (int i = 0; i < ENDING_COUNT; i++) {
    sigaction(ending_signals[i], NULL, &ending_actions[i]);
    if (ending_actions[i].sa_handler != SIG_IGN) sigaction(ending_signals[i], &action, NULL);
  }
}

static void catch_crashes(void) {
  stack_t stack = {.ss_sp = crash_stack, .ss_size = sizeof crash_stack};
  sigaltstack(&stack, NULL);
  struct sigaction action = {0};
  action.sa_handler = crash;
  action.sa_flags = SA_ONSTACK | SA_NODEFER;
  sigemptyset(&action.sa_mask);
  for (int i = 0; i < CRASH_COUNT; i++) sigaction(crash_signals[i], &action, &crash_actions[i]);
}

int32_t cn_catch_signals(void) {
  static bool is_registered;
  if (!make_pipe()) return -1;
  tcgetattr(STDIN_FILENO, &line_modes);
  catch_events();
  catch_endings();
  catch_crashes();
  if (!is_registered) atexit(cn_restore_now);
  is_registered = true;
  return signal_pipe[0];
}

void cn_release_signals(void) {
  for (int i = 0; i < EVENT_COUNT; i++) sigaction(event_signals[i], &event_actions[i], NULL);
  for (int i = 0; i < ENDING_COUNT; i++) sigaction(ending_signals[i], &ending_actions[i], NULL);
  for (int i = 0; i < CRASH_COUNT; i++) sigaction(crash_signals[i], &crash_actions[i], NULL);
}

void cn_stop(void) {
  struct sigaction ours, ignore = {0}, standard = {0};
  ignore.sa_handler = SIG_IGN;
  standard.sa_handler = SIG_DFL;
  // The others of the job first; then this process, on this thread, so that it is stopped when raise returns.
  sigaction(SIGTSTP, &ignore, &ours);
  kill(0, SIGTSTP);
  sigaction(SIGTSTP, &standard, NULL);
  raise(SIGTSTP);
  sigaction(SIGTSTP, &ours, NULL);
}
