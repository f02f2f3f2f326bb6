/* table.c: see table.h. */
#include "core/join/table.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

enum { TAIL = 1024 };

void
table_init(struct table *table, size_t bytes)
{
	size_t size = bytes / sizeof(struct slot);
	*table = (struct table){.size = size, .capacity = size - TAIL};
	table->slots = mem_alloc_table(size * sizeof(struct slot));
}

void
table_free(struct table *table)
{
	free(table->slots);
	*table = (struct table){0};
}

bool
table_put(struct table *table, struct slot *at, const struct slot *slot)
{
	if (!table_is_at(at, slot_key(slot))) {
		const struct slot *last = &table->slots[table->size - 1];
		struct slot *gap = at;
		while (gap->a != 0)
			gap++;
		if (gap >= last)
			return false;
		memmove(at + 1, at, (size_t)(gap - at) * sizeof(*at));
		table->count++;
	}
	*at = *slot;
	return true;
}

size_t
table_sweep(struct table *table, size_t from, size_t count, table_keep *keep, void *context)
{
	size_t at = from, next = from; /* no kept slot may stand before next */
	for (; at < table->size && (at - from < count || table->slots[at].a != 0); at++) {
		struct slot slot = table->slots[at];
		if (slot.a == 0)
			continue;
		if (!keep(context, &slot)) {
			table->slots[at].a = 0;
			table->count--;
			continue;
		}
		size_t home = table_home(table, slot_key(&slot));
		size_t to = home > next ? home : next;
		if (to != at) {
			table->slots[at].a = 0;
			table->slots[to] = slot;
		}
		next = to + 1;
	}
	return at;
}
