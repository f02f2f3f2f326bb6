/* outline.h: what the lines of a log have in common, learned from lines that were read the long
 * way: the bytes between their values, and what becomes of each value. For core/ingest/record*.c
 * and the walkers alone.
 *
 * A step is a literal of up to a block, then a value. Steps make a tree: after one, `next` is
 * tried, then that one's `other`s, the longer literals first; the last step of a line is its end. A
 * line that walks down the tree to an end, each value taken as its step says, holds exactly what
 * record_scan would find in it; one that does not is read the long way, and may teach a new branch.
 */
#ifndef FRAUDTOP_INGEST_OUTLINE_H
#define FRAUDTOP_INGEST_OUTLINE_H

#include <stddef.h>
#include <stdint.h>

#include "core/ingest/step.h"

#define OUTLINE_MOST 8192 /* steps; a log without a shape must not fill the memory */
#define OUTLINE_OTHERS 16

struct outline {
	struct step *steps; /* room for all, so that they never move */
	size_t count;
	struct step *first;
	uint64_t walked, missed; /* lines since the tree was begun, or was full */
	uint32_t rest; /* lines that are not learned any more */
};

/* One value of the line that was just read the long way. */
struct trace {
	const char *start, *end;
	uint32_t slot; /* or ROUTE_NO_SLOT */
	uint16_t place;
	uint8_t how, target, depth;
	bool must;
};

struct record_reader;

/* Adds the line that the reader's trace tells of, unless it is odd. */
void outline_learn(struct record_reader *reader, const char *line, size_t length, uint64_t shape);
void outline_clear(struct outline *outline);
void outline_free(struct outline *outline);

#endif
