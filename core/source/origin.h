/* origin.h: what the bytes of one file come from (a growing file, a packed one, a pipe, a table),
 * as sources.c sees them all. */
#ifndef FRAUDTOP_SOURCE_ORIGIN_H
#define FRAUDTOP_SOURCE_ORIGIN_H

#include "core/source/cutter.h"
#include "core/source/sources.h"

struct origin {
	cutter_read *read;
	void (*look)(void *self); /* to be called now and then */
	/* Fills in what it knows of: bytes, size, rotations, truncations, present, at_end, error.
	 */
	void (*tell)(const void *self, struct source_stats *stats);
	void (*free)(void *self);
};

extern const struct origin origin_tail;

#endif
