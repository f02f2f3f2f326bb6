/* cursor.h: reads a run from first to last. */
#ifndef FRAUDTOP_JOIN_CURSOR_H
#define FRAUDTOP_JOIN_CURSOR_H

#include "core/join/run.h"

struct cursor {
	const struct run *run;
	struct run_page *pages; /* `capacity` of them */
	const struct slot *at, *end; /* of the page */
	uint64_t next_page;
	uint32_t capacity, page, loaded;
	bool broken;
};

void cursor_open(struct cursor *cursor, const struct run *run, unsigned pages);
void cursor_close(struct cursor *cursor);
bool cursor_turn(struct cursor *cursor); /* to the next page. False: at the end, or broken */

/* NULL: at the end, or broken. */
static inline const struct slot *
cursor_slot(struct cursor *cursor)
{
	return cursor->at < cursor->end || cursor_turn(cursor) ? cursor->at : NULL;
}

static inline void
cursor_next(struct cursor *cursor)
{
	cursor->at++;
}

#endif
