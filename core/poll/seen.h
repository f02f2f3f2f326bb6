/* seen.h: what was there before: a set of 64-bit hashes, and how they are made.
 *
 * Two things of the same hash are taken for the same: of a million, two have it by chance once in
 * forty million times. */
#ifndef FRAUDTOP_POLL_SEEN_H
#define FRAUDTOP_POLL_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct seen {
	uint64_t *hashes; /* open addressing; 0 is free */
	size_t count, size;
};

bool seen_add(struct seen *seen, uint64_t hash); /* false: it is there already */
void seen_free(struct seen *seen);

uint64_t seen_mix(uint64_t hash);
uint64_t seen_hash(const char *text, size_t length, uint64_t seed);
/* Byte by byte, so that a name and its suffix, one after the other, are the same as the whole. */
uint64_t seen_hash_more(uint64_t hash, const char *text, size_t length);

#endif
