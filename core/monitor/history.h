/* history.h: the counts of one column over the last windows, as running sums over the buckets, so
 * that the counts of any stretch are one difference. Of one series or several of the same bins.
 *
 * Bucket 0 is the oldest; the newest window is the last RING_WINDOW of them, and the window before
 * it ends RING_STEP buckets earlier. A history is kept from one picture to the next and brought up
 * to date: a bucket is counted again only if it has had a record since. A record always raises its
 * bucket's n, and n never falls, so buckets whose n have the same sum are as they were. */
#ifndef FRAUDTOP_MONITOR_HISTORY_H
#define FRAUDTOP_MONITOR_HISTORY_H

#include "core/monitor/ring.h"
#include "core/monitor/window.h"

#define HISTORY_SCORES SIZE_MAX /* for a number of a ring: the one of the scores */

struct history { /* zeroed at first */
	size_t buckets; /* RING_WINDOW + RING_STEP * (of - 1) */
	size_t bins; /* coarse */
	int64_t first; /* the oldest bucket's index */
	uint64_t *n; /* records of each bucket */
	uint64_t *coarse; /* buckets + 1 rows */
	uint64_t *hours; /* or, of all records, SEASON_HOURS columns */
	struct cell_sum settled; /* of the newest window but for its last few buckets */
	struct cell_sum newest; /* all of the newest window */
	size_t moved; /* buckets that the last update moved it on */
	size_t altered; /* from this bucket on it altered what was there; `buckets`: nothing */
};

struct history_column { /* whose history it is; always the same of one history */
	size_t ring, offset; /* of its cells */
	const struct bins *bins; /* NULL: the hours of the records are wanted in their place */
	size_t of;
};

void history_update(
    struct history *history, const struct window *window, const struct history_column *column);
void history_free(struct history *history); /* leaves it zeroed */

/* Of the stretch [from, until) of buckets; returns their sum. */
uint64_t history_counts(const struct history *history, size_t from, size_t until, double *counts);
void history_hours(
    const struct history *history, size_t from, size_t until, uint64_t hours[SEASON_HOURS]);
/* Where a window begins, 0 the newest; it is RING_WINDOW buckets long. */
size_t history_begin(const struct history *history, size_t window);

#endif
