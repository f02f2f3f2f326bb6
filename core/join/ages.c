/* ages.c: see ages.h. */
#include "core/join/ages.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

enum { FINEST = 200000 };

void
ages_init(struct ages *ages, int64_t ttl_us, size_t bytes)
{
	int64_t size = 1024, ttl_ms = ttl_us / 1000 + 1;
	while (size * 2 * (int64_t)sizeof(*ages->counts) <= (int64_t)bytes && size < 262144)
		size *= 2;
	int64_t grains = size / 4 * 3 < FINEST ? size / 4 * 3 : FINEST;
	*ages = (struct ages){.ttl_us = ttl_us, .mask = size - 1};
	ages->grain_ms = (ttl_ms + grains - 1) / grains;
	ages->counts = mem_alloc((size_t)size * sizeof(*ages->counts));
	ages->changed = mem_alloc((size_t)size / AGES_CHUNK);
	ages->floor = ages->expired = -1;
}

void
ages_free(struct ages *ages)
{
	free(ages->counts);
	free(ages->changed);
}

static bool
is_empty(const struct ages *ages, int64_t grain)
{
	const uint32_t *counts = ages->counts[grain & ages->mask];
	return (counts[0] | counts[1] | counts[2] | counts[3]) == 0;
}

/* Before anything has expired the ring lies as deep as it can without harm. */
bool
ages_holds(struct ages *ages, int64_t ms)
{
	int64_t grain = ages_grain(ages, ms);
	if (!ages->begun) {
		ages->begun = true;
		int64_t floor = grain - (ages->mask + 1) / 8 * 7;
		if (floor > ages->floor)
			ages->floor = floor;
		ages->top = ages->floor;
	}
	if (grain <= ages->floor)
		return false;
	int64_t floor = grain - ages->mask;
	if (floor > ages->floor) {
		for (int64_t i = ages->floor + 1; i <= floor && i <= ages->top; i++)
			if (!is_empty(ages, i))
				return false;
		ages->floor = floor;
	}
	return true;
}

void
ages_add(struct ages *ages, int64_t ms, enum slot_state state)
{
	int64_t grain = ages_grain(ages, ms), at = grain & ages->mask;
	if (grain > ages->top)
		ages->top = grain;
	ages->counts[at][state]++;
	ages->totals[state]++;
	ages->changed[at / AGES_CHUNK] = 1;
}

void
ages_remove(struct ages *ages, int64_t ms, enum slot_state state)
{
	int64_t at = ages_grain(ages, ms) & ages->mask;
	if (ages->counts[at][state] == 0)
		return; /* an entry that was given up, and seen again in an older file */
	ages->counts[at][state]--;
	ages->totals[state]--;
	ages->changed[at / AGES_CHUNK] = 1;
}

void
ages_raise(struct ages *ages, int64_t floor, uint64_t gone[STATES])
{
	for (int64_t grain = ages->floor + 1; grain <= floor && grain <= ages->top; grain++) {
		if (is_empty(ages, grain))
			continue;
		int64_t at = grain & ages->mask;
		for (int i = 0; i < STATES; i++) {
			gone[i] += ages->counts[at][i];
			ages->totals[i] -= ages->counts[at][i];
			ages->counts[at][i] = 0;
		}
		ages->changed[at / AGES_CHUNK] = 1;
	}
	if (floor > ages->floor)
		ages->floor = floor;
}

int64_t
ages_expired(const struct ages *ages, wall_us now)
{
	/* A grain's last millisecond is of the age, to the microsecond. */
	if (now < ages->ttl_us)
		return -1;
	return ((now - ages->ttl_us) / 1000 + 1) / ages->grain_ms - 1;
}

static uint64_t
count_grain(const struct ages *ages, int64_t grain)
{
	const uint32_t *counts = ages->counts[grain & ages->mask];
	return (uint64_t)counts[0] + counts[1] + counts[2] + counts[3];
}

int64_t
ages_cut(const struct ages *ages, uint64_t kept)
{
	int64_t grain = ages->top;
	for (uint64_t count = 0; grain > ages->floor; grain--) {
		count += count_grain(ages, grain);
		if (count > kept)
			break;
	}
	return grain;
}

int64_t
ages_oldest(const struct ages *ages, uint64_t count)
{
	int64_t grain = ages->floor;
	for (uint64_t seen = 0; seen < count && grain < ages->top;)
		seen += count_grain(ages, ++grain);
	return grain;
}

void
ages_recount(struct ages *ages)
{
	memset(ages->totals, 0, sizeof(ages->totals));
	for (int64_t i = 0; i <= ages->mask; i++)
		for (int state = 0; state < STATES; state++)
			ages->totals[state] += ages->counts[i][state];
}

void
ages_change_all(struct ages *ages)
{
	for (int64_t i = 0; i <= ages->mask; i++)
		if (!is_empty(ages, i))
			ages->changed[i / AGES_CHUNK] = 1;
}

uint64_t
ages_memory(const struct ages *ages)
{
	uint64_t grains = (uint64_t)ages->mask + 1;
	return grains * sizeof(*ages->counts) + grains / AGES_CHUNK;
}
