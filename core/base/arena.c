#include "core/base/arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

enum { SMALL_BLOCK = 2 * 1024, LARGE_BLOCK = 64 * 1024, ALIGN = alignof(max_align_t) };

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	max_align_t bytes[];
};

/* The next block with room for so many bytes, a new one if need be. */
static struct arena_block *
next_block(struct arena *arena, size_t bytes)
{
	struct arena_block **link = arena->now != NULL ? &arena->now->next : &arena->first;
	while (*link != NULL && (*link)->size < bytes)
		link = &(*link)->next;
	if (*link == NULL) {
		size_t size = arena->now != NULL ? 2 * arena->now->size : SMALL_BLOCK;
		size = size < LARGE_BLOCK ? size : LARGE_BLOCK;
		size = size > bytes ? size : bytes;
		*link = mem_grow(NULL, 1, sizeof(struct arena_block) + size);
		(*link)->next = NULL;
		(*link)->size = size;
	}
	arena->now = *link;
	arena->now->used = 0;
	return arena->now;
}

void *
arena_take(struct arena *arena, size_t bytes)
{
	bytes = (bytes + ALIGN - 1) / ALIGN * ALIGN;
	struct arena_block *block = arena->now;
	if (block == NULL || block->size - block->used < bytes)
		block = next_block(arena, bytes);
	void *place = (char *)block->bytes + block->used;
	block->used += bytes;
	return place;
}

const char *
arena_text(struct arena *arena, const char *text)
{
	if (text[0] == '\0')
		return "";
	size_t size = strlen(text) + 1;
	return memcpy(arena_take(arena, size), text, size);
}

void
arena_clear(struct arena *arena)
{
	arena->now = arena->first;
	if (arena->now != NULL)
		arena->now->used = 0;
}

void
arena_free(struct arena *arena)
{
	while (arena->first != NULL) {
		struct arena_block *next = arena->first->next;
		free(arena->first);
		arena->first = next;
	}
	arena->now = NULL;
}
