/* stencil.h: a text that was read once, with holes where others like it differ. For core/format
 * alone.
 *
 * Records of one service are alike but for their values. A text that fits is known to be made as
 * the one that was read; only what stands in its holes has to be looked at. A hole is open once two
 * texts differed in it, and until then a part of the text. */
#ifndef FRAUDTOP_FORMAT_STENCIL_H
#define FRAUDTOP_FORMAT_STENCIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"

#define STENCIL_HOLES 1024
#define STENCIL_BYTES 32768
#define STENCIL_NOTHING UINT32_MAX

enum hole_kind {
	HOLE_NUMBER,
	HOLE_STRING,
	HOLE_SCALAR, /* either, or true, false or null */
	HOLE_FIELD /* of a CSV, without quotes */
};

struct hole {
	uint32_t at, length; /* in the text */
	uint32_t value; /* the caller's */
	enum hole_kind kind;
	/* Of the text that fitted last, while the hole is open. */
	const char *now;
	size_t now_length;
	double number; /* if it is one */
	bool is_number;
};

struct stencil {
	struct buf text;
	struct hole *holes;
	size_t count, capacity;
	uint16_t open[STENCIL_HOLES]; /* the numbers of the open ones */
	int64_t shifts[STENCIL_HOLES + 1]; /* of what is behind so many open ones */
	size_t open_count;
	uint64_t fitted; /* texts since it was begun */
	uint32_t pause, rest; /* texts that are not learned after ones that did not pay */
	bool whole; /* there is one */
};

/* Begins a new one: holes are added in order, and it is whole in the end. False: not now, for the
 * last ones were of no use, or the text is too long. */
bool stencil_begin(struct stencil *stencil, const char *text, size_t length);
/* False: it has too many holes, and is none. */
bool stencil_add(
    struct stencil *stencil, size_t at, size_t length, enum hole_kind kind, uint32_t value);
/* Adds every string and number of a JSON text that is known to be sound, but for keys. */
bool stencil_add_json(struct stencil *stencil);
void stencil_end(struct stencil *stencil);
void stencil_free(struct stencil *stencil);

/* Returns the byte behind the text that begins at `at` and fits, or NULL. */
const char *stencil_fit(struct stencil *stencil, const char *at, const char *end);
/* Would the whole text fit if more holes were open? Then they are. */
bool stencil_widen(struct stencil *stencil, const char *at, const char *end);
/* How many of the open holes begin before this place of the text. */
size_t stencil_open_before(const struct stencil *stencil, size_t at);

#endif
