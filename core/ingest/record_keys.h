/* record_keys.h: the keys of objects, known again where they stand in a line. For record_scan.c
 * alone, which includes it once.
 *
 * A logger writes its keys in nearly the same order: the key expected is compared where it should
 * stand, its quotes and colon with it, then the one after it, for one may be lacking; only then the
 * key is looked up by its bytes, in a table in which a new key takes the place of an old one. */
#include "core/ingest/record_parts.h"
#include "core/ingest/value.h"

enum { KNOWN_KEYS = 1024 };

struct known_key {
	char literal[BLOCK]; /* `"key":` as it stands in a line */
	uint32_t bits, length; /* which of its bytes must be equal; length 0: none is */
	const struct route *within; /* the object whose key it is */
	struct route *child; /* where it leads, or NULL */
	uint32_t id; /* of a member of that name, or INTERN_NONE: not asked for yet */
	struct known_key *next; /* that came after it the last time, or NULL */
};

static inline bool
is_key(const struct known_key *key, const struct route *route, const char *at, const char *end)
{
	return key != NULL && key->within == route && at + key->length <= end &&
	       (block_differs(at, key->literal) & key->bits) == 0;
}

/* Of the bytes between the quotes. */
static inline size_t
key_place(const struct route *route, const char *at, unsigned length)
{
	uint64_t mask = length < 8 ? (UINT64_C(1) << 8 * length) - 1 : UINT64_MAX;
	uint64_t head = block_word(at) & mask;
	uint64_t tail = (block_word(at + (length < 8 ? 0 : length - 8)) & mask) + length;
	uint64_t mixed = (head ^ (uint64_t)(uintptr_t)route) * UINT64_C(0x9E3779B97F4A7C15);
	mixed = (mixed ^ mixed >> 32 ^ tail) * UINT64_C(0xD6E8FEB86659FD93);
	return mixed >> 48 & (KNOWN_KEYS - 1);
}

/* Takes the key at hand by looking it up, `expected` being the one that should stand there. NULL:
 * it is none of plain text in a block, its colon right behind it. */
static inline struct known_key *
find_key(struct record_reader *reader, const struct route *route, struct jsonscan *scan,
    const struct known_key *expected)
{
	const char *at = scan->at, *end = scan->end;
	uint32_t stops = block_stops(at + 1, NULL);
	unsigned length = stops != 0 ? (unsigned)__builtin_ctz(stops) : BLOCK;
	if (length + 3 > BLOCK || at + length + 3 > end || at[length + 1] != '"' ||
	    at[length + 2] != ':')
		return NULL;
	/* Where to go on must not wait for what the table holds. */
	scan->at = at + length + 3;
	struct known_key *key = &reader->known[key_place(route, at + 1, length)];
	if (is_key(key, route, at, end))
		return key;
	*key = (struct known_key){.bits = (UINT32_C(1) << (length + 2) << 1) - 1,
	    .length = length + 3,
	    .within = route,
	    .child = route_member(route, at + 1, length),
	    .id = INTERN_NONE,
	    .next = expected != NULL ? expected->next : NULL};
	memcpy(key->literal, at, key->length);
	return key;
}
