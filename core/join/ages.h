/* ages.h: how many entries of every state there are by their age, so that to expire or to evict is
 * to take counts away, whether the entries stand in memory or in files, and costs nothing an entry.
 *
 * Time is cut into grains of `grain_ms`, 1/200,000 of the longest wait with the default memory.
 * Entries of a grain up to `floor` are gone; what is beyond the ring's end cannot be kept. */
#ifndef FRAUDTOP_JOIN_AGES_H
#define FRAUDTOP_JOIN_AGES_H

#include "core/join/slot.h"

enum { AGES_CHUNK = 64 }; /* grains that are saved together */

struct ages {
	int64_t grain_ms, ttl_us;
	uint32_t (*counts)[STATES]; /* a ring by grain */
	int64_t mask;
	int64_t floor, expired, top; /* grains: gone; of them by their age; the newest */
	bool begun;
	uint8_t *changed; /* chunks, since the last save */
	uint64_t totals[STATES];
};

void ages_init(struct ages *ages, int64_t ttl_us, size_t bytes);
void ages_free(struct ages *ages);

static inline int64_t
ages_grain(const struct ages *ages, int64_t ms)
{
	return ms / ages->grain_ms;
}

static inline bool
ages_alive(const struct ages *ages, int64_t ms)
{
	return ages_grain(ages, ms) > ages->floor;
}

/* The first millisecond of what is alive. */
static inline int64_t
ages_since(const struct ages *ages)
{
	return ages->floor < SLOT_TIME_MAX / ages->grain_ms ? (ages->floor + 1) * ages->grain_ms
							    : SLOT_TIME_MAX + 1;
}

/* Can an entry of that time be kept? Moves the ring if that costs nothing. */
bool ages_holds(struct ages *ages, int64_t ms);
void ages_add(struct ages *ages, int64_t ms, enum slot_state state);
void ages_remove(struct ages *ages, int64_t ms, enum slot_state state);

/* Gives up everything up to that grain; adds what there was to `gone`. */
void ages_raise(struct ages *ages, int64_t floor, uint64_t gone[STATES]);
/* The grain of which everything is ttl_us old at `now`. */
int64_t ages_expired(const struct ages *ages, wall_us now);
/* The youngest grain that is not among the newest `kept` entries. */
int64_t ages_cut(const struct ages *ages, uint64_t kept);
/* Of the grains that are not gone, the oldest ones' last such that they hold `count` entries. */
int64_t ages_oldest(const struct ages *ages, uint64_t count);

uint64_t ages_memory(const struct ages *ages);
/* Of a checkpoint: the totals from the counts; to write all that is not 0 to a new journal. */
void ages_recount(struct ages *ages);
void ages_change_all(struct ages *ages);

#endif
