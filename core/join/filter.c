/* filter.c: see filter.h. */
#include "core/join/filter.h"

#include <stdlib.h>

#include "core/base/mem.h"

enum { PROBES = 5 };

void
filter_init(struct filter *filter, uint64_t keys, unsigned bits, unsigned skip)
{
	*filter = (struct filter){.blocks = keys * bits / (8 * FILTER_BLOCK) + 1, .skip = skip};
	filter->words = mem_alloc(filter_bytes(filter));
}

void
filter_drop(struct filter *filter)
{
	free(filter->words);
	filter->words = NULL;
}

void
filter_set(struct filter *filter, uint64_t key)
{
	struct probe probe = probe_of(key);
	uint64_t *block = &filter->words[filter_block(filter, &probe)];
	for (int i = 0; i < PROBES; i++, probe.bits >>= 9)
		block[probe.bits >> 6 & 7] |= UINT64_C(1) << (probe.bits & 63);
}

/* Without a branch for each bit: which is the first that lacks cannot be foretold. */
bool
filter_block_has(const uint64_t block[FILTER_WORDS], const struct probe *probe)
{
	uint64_t all = 1, bits = probe->bits;
	for (int i = 0; i < PROBES; i++, bits >>= 9)
		all &= block[bits >> 6 & 7] >> (bits & 63);
	return all != 0;
}
