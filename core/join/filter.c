/* filter.c: see filter.h. */
#include "core/join/filter.h"

#include <stdlib.h>

#include "core/base/mem.h"

enum { PROBES = 5, SUM_SHIFT = 48 }; /* the sum is the last word's upper bits */

uint64_t *
filter_alloc(uint64_t bytes, void **memory)
{
	char *start = mem_alloc_table(bytes + FILTER_BLOCK);
	*memory = start;
	return (void *)(start + (FILTER_BLOCK - (uintptr_t)start % FILTER_BLOCK) % FILTER_BLOCK);
}

void
filter_init(struct filter *filter, uint64_t blocks, unsigned skip)
{
	*filter = (struct filter){.blocks = blocks, .skip = skip};
	filter->words = filter_alloc(filter_bytes(filter), &filter->memory);
}

void
filter_drop(struct filter *filter)
{
	free(filter->memory);
	filter->words = filter->memory = NULL;
}

/* Of nine bits: one of those of a block that are not its sum's. */
static inline unsigned
place_of(uint64_t bits)
{
	return (unsigned)((bits & 511) * 31 >> 5);
}

void
filter_set(struct filter *filter, uint64_t key)
{
	struct probe probe = probe_of(key);
	uint64_t *block = &filter->words[filter_block(filter, &probe)];
	for (int i = 0; i < PROBES; i++, probe.bits >>= 9) {
		unsigned place = place_of(probe.bits);
		block[place >> 6] |= UINT64_C(1) << (place & 63);
	}
}

/* Without a branch for each bit: which is the first that lacks cannot be foretold. */
bool
filter_block_has(const uint64_t block[FILTER_WORDS], const struct probe *probe)
{
	uint64_t all = 1, bits = probe->bits;
	for (int i = 0; i < PROBES; i++, bits >>= 9) {
		unsigned place = place_of(bits);
		all &= block[place >> 6] >> (place & 63);
	}
	return (all & 1) != 0;
}

static uint64_t
sum_of(const uint64_t block[FILTER_WORDS])
{
	uint64_t sum = block[FILTER_WORDS - 1] << (64 - SUM_SHIFT);
	for (int i = 0; i < FILTER_WORDS - 1; i++)
		sum = (sum ^ block[i]) * UINT64_C(0x9E3779B97F4A7C15) + (sum >> 29) + 1;
	return (sum ^ sum >> 31) >> SUM_SHIFT;
}

void
filter_seal(struct filter *filter)
{
	const uint64_t rest = (UINT64_C(1) << SUM_SHIFT) - 1;
	for (uint64_t i = 0; i < filter->blocks; i++) {
		uint64_t *block = &filter->words[i * FILTER_WORDS],
			 *last = &block[FILTER_WORDS - 1];
		*last = (*last & rest) | sum_of(block) << SUM_SHIFT;
	}
}

bool
filter_block_is_whole(const uint64_t block[FILTER_WORDS])
{
	return sum_of(block) == block[FILTER_WORDS - 1] >> SUM_SHIFT;
}
