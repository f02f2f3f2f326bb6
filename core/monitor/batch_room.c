#include "core/monitor/batch_room.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

enum { BLOCK = 64 * 1024, ALIGN = alignof(max_align_t) };

struct batch_block {
	struct batch_block *next;
	size_t used, size;
	max_align_t bytes[];
};

/* The next block with room for so many bytes, a new one if need be. */
static struct batch_block *
next_block(struct batch_room *room, size_t bytes)
{
	struct batch_block **link = room->now != NULL ? &room->now->next : &room->first;
	while (*link != NULL && (*link)->size < bytes)
		link = &(*link)->next;
	if (*link == NULL) {
		size_t size = bytes > BLOCK ? bytes : BLOCK;
		*link = mem_grow(NULL, 1, sizeof(struct batch_block) + size);
		(*link)->next = NULL;
		(*link)->size = size;
	}
	room->now = *link;
	room->now->used = 0;
	return room->now;
}

void *
batch_room_take(struct batch_room *room, size_t bytes)
{
	bytes = (bytes + ALIGN - 1) / ALIGN * ALIGN;
	struct batch_block *block = room->now;
	if (block == NULL || block->size - block->used < bytes)
		block = next_block(room, bytes);
	void *place = (char *)block->bytes + block->used;
	block->used += bytes;
	return place;
}

const char *
batch_room_text(struct batch_room *room, const char *text)
{
	if (text[0] == '\0')
		return "";
	size_t size = strlen(text) + 1;
	return memcpy(batch_room_take(room, size), text, size);
}

void
batch_room_empty(struct batch_room *room)
{
	room->now = room->first;
	if (room->now != NULL)
		room->now->used = 0;
}

void
batch_room_free(struct batch_room *room)
{
	while (room->first != NULL) {
		struct batch_block *next = room->first->next;
		free(room->first);
		room->first = next;
	}
	room->now = NULL;
}
