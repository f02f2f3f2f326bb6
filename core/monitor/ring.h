/* ring.h: what is kept of the columns of one (service, model, version): a ring of time buckets of
 * mergeable state, over the bins of each column's reference.
 *
 * A ring has the window of its columns: WINDOW buckets make it up, and as many more are kept as the
 * verdict looks back (`of` windows, STEP buckets apart), and some slack for what comes late. A
 * bucket's place is its time divided by its length, so records fall into the same bucket in
 * whatever order they come, and a window is a sum of buckets (cell.h). Memory comes with a bucket's
 * first record and is kept; it does not grow with traffic. */
#ifndef FRAUDTOP_MONITOR_RING_H
#define FRAUDTOP_MONITOR_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/clock.h"
#include "core/monitor/cell.h"
#include "core/reference/season.h"
#include "core/monitor/verdict.h"

enum { RING_WINDOW = 60, RING_STEP = RING_WINDOW / 12, RING_SLACK = 4 };

struct ring_bucket {
	int64_t index; /* time / length */
	uint32_t n; /* records */
	uint32_t hours[SEASON_HOURS]; /* records an hour of the week */
	uint64_t *cells;
	size_t size; /* of cells, in units of 8 bytes */
};

struct ring {
	int64_t bucket_us;
	size_t buckets_count;
	struct ring_bucket **buckets;
	struct ring_bucket *last; /* looked for, and the times it holds */
	wall_us from, until;
	size_t *used; /* its memory is added up there; NULL: nowhere */
};

/* of: how many windows the verdict looks at. */
void ring_init(struct ring *ring, int64_t window_us, size_t of);
void ring_free(struct ring *ring);

/* The bucket of a time, its cells at least `size` units, or NULL if the ring has moved past it. */
struct ring_bucket *ring_at(struct ring *ring, wall_us ts, size_t size);
const struct ring_bucket *ring_find(const struct ring *ring, int64_t index); /* or NULL */
int64_t ring_index(const struct ring *ring, wall_us ts);

/* The cell at `offset`; NULL if the bucket is, or is older than the column. */
static inline struct cell *
ring_cell(const struct ring_bucket *bucket, size_t offset)
{
	return bucket != NULL && offset < bucket->size ? (void *)(bucket->cells + offset) : NULL;
}

#endif
