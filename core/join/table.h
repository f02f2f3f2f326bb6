/* table.h: the entries in memory, by linear probing in the order of their keys: a key's home is its
 * share of the table, nothing wraps around, and the slots read from first to last are sorted. So a
 * search for what is not there ends early, and a sweep from end to end yields a sorted run. */
#ifndef FRAUDTOP_JOIN_TABLE_H
#define FRAUDTOP_JOIN_TABLE_H

#include <stddef.h>

#include "core/join/slot.h"

struct table {
	struct slot *slots;
	size_t capacity; /* homes; behind them is room for what the last ones push on */
	size_t size; /* with that room; the last slot stays empty */
	size_t count;
};

void table_init(struct table *table, size_t bytes);
void table_free(struct table *table);

static inline size_t
table_home(const struct table *table, uint64_t key)
{
	return (size_t)(((unsigned __int128)key * table->capacity) >> 64);
}

static inline void
table_prefetch(const struct table *table, uint64_t key)
{
	const char *home = (const char *)&table->slots[table_home(table, key)];
	__builtin_prefetch(home);
	__builtin_prefetch(home + 64);
}

/* The slot of the key, or that before which it belongs. */
static inline struct slot *
table_place(const struct table *table, uint64_t key)
{
	struct slot *at = &table->slots[table_home(table, key)];
	while (at->a != 0 && slot_key(at) < key)
		at++;
	return at;
}

static inline bool
table_is_at(const struct slot *at, uint64_t key)
{
	return at->a != 0 && slot_key(at) == key;
}

/* Adds the slot at its place, or replaces that of the same key. False: there is no room for it. */
bool table_put(struct table *table, struct slot *at, const struct slot *slot);

/* Shows `keep` every slot from number `from` on, at least `count` of them but to the end of what
 * hangs together, and takes out those it does not want. Returns where to go on: table->size when
 * through. `from` is 0 or what the call before returned; entries may be added in between. */
typedef bool table_keep(void *context, const struct slot *slot);
size_t table_sweep(struct table *table, size_t from, size_t count, table_keep *keep, void *context);

#endif
