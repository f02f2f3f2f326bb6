/* keys.h: bytes that curses hands on unread, made into keys of term.h. */
#ifndef FRAUDTOP_TUI_KEYS_H
#define FRAUDTOP_TUI_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct keys_partial { /* a character in UTF-8 of which not all bytes have come; zeroed is none */
	char bytes[4];
	size_t length;
};

/* Takes one byte of 0x80 and above; the character's code point once it is whole, else TERM_NONE.
 * Without utf8 it is a character of the locale by itself. */
uint32_t keys_collect(struct keys_partial *partial, int byte, bool utf8);

/* After an escape: the key of the sequence that follows, TERM_ESCAPE if none does, or TERM_NONE if
 * the sequence is none we know. `next` gives a byte, or -1 if none is waiting; `back` takes one
 * again. */
uint32_t keys_after_escape(int (*next)(void *context), void *context, int (*back)(int byte));

#endif
