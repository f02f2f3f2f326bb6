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

#include "core/ingest/record.h"

#define OUTLINE_BLOCK 32 /* bytes compared at once */
#define OUTLINE_MOST 8192 /* steps; a log without a shape must not fill the memory */
#define OUTLINE_OTHERS 16

/* How a value is read, if it is as usual; else the long way, which takes any value. */
enum step_how {
	HOW_NEW, /* not known yet */
	HOW_CONSTANT, /* as in the line before, to the byte behind it */
	HOW_INTEGER, /* of few digits, without a sign */
	HOW_DECIMAL, /* likewise; with a point or without */
	HOW_NUMBER, /* without an exponent */
	HOW_TEXT,
	HOW_STEADY, /* a text as long as in the line before */
	HOW_TIME, /* a text that begins with the minute of the line before */
	HOW_WORD, /* true, false or null */
	HOW_ANY,
	HOW_AGAIN, /* no new one: the one before */
	HOW_NOTHING, /* none: an absent one */
	HOW_LITERAL, /* none: the literal goes on */
	HOW_END /* the line ends */
};

enum step_target {
	TARGET_FEATURE,
	TARGET_ATTRIBUTION,
	TARGET_TIME,
	TARGET_TEXT,
	TARGET_NUMBER,
	TARGET_FLAG,
	TARGET_STATUS,
	TARGET_NULL, /* only null will do */
	TARGET_NONE, /* nobody asked for it; no object and no list */
	TARGET_GROUP /* nobody asked for it; an object or a list */
};

struct step {
	char literal[OUTLINE_BLOCK];
	char seen[OUTLINE_BLOCK]; /* literal and constant, or the time's beginning, as they were */
	char text[OUTLINE_BLOCK];
	struct feature_value member; /* of a feature or an attribution, but for what varies */
	union {
		double number;
		const char *text;
		wall_us time;
		int flag;
	} constant; /* of a field */
	struct step *next, *other;
	uint32_t literal_bits, seen_bits; /* which of them must be equal */
	double low, high; /* what is in range */
	wall_us minute;
	uint64_t shape; /* HOW_END */
	uint32_t length, misses; /* length: of the literal */
	uint32_t member_place; /* offset in struct record_reader */
	uint16_t
	    place; /* offset in struct prediction, or number of the member; of an end features */
	uint16_t attributions; /* HOW_END */
	uint8_t how, target, seen_length;
	uint8_t constant_size; /* bytes of it that are put; 0: none */
	uint8_t depth; /* of what is passed over */
	char ends; /* the byte behind a number */
	bool must; /* null will not do */
};

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
