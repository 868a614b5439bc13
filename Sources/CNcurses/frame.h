// One refresh of the screen, collected and sent in one piece.
//
// ncurses writes after every cursor movement. On its way through SSH that becomes many packets and a screen
// that changes bit by bit, so ncurses writes to a file in memory, and what is there is sent at once.
#ifndef FRAME_H
#define FRAME_H

#include <stdbool.h>
#include <stdio.h>

/// The stream that ncurses shall write to: the terminal, except between begin and end. NULL without memory.
FILE *frame_open(void);
void frame_close(void);
/// Says what the terminal's "reset attributes" is, for the bytes that a frame can do without.
void frame_learn(const char *exit_attribute_mode);
void frame_begin(void);
void frame_end(void);

#endif
