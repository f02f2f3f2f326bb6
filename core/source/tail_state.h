/* tail_state.h: what the parts of a tail share. For core/source/tail*.c alone.
 *
 * The file being read is known by its open descriptor, its first bytes (the print) and the offset.
 * When the path leads to another file, that one is opened at once and waits in a queue: so no
 * rotation is missed that happens while the older file is read, or while its writer, who may not
 * have noticed yet, still has GRACE_US of silence to be trusted for. */
#ifndef FRAUDTOP_SOURCE_TAIL_STATE_H
#define FRAUDTOP_SOURCE_TAIL_STATE_H

#include <time.h>

#include "core/base/clock.h"
#include "core/source/tail.h"

#define QUEUE_FILES 16
#define PATIENCE_US (30 * CLOCK_SECOND) /* after which even a writer who goes on is left */

struct tail_stats {
	uint64_t bytes; /* read */
	uint64_t rotations, truncations;
	bool present; /* a file is open */
	bool at_end; /* everything there was has been read, and no other file waits */
	char error[256]; /* why it cannot be read, or "" */
};

struct tail {
	char *path;
	bool labels;
	struct bodies *bodies;
	struct body
	    *queue[QUEUE_FILES]; /* the first is being read, all but the last rotated away */
	size_t queue_count;
	struct body *saved; /* what was being read and is not where it was, until it is found */
	struct timespec written; /* to what was read last, when that was left or saved */
	bool lost; /* it is to be looked for, and nothing is read before */
	bool begins; /* nothing of the first was read yet */
	mono_us grown_at; /* when bytes of the first were last read */
	struct tail_stats stats;
};

void tail_say_error(struct tail *tail, const char *reason);
void tail_begin_file(struct tail *tail);
/* What was rotated away since, and is not known yet, into the queue where it belongs. */
void tail_queue_since(struct tail *tail, const struct stat *than);
void tail_queue_between(struct tail *tail); /* since the first of it was last written to */
/* The first is over. */
void tail_next(struct tail *tail);
struct timespec tail_written(const struct tail *tail);

/* For origin_tail. */
void tail_save(const void *self, struct buf *pack);
void tail_load(void *self, struct unpack *unpack);
void tail_resume(void *self);

#endif
