/* record_parts.h: the inside of a record reader, for core/ingest/record*.c alone.
 *
 * A line is read into slots (what stands where a path leads) and members (named values); only then
 * it is judged. Strings live in one arena that is as large as the line can need before the line is
 * begun, so it never moves under the pointers handed out; in a steady state no line allocates. */
#ifndef FRAUDTOP_INGEST_RECORD_PARTS_H
#define FRAUDTOP_INGEST_RECORD_PARTS_H

#include "core/ingest/intern.h"
#include "core/ingest/jsonscan.h"
#include "core/ingest/members.h"
#include "core/ingest/outline.h"
#include "core/ingest/record.h"
#include "core/ingest/route.h"

enum slot_kind { SLOT_ABSENT, SLOT_NUMBER, SLOT_TEXT, SLOT_BOOL, SLOT_OTHER, SLOT_TIME };

/* What stands where a path leads. */
struct slot {
	enum slot_kind kind;
	union {
		double number; /* of a bool: 0 or 1 */
		wall_us time; /* SLOT_TIME: a text in the place of a time */
	};
	const char *text; /* a string, or the text of a number */
	size_t length;
	const char *where;
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
	struct shapes shapes;
	struct {
		char text[16]; /* `2026-01-28T14:06` */
		wall_us begins;
	} minute; /* of the last time that was a text */
	struct outline outline;
	const char *(*walk)(struct record_reader *, const char *, const char *,
	    struct prediction *); /* walkers.h */
	struct trace *trace; /* of the line being read */
	size_t trace_count, trace_capacity;
	bool learning; /* the line being read is traced */
	bool odd; /* it is none to learn from */
	struct known_key *known; /* record_keys.h */
};

/* Reads the whole line, which is padded, into slots and members. */
bool record_scan(struct record_reader *reader, struct jsonscan *scan);
/* One value that is no object and no list, or the beginning of one, in `depth` others. */
bool record_scalar(
    struct record_reader *reader, struct jsonscan *scan, unsigned depth, struct slot *slot);
/* The text of a number, clean, in the arena; the slot's length becomes its own. */
const char *record_number_text(struct record_reader *reader, struct slot *slot);
/* All but its name. */
void record_fill_member(struct feature_value *member, const struct slot *slot);
void record_forget_keys(struct record_reader *reader);

/* The slot that counts for a choice: the first that is there, or one that is absent. */
const struct slot *record_chosen(
    const struct record_reader *reader, const struct route_choice *choice);
bool record_judge_prediction(
    struct record_reader *reader, struct jsonscan *scan, struct prediction *out);
bool record_judge_label(struct record_reader *reader, struct jsonscan *scan, struct label *out);

#endif
