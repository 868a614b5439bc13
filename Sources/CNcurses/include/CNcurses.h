// What Terminal needs of ncurses and of signals, over integers of fixed width.
//
// ncurses is macros, variadic functions and globals, none of which Swift imports; they stay behind this
// header. All functions but cn_restore_now are called on the main thread only.
#ifndef CNCURSES_H
#define CNCURSES_H

#include <stdbool.h>
#include <stdint.h>

// Attributes of a cell; combined with |.
enum { CN_BOLD = 1, CN_DIM = 2, CN_REVERSE = 4, CN_UNDERLINE = 8 };

// --- screen.c

/// Takes over the terminal on standard output for an entry of terminfo; false if there is no such entry,
/// or if it cannot place the cursor.
bool cn_open(const char *terminal_name);
/// Gives the terminal back: main screen, visible cursor, plain text, the line modes it had.
void cn_leave(void);
/// Takes the terminal again after cn_leave; the next refresh draws everything.
void cn_return(void);
/// Gives the terminal back and frees what cn_open made.
void cn_close(void);

/// What the terminal's driver says, 0 x 0 if it does not know.
void cn_terminal_size(int32_t *width, int32_t *height);
/// What ncurses believes.
void cn_screen_size(int32_t *width, int32_t *height);
void cn_resize(int32_t width, int32_t height);

/// How many colours there are, 0 on a monochrome terminal; 8 or more also means default colours.
int32_t cn_color_count(void);
/// Defines a pair from 1 on; -1 is the terminal's default colour.
bool cn_define_pair(int32_t pair, int32_t foreground, int32_t background);
int32_t cn_pair_limit(void);

/// Puts one character with its marks (count scalars) on a cell, to be drawn by the next refresh.
void cn_put(int32_t row, int32_t column, const int32_t *scalars, int32_t count, uint32_t attributes,
            int32_t pair);
/// The columns that the C library, and so ncurses, counts for a scalar; -1 if it is not printable.
int32_t cn_width(int32_t scalar);
/// Draws what changed and leaves the cursor there; a negative row hides it.
void cn_refresh(int32_t cursor_row, int32_t cursor_column, bool is_visible);
/// The next refresh clears the screen and draws everything.
void cn_redraw(void);

/// Sends bytes to the terminal past ncurses; between refreshes ncurses holds none back.
void cn_send(const char *bytes);
/// A string capability by its terminfo name without padding, or NULL; valid until the next call.
const char *cn_capability(const char *name);
/// Whether terminfo has an entry of this name.
bool cn_knows_terminal(const char *terminal_name);

// --- signals.c

/// Catches the signals that concern a program at a terminal; each writes its number as one byte.
/// Returns the descriptor to read them from, or -1.
int32_t cn_catch_signals(void);
/// Gives each signal back the action it had.
void cn_release_signals(void);
/// What cn_restore_now sends; copied, at most 255 bytes. Remembers the line modes to return to.
void cn_prepare_restore(const char *bytes, bool is_armed);
/// Restores the terminal in a signal handler or at exit, once.
void cn_restore_now(void);
/// Stops the process group as ^Z in a shell does; returns when it goes on. Without job control, at once.
void cn_stop(void);

/// Sets the character type locale from a name ("" asks the environment); whether it is UTF-8.
bool cn_set_locale(const char *name);

#endif
