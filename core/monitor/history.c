#include "core/monitor/history.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

static const struct ring *
ring_of(const struct series *series, size_t ring)
{
	return ring == HISTORY_SCORES ? &series->scores : &series->rings[ring];
}

/* One bucket of one series into the running sums at its place. */
static void
add_bucket(struct history *history, const struct ring_bucket *bucket, size_t place, size_t offset,
    const struct bins *bins)
{
	uint64_t *hours = history->hours;
	if (hours != NULL) {
		hours += (place + 1) * SEASON_HOURS;
		for (size_t i = 0; i < SEASON_HOURS; i++)
			hours[i] += bucket->hours[i];
	}
	const struct cell *cell = bins != NULL ? ring_cell(bucket, offset) : NULL;
	if (cell == NULL)
		return;
	uint64_t *coarse = history->coarse + (place + 1) * history->bins;
	for (size_t i = 0; i < bins->count; i++)
		coarse[bins->coarse[i]] += cell->counts[i];
	if (place + RING_WINDOW >= history->buckets)
		cell_sum_add(&history->newest, cell, bins->count);
}

static void
run(uint64_t *rows, size_t buckets, size_t width)
{
	for (size_t i = width; rows != NULL && i < (buckets + 1) * width; i++)
		rows[i] += rows[i - width];
}

void
history_init(struct history *history, const struct window *window, size_t ring, size_t offset,
    const struct bins *bins, size_t of, bool hours)
{
	*history = (struct history){.buckets = RING_WINDOW + RING_STEP * (of - 1)};
	history->bins = bins != NULL ? bins->coarse_count : 0;
	size_t rows = history->buckets + 1;
	history->coarse = mem_alloc(rows * history->bins * sizeof(*history->coarse));
	if (hours)
		history->hours = mem_alloc(rows * SEASON_HOURS * sizeof(*history->hours));
	for (size_t i = 0; i < window->list_count; i++) {
		const struct ring *from = ring_of(window->list[i], ring);
		int64_t first = ring_index(from, window->end) - (int64_t)history->buckets + 1;
		for (size_t place = 0; place < history->buckets; place++) {
			const struct ring_bucket *bucket = ring_find(from, first + (int64_t)place);
			if (bucket != NULL)
				add_bucket(history, bucket, place, offset, bins);
		}
	}
	run(history->coarse, history->buckets, history->bins);
	run(history->hours, history->buckets, SEASON_HOURS);
}

void
history_free(struct history *history)
{
	free(history->coarse);
	free(history->hours);
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
