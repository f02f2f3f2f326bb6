/* guard.h: what term.c puts right however the program ends. It knows no curses: only termios, the
 * standard error and signals, so that everything here may run in a signal handler. One guard a
 * process. */
#ifndef FRAUDTOP_TUI_GUARD_H
#define FRAUDTOP_TUI_GUARD_H

#include <stdbool.h>
#include <stddef.h>

/* Keeps the termios of fd_in, sends the standard error into a bounded pipe, and catches the signals
 * that a crash raises and those that would end the program unhandled; mem_die and exit are covered
 * too. `bytes` is what gives the screen back when it is written to fd_out (copied, at most 256). */
void guard_begin(int fd_in, int fd_out);
void guard_set_bytes(const char *bytes, size_t length);
/* Puts termios, standard error and signals back; writes what was said meanwhile on the standard
 * error. The screen itself is not touched: curses has done it. */
void guard_end(void);

/* Stops the program as SIGTSTP does, with termios and the standard error the terminal's again until
 * it is continued. */
void guard_stop(void);

/* Everything at once, the screen too. Does nothing when no guard is on. */
void guard_restore(void);

/* Writes all of it, waiting where a terminal is slow; false once it is gone. */
bool guard_write(int fd, const char *bytes, size_t length);

/* Has the terminal hung up? */
bool guard_is_gone(int fd);

#endif
