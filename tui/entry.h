/* entry.h: which terminal this is: its files, the terminfo names to try, and what to say if the
 * right one was not known. No curses. */
#ifndef FRAUDTOP_TUI_ENTRY_H
#define FRAUDTOP_TUI_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/base/err.h"

#define ENTRY_MAX 6
#define ENTRY_SIZE 96

/* Is the variable set, and not to nothing? */
bool entry_is_set(const char *variable);
/* The standard input and output if they are terminals; for keys also /dev/tty, then *input is open.
 */
bool entry_files(int *fd_in, int *fd_out, FILE **input, struct err *err);
/* Names to try in order: with `rich` the 256-colour entry of the family; TERM (NULL: unset); what
 * stands after `screen.`; then those that everybody has. Returns how many. */
size_t entry_list(const char *term, bool rich, char names[ENTRY_MAX][ENTRY_SIZE]);
/* One clean line if `used` is not what TERM asked for, else nothing. */
void entry_warning(const char *term, const char *used, char *text, size_t size);
/* May draws be bracketed by DEC mode 2026? Not on consoles that print what they do not know. */
bool entry_wants_sync(const char *name);

/* Is the locale UTF-8? If not, the canvas should use SYMBOLS_ASCII. */
bool entry_utf8(void);
/* What can be shown of a character, in no more columns than it would take. */
uint32_t entry_glyph(uint32_t code, bool utf8);

#endif
