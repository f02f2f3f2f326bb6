/* slot.h: one entry of the join in 20 bytes, the same in memory and in the files.
 *
 * a: 59 bits of the id's hash, then label + 1 known (1 bit), decision + 1 (2), state (2). The kept
 * bits of the hash are the key; it is never 0, and a slot whose a is 0 is empty.
 * b: milliseconds since 1970 (42), series (16), 6 bits of the cohort. For a prediction they are its
 * time, for a label that waits its own.
 * c: 2 bits of the cohort, 30 of the score: whether it is a distance to 0 or to 1, then that
 * distance as a float without the bits that it never uses: it is below 1, and what is below 2^-62
 * is 0. */
#ifndef FRAUDTOP_JOIN_SLOT_H
#define FRAUDTOP_JOIN_SLOT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/join/entry.h"

#define SLOT_KEY_MASK (~UINT64_C(31))
#define SLOT_TIME_MAX ((INT64_C(1) << 42) - 1)

enum slot_state { STATE_PENDING, STATE_JOINED, STATE_LABEL, STATE_ASSUMED, STATES };

struct slot {
	uint64_t a, b;
	uint32_t c;
} __attribute__((packed, aligned(4)));

static inline uint64_t
slot_key_of(uint64_t hash)
{
	uint64_t key = hash & SLOT_KEY_MASK;
	return key != 0 ? key : ~SLOT_KEY_MASK + 1;
}

static inline uint64_t
slot_key(const struct slot *slot)
{
	return slot->a & SLOT_KEY_MASK;
}

static inline enum slot_state
slot_state(const struct slot *slot)
{
	return (enum slot_state)(slot->a & 3);
}

static inline int
slot_label(const struct slot *slot)
{
	return slot_state(slot) == STATE_PENDING ? -1 : (int)(slot->a >> 4 & 1);
}

static inline int64_t
slot_ms(const struct slot *slot)
{
	return (int64_t)(slot->b >> 22);
}

/* Milliseconds as they are kept. */
static inline int64_t
slot_ms_of(wall_us ts)
{
	int64_t ms = ts / 1000;
	return ms < 0 ? 0 : ms > SLOT_TIME_MAX ? SLOT_TIME_MAX : ms;
}

uint32_t slot_pack_score(double score);
double slot_unpack_score(uint32_t packed);
struct slot slot_of_prediction(uint64_t key, const struct join_entry *entry, enum slot_state state);
struct slot slot_of_label(uint64_t key, int64_t ms, int label);
struct slot slot_with_label(struct slot slot, enum slot_state state, int label);
struct slot slot_at(struct slot slot, int64_t ms); /* the same at another time */
struct join_entry slot_entry(const struct slot *slot);

#endif
