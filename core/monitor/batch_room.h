/* batch_room.h: memory for what the rows of a batch point to: blocks that never move, all given up
 * together and used again. */
#ifndef FRAUDTOP_MONITOR_BATCH_ROOM_H
#define FRAUDTOP_MONITOR_BATCH_ROOM_H

#include <stddef.h>

struct batch_block;

struct batch_room {
	struct batch_block *first, *now;
};

/* Room for so many bytes, for any type; what is in it is not said. */
void *batch_room_take(struct batch_room *room, size_t bytes);
/* A copy; the empty text is always the same. */
const char *batch_room_text(struct batch_room *room, const char *text);
void batch_room_empty(struct batch_room *room);
void batch_room_free(struct batch_room *room); /* what it owns */

#endif
