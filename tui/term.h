/* term.h: the terminal. term.c is the only file that knows curses.
 *
 * It starts on any TERM (an unknown one falls back with one line of warning), leaves the terminal
 * as it found it after term_close, on every catchable signal and on mem_die, sends nothing when
 * nothing changed, and never blocks: reading keys is asked for when the loop says that the input is
 * ready. */
#ifndef FRAUDTOP_TUI_TERM_H
#define FRAUDTOP_TUI_TERM_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/err.h"
#include "tui/theme.h"
#include "widgets/canvas.h"

enum term_key { /* beyond Unicode; a printable key is its code point, Ctrl-X is 1..26 */
	TERM_NONE = 0,
	TERM_TAB = 9,
	TERM_ENTER = 13,
	TERM_ESCAPE = 27,
	TERM_BASE = 0x110000,
	TERM_UP,
	TERM_DOWN,
	TERM_LEFT,
	TERM_RIGHT,
	TERM_HOME,
	TERM_END,
	TERM_PAGE_UP,
	TERM_PAGE_DOWN,
	TERM_BACKSPACE,
	TERM_DELETE,
	TERM_BACK_TAB,
	TERM_F1,
	TERM_RESIZE,
	TERM_HANGUP
};

enum term_color { TERM_COLOR_AUTO, TERM_COLOR_NEVER, TERM_COLOR_16, TERM_COLOR_256 };

struct term;

/* NULL and err if there is no usable terminal at all (not a tty, no terminfo entry even by
 * fallback). */
struct term *term_open(const struct theme *theme, enum term_color color, struct err *err);
void term_close(struct term *term); /* NULL is fine */
/* What a user should know of this terminal in one line (a TERM that was not known), or NULL. It has
 * been said on the standard error too. */
const char *term_warning(const struct term *term);
int term_input_fd(const struct term *term);
void term_size(const struct term *term, int *width, int *height);
/* The next key, or 0 if none is waiting. TERM_RESIZE after a change of size (which is looked for at
 * each call: call it on SIGWINCH too), TERM_HANGUP when the terminal is gone. */
uint32_t term_key(struct term *term);
void term_draw(struct term *term, const struct canvas *canvas);
void term_repaint(struct term *term); /* everything is sent again with the next draw */
void term_set_theme(struct term *term, const struct theme *theme);
void term_suspend(
    struct term *term); /* for SIGTSTP: gives the terminal back, stops, takes it again */
void term_copy(struct term *term, const char *text); /* OSC 52; tmux-wrapped when in tmux */
/* Gives the terminal back at once; safe in a signal handler and when no terminal is open. */
void term_emergency_restore(void);

#endif
