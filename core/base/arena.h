/* arena.h: memory for many small things that are given up together: blocks that never move and are
 * used again. */
#ifndef FRAUDTOP_BASE_ARENA_H
#define FRAUDTOP_BASE_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *first, *now;
};

/* So many bytes, for any type; what is in them is not said. */
void *arena_take(struct arena *arena, size_t bytes);
/* A copy; the empty text is always the same. */
const char *arena_text(struct arena *arena, const char *text);
void arena_clear(struct arena *arena);
void arena_free(struct arena *arena); /* what it owns */

#endif
