/* jsonscan.h: a strict reader of JSON text (RFC 8259) in one pass and without a tree.
 *
 * The text needs no NUL at its end and is never read past it, but if it is padded. Every function
 * that fails has filled scan->err with `offset N: reason` (N counts bytes from 0), and the scan is
 * over. Differences from other readers: bytes that are not UTF-8 are refused; a surrogate escape
 * without its other half, which the grammar allows, reads as U+FFFD; nesting ends at
 * JSONSCAN_MAX_DEPTH. */
#ifndef FRAUDTOP_INGEST_JSONSCAN_H
#define FRAUDTOP_INGEST_JSONSCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"

#define JSONSCAN_MAX_DEPTH 64
#define JSONSCAN_MAX_TEXT 256 /* bytes of a string that are kept */

struct jsonscan {
	const char *start, *at, *end;
	size_t room; /* so much must be left of the text where blocks are read; 0: it is padded */
	struct err *err;
};

enum jsonscan_step { JSONSCAN_MEMBER, JSONSCAN_END, JSONSCAN_FAILED };

void jsonscan_begin(struct jsonscan *scan, const char *text, size_t length, struct err *err);
/* Of a text behind which STRETCH_PAD bytes may be read, whatever they hold: faster at its end. */
void jsonscan_begin_padded(struct jsonscan *scan, const char *text, size_t length, struct err *err);

/* Says what is wrong at the place `where` of the text. Returns false. */
bool jsonscan_fail(const struct jsonscan *scan, const char *where, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Passes white space and returns the next byte without taking it, or 0 at the end. */
static inline char
jsonscan_peek(struct jsonscan *scan)
{
	const char *at = scan->at, *end = scan->end;
	while (at < end && (unsigned char)*at <= ' ' &&
	       (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r'))
		at++;
	scan->at = at;
	return at < end ? *at : '\0';
}

/* After white space, takes the byte `wanted`. */
bool jsonscan_take(struct jsonscan *scan, char wanted);

/* Each of these stands at the first byte of its value. */
bool jsonscan_number(struct jsonscan *scan, double *value);
/* Writes the string scrubbed, cut and terminated; dst has JSONSCAN_MAX_TEXT + 1 bytes of room, or
 * at least three times the string's length in the text and one. */
bool jsonscan_string(struct jsonscan *scan, char *dst, size_t *length);
bool jsonscan_literal(struct jsonscan *scan, const char *word);
/* Checks any one value, standing inside `depth` objects or arrays, and passes over it. */
bool jsonscan_skip(struct jsonscan *scan, unsigned depth);

/* What a character behind a backslash means; 0: nothing (and of `u`, what its digits say). */
extern const char jsonscan_escapes[128];

/* Inside an object, at its first member or after one: moves to the next key, or past the `}`. */
enum jsonscan_step jsonscan_next(struct jsonscan *scan, bool first);
/* Inside an array, at its first value or after one: moves to the next value, or past the `]`. */
enum jsonscan_step jsonscan_next_element(struct jsonscan *scan, bool first);
/* Reads a key (as jsonscan_string) and its colon, and stands at the value. */
bool jsonscan_key(struct jsonscan *scan, char *dst, size_t *length);

/* Inside an object: both of these, so that `while ((step = jsonscan_member(...)) ==
 * JSONSCAN_MEMBER)` walks it. *count counts the members, from 0. */
enum jsonscan_step jsonscan_member(struct jsonscan *scan, size_t *count, char *key, size_t *length);

/* White space and nothing else must follow. */
bool jsonscan_finish(struct jsonscan *scan);

#endif
