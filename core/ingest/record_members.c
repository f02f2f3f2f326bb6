/* record_members.c: the named values of a line (features, attributions), each name once, and the
 * shapes that their names make. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/ingest/record_parts.h"

static void
begin(struct members *members)
{
	members->before = members->count;
	members->count = 0;
	members->held = ROUTE_NO_SLOT;
	if (++members->generation == 0) {
		memset(members->stamps, 0, members->stamps_count * sizeof(*members->stamps));
		members->generation = 1;
	}
}

void
members_begin(struct record_reader *reader)
{
	begin(&reader->features);
	begin(&reader->attributions);
	if (reader->names.count <= RECORD_MAX_NAMES)
		return;
	intern_free(&reader->names);
	outline_clear(&reader->outline);
	record_forget_keys(reader);
	reader->shapes_count = reader->shapes_next = reader->shapes_last = 0;
	reader->features.before = reader->attributions.before = 0;
}

/* A logger writes its names in one order, so that of the line before at the same place is nearly
 * always right. */
uint32_t
members_name(
    struct record_reader *reader, const struct members *members, const char *name, size_t length)
{
	if (members->count < members->before) {
		uint32_t guess = members->ids[members->count];
		const char *there = reader->names.list[guess];
		if (strncmp(there, name, length) == 0 && there[length] == '\0')
			return guess;
	}
	return intern_add(&reader->names, name, length);
}

static struct member_stamp *
stamp_of(struct members *members, uint32_t id)
{
	if (id >= members->stamps_count) {
		size_t old = members->stamps_count;
		mem_reserve(&members->stamps, &members->stamps_count, (size_t)id + 1,
		    sizeof(*members->stamps));
		memset(members->stamps + old, 0,
		    (members->stamps_count - old) * sizeof(*members->stamps));
	}
	return &members->stamps[id];
}

struct feature_value *
members_place(struct record_reader *reader, struct members *members, uint32_t id, bool apart)
{
	struct member_stamp *stamp = stamp_of(members, id);
	if (stamp->generation == members->generation) {
		reader->odd = true;
		members->apart[stamp->member] &= apart;
		return &members->list[stamp->member];
	}
	if (members->count == RECORD_MAX_FEATURES)
		return NULL;
	*stamp = (struct member_stamp){members->generation, (uint32_t)members->count};
	members->ids[members->count] = id;
	members->apart[members->count] = apart;
	struct feature_value *member = &members->list[members->count++];
	member->name = reader->names.list[id];
	return member;
}

void
members_drop(struct members *members)
{
	size_t kept = 0;
	for (size_t i = 0; i < members->count; i++) {
		struct member_stamp *stamp = stamp_of(members, members->ids[i]);
		stamp->generation = 0;
		if (!members->apart[i])
			continue;
		*stamp = (struct member_stamp){members->generation, (uint32_t)kept};
		members->list[kept] = members->list[i];
		members->ids[kept] = members->ids[i];
		members->apart[kept++] = true;
	}
	members->count = kept;
	members->before = 0;
}

static uint64_t
hash_shape(const struct members *members)
{
	uint64_t hash = members->count;
	for (size_t i = 0; i < members->count; i++)
		hash = (hash ^ members->ids[i]) * UINT64_C(0x9E3779B97F4A7C15);
	return hash;
}

static bool
is_shape(const struct record_reader *reader, size_t i, uint64_t hash)
{
	const struct members *members = &reader->features;
	const struct shape *shape = &reader->shapes[i];
	return i < reader->shapes_count && reader->shape_hashes[i] == hash &&
	       shape->count == members->count &&
	       memcmp(shape->ids, members->ids, members->count * sizeof(*members->ids)) == 0;
}

uint64_t
members_shape(struct record_reader *reader)
{
	const struct members *members = &reader->features;
	uint64_t hash = hash_shape(members);
	size_t i = reader->shapes_last;
	if (!is_shape(reader, i, hash))
		for (i = 0; i < reader->shapes_count && !is_shape(reader, i, hash);)
			i++;
	if (i < reader->shapes_count) {
		reader->shapes_last = i;
		return reader->shapes[i].number;
	}
	if (reader->shapes == NULL)
		reader->shapes = mem_alloc(RECORD_SHAPES * sizeof(*reader->shapes));
	reader->shapes_last = reader->shapes_next;
	struct shape *shape = &reader->shapes[reader->shapes_next];
	reader->shapes_next = (reader->shapes_next + 1) % RECORD_SHAPES;
	if (reader->shapes_count < RECORD_SHAPES)
		reader->shapes_count++;
	shape->number = ++reader->last_shape;
	reader->shape_hashes[shape - reader->shapes] = hash;
	shape->count = members->count;
	memcpy(shape->ids, members->ids, members->count * sizeof(*members->ids));
	return shape->number;
}

void
members_free(struct record_reader *reader)
{
	free(reader->features.stamps);
	free(reader->attributions.stamps);
	free(reader->shapes);
	intern_free(&reader->names);
}
