/* record_parts.h: the inside of a record reader, for core/ingest/record*.c alone.
 *
 * A line is read into slots (what stands where a path leads) and members (named values); only then
 * it is judged. Strings live in one arena that is as large as the line can need before the line is
 * begun, so it never moves under the pointers handed out; in a steady state no line allocates.
 * Names of members are kept from line to line, so that equal names are one pointer. */
#ifndef FRAUDTOP_INGEST_RECORD_PARTS_H
#define FRAUDTOP_INGEST_RECORD_PARTS_H

#include "core/ingest/intern.h"
#include "core/ingest/jsonscan.h"
#include "core/ingest/record.h"
#include "core/ingest/route.h"
#include "core/ingest/outline.h"

#define RECORD_MAX_NAMES 16384 /* kept from line to line; then all are forgotten */
#define RECORD_SHAPES 64 /* remembered at a time */

enum slot_kind { SLOT_ABSENT, SLOT_NUMBER, SLOT_TEXT, SLOT_BOOL, SLOT_OTHER, SLOT_TIME };

/* What stands where a path leads. */
struct slot {
	enum slot_kind kind;
	double number; /* of a bool: 0 or 1 */
	const char *text; /* a string, or the text of a number */
	size_t length;
	const char *where;
	wall_us time; /* a text in the place of a time */
};

struct members {
	struct feature_value list[RECORD_MAX_FEATURES];
	uint32_t ids[RECORD_MAX_FEATURES]; /* of the names; those of the line before beyond count */
	bool apart[RECORD_MAX_FEATURES]; /* it stands outside of the object of features */
	size_t count, before; /* before: of the line before */
	uint32_t held; /* the slot whose members these are, or ROUTE_NO_SLOT */
	uint32_t generation;
	struct member_stamp {
		uint32_t generation; /* of another one: no member has this name */
		uint32_t member;
	} * stamps; /* by the name's id */
	size_t stamps_count;
};

struct shape {
	uint64_t number;
	size_t count;
	uint32_t ids[RECORD_MAX_FEATURES];
};

struct record_reader {
	struct routes routes;
	bool flat, scoreless;
	struct flags *flags, common; /* common: of a reader without its own */
	uint64_t line; /* number of the line being read */
	char *arena;
	size_t used, capacity;
	struct slot *slots; /* by the routes' numbers */
	struct members features, attributions;
	struct intern names;
	struct shape *shapes;
	size_t shapes_count, shapes_next;
	uint64_t last_shape; /* the number given last */
	struct outline outline;
	const char *(*walk)(struct record_reader *, const char *, const char *,
	    struct prediction *); /* walkers.h */
	struct trace *trace; /* of the line being read */
	size_t trace_count, trace_capacity;
	bool odd; /* the line being read is none to learn from */
};

/* Reads the whole line into slots and members. */
bool record_scan(struct record_reader *reader, struct jsonscan *scan);

/* Forgets the line before. */
void members_begin(struct record_reader *reader);
/* The place for the member of that name (clean, at the arena's end): its old one if it stands
 * twice, else a new one, or NULL if there are too many. */
struct feature_value *members_place(struct record_reader *reader, struct members *members,
    const char *name, size_t length, bool apart);
/* Drops those of the object that was read. */
void members_drop(struct members *members);
uint64_t members_shape(struct record_reader *reader);
void members_free(struct record_reader *reader);

/* The slot that counts for a choice: the first that is there, or one that is absent. */
const struct slot *record_chosen(
    const struct record_reader *reader, const struct route_choice *choice);
bool record_judge_prediction(
    struct record_reader *reader, struct jsonscan *scan, struct prediction *out);
bool record_judge_label(struct record_reader *reader, struct jsonscan *scan, struct label *out);

#endif
