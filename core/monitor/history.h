/* history.h: the counts of one column over the last windows, as running sums over the buckets, so
 * that the counts of any stretch are one difference. Of one series or several of the same bins.
 *
 * Bucket 0 is the oldest; the newest window is the last RING_WINDOW of them, and the window before
 * it ends RING_STEP buckets earlier. */
#ifndef FRAUDTOP_MONITOR_HISTORY_H
#define FRAUDTOP_MONITOR_HISTORY_H

#include "core/monitor/ring.h"
#include "core/monitor/window.h"

#define HISTORY_SCORES SIZE_MAX /* for a number of a ring: the one of the scores */

struct history {
	size_t buckets; /* RING_WINDOW + RING_STEP * (of - 1) */
	size_t bins; /* coarse */
	uint64_t *coarse; /* buckets + 1 rows */
	uint64_t *hours; /* the same of SEASON_HOURS columns: all records; NULL if not asked for */
	struct cell_sum newest; /* all of the newest window */
};

/* `offset` of the column's cells. bins NULL: only the hours are wanted. */
void history_init(struct history *history, const struct window *window, size_t ring, size_t offset,
    const struct bins *bins, size_t of, bool hours);
void history_free(struct history *history);

/* Of the stretch [from, until) of buckets; returns their sum. */
uint64_t history_counts(const struct history *history, size_t from, size_t until, double *counts);
void history_hours(
    const struct history *history, size_t from, size_t until, uint64_t hours[SEASON_HOURS]);
/* Where a window begins, 0 the newest; it is RING_WINDOW buckets long. */
size_t history_begin(const struct history *history, size_t window);

#endif
