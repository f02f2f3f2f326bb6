/* room.h: memory for many small things that are given up together: blocks that never move and are
 * used again. */
#ifndef FRAUDTOP_MONITOR_ROOM_H
#define FRAUDTOP_MONITOR_ROOM_H

#include <stddef.h>

struct room_block;

struct room {
	struct room_block *first, *now;
};

/* So many bytes, for any type; what is in them is not said. */
void *room_take(struct room *room, size_t bytes);
/* A copy; the empty text is always the same. */
const char *room_text(struct room *room, const char *text);
void room_empty(struct room *room);
void room_free(struct room *room); /* what it owns */

#endif
