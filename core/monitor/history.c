#include "core/monitor/history.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

/* Buckets at the end of the newest window that may well change between two pictures. */
enum { OPEN = RING_SLACK };

static const struct ring_bucket *
bucket_of(const struct history *history, const struct series *series, size_t ring, size_t place)
{
	const struct ring *from = ring == HISTORY_SCORES ? &series->scores : &series->rings[ring];
	return ring_find(from, history->first + (int64_t)place);
}

/* A row of the running sums: that before it and its own bucket. */
static void
run_row(struct history *history, const struct window *window, const struct history_column *column,
    size_t place)
{
	size_t bins = history->bins;
	uint64_t *coarse = history->coarse + (place + 1) * bins;
	uint64_t *hours =
	    history->hours != NULL ? history->hours + (place + 1) * SEASON_HOURS : NULL;
	memcpy(coarse, coarse - bins, bins * sizeof(*coarse));
	if (hours != NULL)
		memcpy(hours, hours - SEASON_HOURS, SEASON_HOURS * sizeof(*hours));
	for (size_t i = 0; i < window->list_count; i++) {
		const struct ring_bucket *bucket =
		    bucket_of(history, window->list[i], column->ring, place);
		for (size_t hour = 0; bucket != NULL && hours != NULL && hour < SEASON_HOURS;
		     hour++)
			hours[hour] += bucket->hours[hour];
		const struct cell *cell = bins > 0 ? ring_cell(bucket, column->offset) : NULL;
		for (size_t k = 0; cell != NULL && k < column->bins->count; k++)
			coarse[column->bins->coarse[k]] += cell->counts[k];
	}
}

static void
sum_cells(struct cell_sum *sum, const struct history *history, const struct window *window,
    const struct history_column *column, size_t from)
{
	size_t until = from < history->buckets - OPEN ? history->buckets - OPEN : history->buckets;
	for (size_t place = from; place < until; place++) {
		for (size_t i = 0; i < window->list_count; i++)
			cell_sum_add(sum,
			    ring_cell(bucket_of(history, window->list[i], column->ring, place),
				column->offset),
			    column->bins->count);
	}
}

static void
begin(struct history *history, const struct history_column *column)
{
	size_t buckets = RING_WINDOW + RING_STEP * (column->of - 1), rows = buckets + 1;
	size_t bins = column->bins != NULL ? column->bins->coarse_count : 0;
	*history = (struct history){.buckets = buckets, .bins = bins, .first = INT64_MIN};
	history->n = mem_alloc(buckets * sizeof(*history->n));
	history->coarse = mem_alloc(rows * bins * sizeof(*history->coarse));
	if (column->bins == NULL)
		history->hours = mem_alloc(rows * SEASON_HOURS * sizeof(*history->hours));
}

/* Moves on by so many buckets. What the rows count from does not matter: only differences do. */
static void
move(struct history *history, size_t by)
{
	size_t kept = history->buckets - by;
	memmove(history->n, history->n + by, kept * sizeof(*history->n));
	memset(history->n + kept, 0, by * sizeof(*history->n));
	memmove(history->coarse, history->coarse + by * history->bins,
	    (kept + 1) * history->bins * sizeof(*history->coarse));
	if (history->hours != NULL)
		memmove(history->hours, history->hours + by * SEASON_HOURS,
		    (kept + 1) * SEASON_HOURS * sizeof(*history->hours));
}

/* Finds out which buckets are not as they were. */
static void
compare(struct history *history, const struct window *window, size_t ring)
{
	history->altered = history->buckets;
	for (size_t place = 0; place < history->buckets; place++) {
		uint64_t n = 0;
		for (size_t i = 0; i < window->list_count; i++) {
			const struct ring_bucket *bucket =
			    bucket_of(history, window->list[i], ring, place);
			n += bucket != NULL ? bucket->n : 0;
		}
		if (n != history->n[place] && history->altered == history->buckets)
			history->altered = place;
		history->n[place] = n;
	}
}

void
history_update(
    struct history *history, const struct window *window, const struct history_column *column)
{
	if (history->n == NULL)
		begin(history, column);
	const struct series *series = window->list[0];
	const struct ring *ring =
	    column->ring == HISTORY_SCORES ? &series->scores : &series->rings[column->ring];
	int64_t first = ring_index(ring, window->end) - (int64_t)history->buckets + 1;
	bool near = first >= history->first && first - (int64_t)history->buckets < history->first;
	history->moved = near ? (size_t)(first - history->first) : history->buckets;
	if (history->moved > 0)
		move(history, history->moved);
	history->first = first;
	compare(history, window, column->ring);
	/* New rows are there to be run, be their buckets empty or not. */
	if (history->altered > history->buckets - history->moved)
		history->altered = history->buckets - history->moved;
	for (size_t place = history->altered; place < history->buckets; place++)
		run_row(history, window, column, place);
	if (column->bins == NULL || history->altered == history->buckets)
		return;
	if (history->moved > 0 || history->altered < history->buckets - OPEN) {
		history->settled = (struct cell_sum){0};
		sum_cells(&history->settled, history, window, column, history_begin(history, 0));
	}
	history->newest = history->settled;
	sum_cells(&history->newest, history, window, column, history->buckets - OPEN);
}

void
history_free(struct history *history)
{
	free(history->n);
	free(history->coarse);
	free(history->hours);
	*history = (struct history){0};
}

uint64_t
history_counts(const struct history *history, size_t from, size_t until, double *counts)
{
	const uint64_t *before = history->coarse + from * history->bins;
	const uint64_t *after = history->coarse + until * history->bins;
	uint64_t sum = 0;
	for (size_t i = 0; i < history->bins; i++) {
		counts[i] = (double)(after[i] - before[i]);
		sum += after[i] - before[i];
	}
	return sum;
}

void
history_hours(
    const struct history *history, size_t from, size_t until, uint64_t hours[SEASON_HOURS])
{
	const uint64_t *before = history->hours + from * SEASON_HOURS;
	const uint64_t *after = history->hours + until * SEASON_HOURS;
	for (size_t i = 0; i < SEASON_HOURS; i++)
		hours[i] = after[i] - before[i];
}

size_t
history_begin(const struct history *history, size_t window)
{
	return history->buckets - RING_WINDOW - window * RING_STEP;
}
