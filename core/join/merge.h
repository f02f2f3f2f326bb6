/* merge.h: young runs are merged into the base by a thread of its own, part by part in order, while
 * look-ups go on in what there was. What it works on does not change meanwhile. Finished parts are
 * taken one by one, by whoever began; the thread goes but two ahead of that, so that what it has
 * ready takes little memory. */
#ifndef FRAUDTOP_JOIN_MERGE_H
#define FRAUDTOP_JOIN_MERGE_H

#include <pthread.h>
#include <stdatomic.h>

#include "core/join/cursor.h"
#include "core/join/young.h"

enum {
	MERGE_PARTS = 64, /* of the base, by the first bits of the key */
	MERGE_PART_BITS = 6,
	MERGE_AHEAD = 2 /* parts, of whoever takes them */
};

struct merge_order {
	const char *folder;
	uint64_t number; /* of the first part's file; the others follow */
	const struct run
	    *young[YOUNG_MOST]; /* oldest first; of what is told twice the last holds */
	size_t young_count;
	const struct run *base[MERGE_PARTS]; /* older than all of them; NULL: nothing there */
	uint64_t filter_blocks; /* of each part: so many if `near`, else at most */
	bool near; /* filters are handed over in memory */
	struct run_room room; /* of each part */
	unsigned cursor_pages;
	int64_t since_ms; /* what is older is left out */
};

struct merge {
	struct merge_order order;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct run *out[MERGE_PARTS]; /* NULL: nothing there */
	unsigned taken;
	uint64_t total, memory; /* entries to be read; at most */
	atomic_uint ready; /* parts that are finished */
	atomic_uint_fast64_t entries, bytes; /* that were read; of the part under way */
	atomic_bool stop, over;
	struct err err; /* why it ended before its end */
	bool failed;
};

struct merge *merge_begin(const struct merge_order *order, struct err *err); /* NULL: err */
/* Takes the next part, if it is finished. */
bool merge_take(struct merge *merge, struct run **run);
/* Waits until it has read so many entries, a part is to be taken, or all is over, but not for
 * longer than that. */
void merge_await(const struct merge *merge, uint64_t entries, int64_t limit_us);
/* Stops what is under way; what was not taken is removed. False: err says why it had ended. */
bool merge_end(struct merge *merge, struct err *err);
uint64_t merge_bytes(const struct merge *merge); /* written, and not taken yet */

/* Through, or failed: nothing will be ready but what is. */
static inline bool
merge_is_over(const struct merge *merge)
{
	return atomic_load_explicit(&merge->over, memory_order_acquire);
}

static inline bool
merge_has_part(const struct merge *merge)
{
	return atomic_load_explicit(&merge->ready, memory_order_acquire) > merge->taken;
}

#endif
