/* members.h: the named values of a line (features, attributions), each name once, and the shapes
 * that their names make. For core/ingest/record*.c alone.
 *
 * Names have numbers, and are kept from line to line, so that equal names are one pointer. */
#ifndef FRAUDTOP_INGEST_MEMBERS_H
#define FRAUDTOP_INGEST_MEMBERS_H

#include "core/ingest/intern.h"
#include "core/ingest/record.h"

#define MEMBERS_SHAPES 64 /* remembered at a time */

struct members {
	struct feature_value list[RECORD_MAX_FEATURES];
	uint32_t ids[RECORD_MAX_FEATURES]; /* of the names */
	bool apart[RECORD_MAX_FEATURES]; /* it stands outside of the object of features */
	size_t count;
	uint32_t held; /* the slot whose members these are, or ROUTE_NO_SLOT */
	uint32_t generation;
	struct member_stamp {
		uint32_t generation; /* of another one: no member has this name */
		uint32_t member;
	} * stamps; /* by the name's id */
	size_t stamps_count;
};

/* Which names in which order a line may have, by numbers that are never given twice. */
struct shapes {
	struct shape {
		uint64_t number;
		size_t count;
		uint32_t ids[RECORD_MAX_FEATURES];
	} * list;
	uint64_t hashes[MEMBERS_SHAPES];
	size_t count, next, found; /* next: to be forgotten; found: the last time */
	uint64_t given;
};

/* Forgets the line before. */
void members_begin(struct members *members);
/* Makes room for a name whose number is `id`. */
void members_reserve(struct members *members, uint32_t id);
/* Drops those of the object that was read. */
void members_drop(struct members *members);
void members_free(struct members *members);
uint64_t shapes_number(struct shapes *shapes, const struct members *members);

/* The place for the member whose name has that number; *twice: its old one, for its name stands
 * twice. NULL: there are too many. */
static inline struct feature_value *
members_place(
    struct members *members, const struct intern *names, uint32_t id, bool apart, bool *twice)
{
	if (id >= members->stamps_count)
		members_reserve(members, id);
	struct member_stamp *stamp = &members->stamps[id];
	size_t i = members->count;
	if (stamp->generation == members->generation) {
		*twice = true;
		members->apart[stamp->member] &= apart;
		return &members->list[stamp->member];
	}
	if (i == RECORD_MAX_FEATURES)
		return NULL;
	*stamp = (struct member_stamp){members->generation, (uint32_t)i};
	members->ids[i] = id;
	members->apart[i] = apart;
	members->count++;
	members->list[i].name = names->list[id];
	return &members->list[i];
}

#endif
