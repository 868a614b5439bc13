#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE 1
#define NCURSES_WIDECHAR 1

#include "CNcurses.h"
#include "frame.h"

#include <curses.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <unistd.h>
#include <wchar.h>

static SCREEN *screen;
static bool has_default_colors;

bool cn_set_locale(const char *name) {
  return setlocale(LC_CTYPE, name) != NULL && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

bool cn_knows_terminal(const char *terminal_name) {
  int status = 0;
  TERMINAL *before = cur_term;
  bool known = setupterm(terminal_name, STDOUT_FILENO, &status) == OK;
  if (known) {
    TERMINAL *found = set_curterm(before);
    del_curterm(found);
  }
  return known;
}

// Lets the terminal's driver say how large it is, whatever LINES and COLUMNS were once exported as.
// ncurses does not start in sizes that no terminal has; who draws says a smaller one afterwards.
static void follow_driver(void) {
  enum { LARGEST = 1000 };
  int32_t width, height;
  cn_terminal_size(&width, &height);
  use_env(FALSE);
  use_tioctl(width <= LARGEST && height <= LARGEST);
}

bool cn_open(const char *terminal_name) {
  follow_driver();
  FILE *output = frame_open();
  screen = output == NULL ? NULL : newterm(terminal_name, output, stdin);
  if (screen == NULL) {
    frame_close();
    return false;
  }
  set_term(screen);
  frame_learn(exit_attribute_mode);
  if (cursor_address == NULL) {
    cn_close();
    return false;
  }
  raw();
  noecho();
  nonl();
  // Whoever draws decides whether to wait for more keys; without this ncurses asks for input several times a
  // refresh, sends what it has each time, and may leave the rest for later.
  typeahead(-1);
  scrollok(stdscr, FALSE);
  has_default_colors = has_colors() && start_color() == OK && use_default_colors() == OK;
  return true;
}

void cn_leave(void) { endwin(); }

void cn_return(void) {
  reset_prog_mode();
  clearok(curscr, TRUE);
}

void cn_close(void) {
  if (screen == NULL) return;
  endwin();
  delscreen(screen);
  frame_close();
  screen = NULL;
}

void cn_terminal_size(int32_t *width, int32_t *height) {
  struct winsize size = {0};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) size.ws_col = size.ws_row = 0;
  *width = size.ws_col;
  *height = size.ws_row;
}

void cn_screen_size(int32_t *width, int32_t *height) {
  *width = COLS;
  *height = LINES;
}

void cn_resize(int32_t width, int32_t height) {
  resize_term(height, width);
  cn_redraw();
}

int32_t cn_color_count(void) { return has_default_colors ? COLORS : 0; }

int32_t cn_pair_limit(void) { return COLOR_PAIRS < 32767 ? COLOR_PAIRS : 32767; }

bool cn_define_pair(int32_t pair, int32_t foreground, int32_t background) {
  return init_pair((short)pair, (short)foreground, (short)background) == OK;
}

int32_t cn_width(int32_t scalar) { return wcwidth((wchar_t)scalar); }

static attr_t attributes_of(uint32_t attributes) {
  attr_t result = A_NORMAL;
  if (attributes & CN_BOLD) result |= A_BOLD;
  if (attributes & CN_DIM) result |= A_DIM;
  if (attributes & CN_REVERSE) result |= A_REVERSE;
  if (attributes & CN_UNDERLINE) result |= A_UNDERLINE;
  return result;
}

void cn_put(int32_t row, int32_t column, const int32_t *scalars, int32_t count, uint32_t attributes,
            int32_t pair) {
  wchar_t text[CCHARW_MAX + 1] = {0};
  for (int32_t i = 0; i < count && i < CCHARW_MAX; i++) text[i] = (wchar_t)scalars[i];
  cchar_t cell;
  if (setcchar(&cell, text, attributes_of(attributes), (short)pair, NULL) != OK) return;
  // Adding the last cell of the screen reports an error, as the cursor cannot go on, and still adds it.
  (void)mvwadd_wch(stdscr, row, column, &cell);
}

void cn_refresh(int32_t cursor_row, int32_t cursor_column, bool is_visible) {
  // Without a place for it the cursor may stay where drawing left it, which saves the bytes of moving it.
  bool is_placed = cursor_row >= 0;
  leaveok(stdscr, !is_placed);
  if (is_placed) wmove(stdscr, cursor_row, cursor_column);
  // The line modes first: coming back after endwin, ncurses would set them on the frame.
  if (isendwin()) reset_prog_mode();
  frame_begin();
  curs_set(is_placed && is_visible);
  wrefresh(stdscr);
  frame_end();
}

void cn_redraw(void) { clearok(curscr, TRUE); }

// tputs leaves the padding out of what it hands to this.
static char captured[256];
static size_t captured_count;

static int capture(int byte) {
  if (captured_count + 1 < sizeof captured && byte != 0) captured[captured_count++] = (char)byte;
  return byte;
}

void cn_send(const char *bytes) {
  size_t count = strlen(bytes);
  while (count > 0) {
    ssize_t written = write(STDOUT_FILENO, bytes, count);
    if (written <= 0) return;
    bytes += written;
    count -= (size_t)written;
  }
}

const char *cn_capability(const char *name) {
  const char *value = tigetstr((char *)name);
  if (value == NULL || value == (const char *)-1) return NULL;
  captured_count = 0;
  tputs(value, 1, capture);
  captured[captured_count] = 0;
  return captured;
}
