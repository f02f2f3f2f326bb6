/* probe.h: what a filter (run.h) is asked for of a key, the same for the filters of all runs. */
#ifndef FRAUDTOP_JOIN_PROBE_H
#define FRAUDTOP_JOIN_PROBE_H

#include <stdint.h>

struct probe {
	uint64_t place; /* the share of the filter before its block, of 2^64 */
	uint64_t bits; /* nine bits for each bit of the block */
};

static inline struct probe
probe_of(uint64_t key)
{
	uint64_t bits = (key ^ key >> 29) * UINT64_C(0xBF58476D1CE4E5B9);
	bits ^= bits >> 32;
	return (struct probe){bits * UINT64_C(0x9E3779B97F4A7C15), bits};
}

#endif
