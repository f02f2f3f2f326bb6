/* members.c: see members.h. */
#include "core/ingest/members.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

void
members_begin(struct members *members)
{
	members->count = 0;
	members->held = UINT32_MAX;
	if (++members->generation == 0) {
		memset(members->stamps, 0, members->stamps_count * sizeof(*members->stamps));
		members->generation = 1;
	}
}

void
members_reserve(struct members *members, uint32_t id)
{
	size_t old = members->stamps_count;
	mem_reserve(
	    &members->stamps, &members->stamps_count, (size_t)id + 1, sizeof(*members->stamps));
	memset(members->stamps + old, 0, (members->stamps_count - old) * sizeof(*members->stamps));
}

void
members_drop(struct members *members)
{
	size_t kept = 0;
	for (size_t i = 0; i < members->count; i++) {
		struct member_stamp *stamp = &members->stamps[members->ids[i]];
		stamp->generation = 0;
		if (!members->apart[i])
			continue;
		*stamp = (struct member_stamp){members->generation, (uint32_t)kept};
		members->list[kept] = members->list[i];
		members->ids[kept] = members->ids[i];
		members->apart[kept++] = true;
	}
	members->count = kept;
}

void
members_free(struct members *members)
{
	free(members->stamps);
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
is_shape(const struct shapes *shapes, size_t i, const struct members *members, uint64_t hash)
{
	return i < shapes->count && shapes->hashes[i] == hash &&
	       shapes->list[i].count == members->count &&
	       memcmp(shapes->list[i].ids, members->ids, members->count * sizeof(*members->ids)) ==
		   0;
}

uint64_t
shapes_number(struct shapes *shapes, const struct members *members)
{
	uint64_t hash = hash_shape(members);
	size_t i = shapes->found;
	if (!is_shape(shapes, i, members, hash))
		for (i = 0; i < shapes->count && shapes->hashes[i] != hash;)
			i++;
	if (!is_shape(shapes, i, members, hash)) {
		if (shapes->list == NULL)
			shapes->list = mem_alloc(MEMBERS_SHAPES * sizeof(*shapes->list));
		i = shapes->next;
		shapes->next = (i + 1) % MEMBERS_SHAPES;
		shapes->count += shapes->count < MEMBERS_SHAPES;
		shapes->list[i].number = ++shapes->given;
		shapes->list[i].count = members->count;
		memcpy(shapes->list[i].ids, members->ids, members->count * sizeof(*members->ids));
		shapes->hashes[i] = hash;
	}
	shapes->found = i;
	return shapes->list[i].number;
}
