/* origin.h: what the bytes of one file come from (a growing file, a packed one, a pipe, a table),
 * as sources.c sees them all. */
#ifndef FRAUDTOP_SOURCE_ORIGIN_H
#define FRAUDTOP_SOURCE_ORIGIN_H

#include "core/source/cutter.h"
#include "core/source/sources.h"

struct origin {
	cutter_read *read;
	/* To be called now and then. NULL: not needed, as with rest, skip, save, load and resume.
	 */
	void (*look)(void *self);
	/* It is not its turn yet: gives back what it can do without. */
	void (*rest)(void *self);
	/* Before anything is read: begins about so many bytes before the end. Returns the offset;
	 * if that is not 0, it is the byte before it that is read first, since it may stand in the
	 * middle of a record, and head is what the file begins with. */
	uint64_t (*skip)(void *self, uint64_t bytes, struct buf *head);
	/* Fills in what it knows of: bytes, size, rotations, truncations, present, at_end, error.
	 */
	void (*tell)(const void *self, struct source_stats *stats);
	void (*save)(const void *self, struct buf *pack);
	void (*load)(void *self, struct unpack *unpack);
	/* After all were loaded: finds again what was being read. */
	void (*resume)(void *self);
	void (*free)(void *self);
};

extern const struct origin origin_tail, origin_packed, origin_pipe, origin_dbrows;

#endif
