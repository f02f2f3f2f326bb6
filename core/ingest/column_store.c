/* column_store.c: see column_store.h. */
#include "core/ingest/column_store.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

struct column_store {
	struct scratch *scratch;
	size_t width, room;
	char *tail; /* rows first .. rows - 1 */
	size_t first, rows;
	uint64_t *stretches; /* where each `room` rows are on disk */
	size_t count, capacity;
};

struct column_store *
column_store_new(struct scratch *scratch, size_t width, size_t room)
{
	struct column_store *store = mem_alloc(sizeof(*store));
	*store = (struct column_store){.scratch = scratch, .width = width, .room = room};
	store->tail = mem_alloc(room * width);
	return store;
}

void
column_store_free(struct column_store *store)
{
	if (store == NULL)
		return;
	free(store->tail);
	free(store->stretches);
	free(store);
}

static void
write_tail(struct column_store *store)
{
	mem_reserve(
	    &store->stretches, &store->capacity, store->count + 1, sizeof(*store->stretches));
	store->stretches[store->count++] = store->scratch->length;
	scratch_append(store->scratch, store->tail, store->room * store->width);
	store->first += store->room;
}

void *
column_store_cell(struct column_store *store, size_t row)
{
	if (row < store->first || row > store->rows)
		mem_die("a column store has no place for row %zu", row);
	if (row == store->first + store->room)
		write_tail(store);
	if (row == store->rows)
		store->rows++;
	return store->tail + (row - store->first) * store->width;
}

size_t
column_store_bytes(const struct column_store *store)
{
	return store->rows * store->width;
}

bool
column_store_load(const struct column_store *store, void *dst)
{
	size_t stretch = store->room * store->width;
	char *to = dst;
	for (size_t i = 0; i < store->count; i++, to += stretch) {
		if (!scratch_read(store->scratch, store->stretches[i], to, stretch))
			return false;
	}
	memcpy(to, store->tail, (store->rows - store->first) * store->width);
	return true;
}
