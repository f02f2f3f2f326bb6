/* filter.h: tells of most keys that they are not there: blocks of 64 bytes, of which a key has one
 * (Putze, Sanders, Singler 2007). With 8 bits a key 3 in 100 that are not there are looked for in
 * vain, with 16 bits 2 in 1,000.
 *
 * Keys are hashes, so a key's block is its share of the keys' range: who sets them in their order
 * goes through the filter once, and a filter of a part of the range is that part of a filter of the
 * whole one. `skip` first bits are the same in all keys. 16 bits of a block are a sum of the
 * others, for who reads it alone from a file. */
#ifndef FRAUDTOP_JOIN_FILTER_H
#define FRAUDTOP_JOIN_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FILTER_WORDS = 8, FILTER_BLOCK = 64 };

/* What a filter is asked for of a key, the same for all filters. */
struct probe {
	uint64_t key;
	uint64_t bits; /* nine bits for each bit of the block */
};

static inline struct probe
probe_of(uint64_t key)
{
	uint64_t bits = (key ^ key >> 29) * UINT64_C(0xBF58476D1CE4E5B9);
	return (struct probe){key, bits ^ bits >> 32};
}

struct filter {
	uint64_t *words; /* NULL: only in the file */
	void *memory; /* to be freed */
	uint64_t blocks;
	unsigned skip;
};

/* Zeros, from the beginning of a line of the cache on. */
uint64_t *filter_alloc(uint64_t bytes, void **memory);
void filter_init(struct filter *filter, uint64_t blocks, unsigned skip);
void filter_drop(struct filter *filter); /* from memory */
void filter_set(struct filter *filter, uint64_t key);
void filter_seal(struct filter *filter); /* writes the sums */
bool filter_block_has(const uint64_t block[FILTER_WORDS], const struct probe *probe);
bool filter_block_is_whole(const uint64_t block[FILTER_WORDS]);

/* With so many bits for each key. */
static inline uint64_t
filter_blocks(uint64_t keys, unsigned bits)
{
	return keys * bits / (8 * FILTER_BLOCK) + 1;
}

static inline uint64_t
filter_bytes(const struct filter *filter)
{
	return filter->blocks * FILTER_BLOCK;
}

/* The first word of the key's block. */
static inline uint64_t
filter_block(const struct filter *filter, const struct probe *probe)
{
	uint64_t place = probe->key << filter->skip;
	return (uint64_t)(((unsigned __int128)place * filter->blocks) >> 64) * FILTER_WORDS;
}

static inline void
filter_prefetch(const struct filter *filter, const struct probe *probe)
{
	if (filter->words != NULL)
		__builtin_prefetch(&filter->words[filter_block(filter, probe)]);
}

#endif
