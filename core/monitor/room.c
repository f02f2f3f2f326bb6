#include "core/monitor/room.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

enum { BLOCK = 64 * 1024, ALIGN = alignof(max_align_t) };

struct room_block {
	struct room_block *next;
	size_t used, size;
	max_align_t bytes[];
};

/* The next block with room for so many bytes, a new one if need be. */
static struct room_block *
next_block(struct room *room, size_t bytes)
{
	struct room_block **link = room->now != NULL ? &room->now->next : &room->first;
	while (*link != NULL && (*link)->size < bytes)
		link = &(*link)->next;
	if (*link == NULL) {
		size_t size = bytes > BLOCK ? bytes : BLOCK;
		*link = mem_grow(NULL, 1, sizeof(struct room_block) + size);
		(*link)->next = NULL;
		(*link)->size = size;
	}
	room->now = *link;
	room->now->used = 0;
	return room->now;
}

void *
room_take(struct room *room, size_t bytes)
{
	bytes = (bytes + ALIGN - 1) / ALIGN * ALIGN;
	struct room_block *block = room->now;
	if (block == NULL || block->size - block->used < bytes)
		block = next_block(room, bytes);
	void *place = (char *)block->bytes + block->used;
	block->used += bytes;
	return place;
}

const char *
room_text(struct room *room, const char *text)
{
	if (text[0] == '\0')
		return "";
	size_t size = strlen(text) + 1;
	return memcpy(room_take(room, size), text, size);
}

void
room_empty(struct room *room)
{
	room->now = room->first;
	if (room->now != NULL)
		room->now->used = 0;
}

void
room_free(struct room *room)
{
	while (room->first != NULL) {
		struct room_block *next = room->first->next;
		free(room->first);
		room->first = next;
	}
	room->now = NULL;
}
