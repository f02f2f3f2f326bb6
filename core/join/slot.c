/* slot.c: see slot.h. A float is fine near 0 and coarse near 1, so what is nearer to 1 is kept by
 * its distance to it. */
#include "core/join/slot.h"

#include <string.h>

#define FROM_ONE (UINT32_C(1) << 29)
#define LEAST_EXPONENT (UINT32_C(64) << 23) /* of a float: 2^-63; what bears it is 0 */

static uint32_t
pack_distance(float distance)
{
	uint32_t bits;
	memcpy(&bits, &distance, sizeof(bits));
	return bits < LEAST_EXPONENT + (UINT32_C(1) << 23) ? 0 : bits - LEAST_EXPONENT;
}

uint32_t
slot_pack_score(double score)
{
	if (!(score > 0))
		return 0;
	if (score > 0.5)
		return FROM_ONE | (score < 1 ? pack_distance((float)(1 - score)) : 0);
	return pack_distance((float)score);
}

double
slot_unpack_score(uint32_t packed)
{
	uint32_t bits = packed & (FROM_ONE - 1);
	float distance = 0;
	if (bits != 0) {
		bits += LEAST_EXPONENT;
		memcpy(&distance, &bits, sizeof(bits));
	}
	return (packed & FROM_ONE) != 0 ? 1 - (double)distance : (double)distance;
}

struct slot
slot_of_prediction(uint64_t key, const struct join_entry *entry, enum slot_state state)
{
	return (struct slot){.a = key | (uint64_t)(entry->label > 0) << 4 |
				  (uint64_t)((entry->decision + 1) & 3) << 2 | (uint64_t)state,
	    .b = (uint64_t)slot_ms_of(entry->ts) << 22 | (uint64_t)(entry->series & 0xFFFF) << 6 |
		 (entry->cohort & 63),
	    .c = (uint32_t)(entry->cohort >> 6) << 30 | slot_pack_score(entry->score)};
}

struct slot
slot_of_label(uint64_t key, int64_t ms, int label)
{
	return (struct slot){
	    .a = key | (uint64_t)(label > 0) << 4 | STATE_LABEL, .b = (uint64_t)ms << 22};
}

struct slot
slot_with_label(struct slot slot, enum slot_state state, int label)
{
	slot.a = (slot.a & ~UINT64_C(0x13)) | (uint64_t)(label > 0) << 4 | (uint64_t)state;
	return slot;
}

struct slot
slot_at(struct slot slot, int64_t ms)
{
	slot.b = (uint64_t)ms << 22 | (slot.b & ((UINT64_C(1) << 22) - 1));
	return slot;
}

struct join_entry
slot_entry(const struct slot *slot)
{
	return (struct join_entry){.ts = slot_ms(slot) * 1000,
	    .score = slot_unpack_score(slot->c & 0x3FFFFFFF),
	    .series = (uint32_t)(slot->b >> 6 & 0xFFFF),
	    .cohort = (uint8_t)((slot->b & 63) | slot->c >> 30 << 6),
	    .decision = (int8_t)((int)(slot->a >> 2 & 3) - 1),
	    .label = (int8_t)slot_label(slot)};
}
