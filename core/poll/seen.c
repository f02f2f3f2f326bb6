/* seen.c: open addressing, at most half full, so that a search is short. */
#include "core/poll/seen.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

uint64_t
seen_mix(uint64_t hash)
{
	hash = (hash ^ hash >> 32) * UINT64_C(0xD6E8FEB86659FD93);
	return hash ^ hash >> 29;
}

uint64_t
seen_hash(const char *text, size_t length, uint64_t hash)
{
	uint64_t word;
	for (; length >= sizeof(word); length -= sizeof(word), text += sizeof(word)) {
		memcpy(&word, text, sizeof(word));
		hash = seen_mix(hash ^ word);
	}
	word = length;
	memcpy(&word, text, length);
	return seen_mix(hash ^ word) + length;
}

/* Every bit in its place, by murmur3's finish: the table takes the lowest. */
static uint64_t
finish(uint64_t hash)
{
	hash = (hash ^ hash >> 33) * UINT64_C(0xFF51AFD7ED558CCD);
	hash = (hash ^ hash >> 33) * UINT64_C(0xC4CEB9FE1A85EC53);
	hash ^= hash >> 33;
	return hash != 0 ? hash : 1;
}

uint64_t
seen_hash_more(uint64_t hash, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)text[i]) * UINT64_C(0x100000001B3);
	return hash;
}

static bool
set_place(uint64_t *set, size_t size, uint64_t hash)
{
	size_t i = (size_t)hash & (size - 1);
	for (; set[i] != 0; i = (i + 1) & (size - 1)) {
		if (set[i] == hash)
			return false;
	}
	set[i] = hash;
	return true;
}

bool
seen_add(struct seen *seen, uint64_t hash)
{
	if (seen->count >= seen->size / 2) {
		size_t size = seen->size != 0 ? 2 * seen->size : 256;
		uint64_t *grown = mem_alloc(size * sizeof(*grown));
		for (size_t i = 0; i < seen->size; i++) {
			if (seen->hashes[i] != 0)
				set_place(grown, size, seen->hashes[i]);
		}
		free(seen->hashes);
		seen->hashes = grown;
		seen->size = size;
	}
	bool new = set_place(seen->hashes, seen->size, finish(hash));
	seen->count += new;
	return new;
}

void
seen_free(struct seen *seen)
{
	free(seen->hashes);
	*seen = (struct seen){0};
}
