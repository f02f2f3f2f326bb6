/* intern.c: see intern.h. At most half of the slots are taken, so that a search is short. */
#include "core/ingest/intern.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/hash.h"
#include "core/base/mem.h"

/* The slot that holds the text, or the empty one where it belongs. */
static uint32_t *
find_slot(const struct intern *intern, const char *text, size_t length)
{
	size_t mask = intern->slots_count - 1;
	for (size_t at = (size_t)hash_bytes(text, length, 0);; at++) {
		uint32_t *slot = &intern->slots[at & mask];
		if (*slot == 0)
			return slot;
		const char *there = intern->list[*slot - 1];
		if (strncmp(there, text, length) == 0 && there[length] == '\0')
			return slot;
	}
}

static void
grow_slots(struct intern *intern)
{
	free(intern->slots);
	intern->slots_count = intern->slots_count < 16 ? 16 : intern->slots_count * 2;
	intern->slots = mem_alloc(intern->slots_count * sizeof(*intern->slots));
	for (size_t i = 0; i < intern->count; i++)
		*find_slot(intern, intern->list[i], strlen(intern->list[i])) = (uint32_t)i + 1;
}

uint32_t
intern_add(struct intern *intern, const char *text, size_t length)
{
	if (intern->count * 2 >= intern->slots_count)
		grow_slots(intern);
	uint32_t *slot = find_slot(intern, text, length);
	if (*slot == 0) {
		mem_reserve(
		    &intern->list, &intern->capacity, intern->count + 1, sizeof(*intern->list));
		char *copy = mem_alloc(length + 1);
		memcpy(copy, text, length);
		intern->list[intern->count++] = copy;
		*slot = (uint32_t)intern->count;
	}
	return *slot - 1;
}

uint32_t
intern_find(const struct intern *intern, const char *text, size_t length)
{
	if (intern->count == 0)
		return INTERN_NONE;
	uint32_t slot = *find_slot(intern, text, length);
	return slot == 0 ? INTERN_NONE : slot - 1;
}

void
intern_free(struct intern *intern)
{
	for (size_t i = 0; i < intern->count; i++)
		free(intern->list[i]);
	free(intern->list);
	free(intern->slots);
	*intern = (struct intern){0};
}
