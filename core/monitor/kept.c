#include "core/monitor/kept.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

static void
free_column(struct kept_column *column)
{
	history_free(&column->history);
	free(column->labels);
	*column = (struct kept_column){0};
}

struct kept *
kept_new(void)
{
	return mem_alloc(sizeof(struct kept));
}

void
kept_free(struct kept *kept)
{
	if (kept == NULL)
		return;
	for (size_t i = 0; i < kept->columns_count; i++)
		free_column(&kept->columns[i]);
	for (size_t i = 0; i < kept->rings_count; i++)
		history_free(&kept->hours[i]);
	for (size_t i = 0; i < SERIES_BUCKETS; i++)
		free(kept->buckets[i]);
	for (size_t i = 0; i < SERIES_QUALITY_BUCKETS; i++)
		free(kept->quality[i]);
	for (size_t i = 0; i < KEPT_STRETCHES; i++)
		free(kept->stretches[i].sum);
	free_column(&kept->score);
	history_free(&kept->score_hours);
	free(kept->columns);
	free(kept->hours);
	free(kept);
}

struct kept_column *
kept_column(struct kept *kept, size_t number, bool ready, enum season season, uint64_t min_samples)
{
	if (number != HISTORY_SCORES && number >= kept->columns_count) {
		kept->columns = mem_grow(kept->columns, number + 1, sizeof(*kept->columns));
		for (size_t i = kept->columns_count; i <= number; i++)
			kept->columns[i] = (struct kept_column){0};
		kept->columns_count = number + 1;
	}
	struct kept_column *column =
	    number == HISTORY_SCORES ? &kept->score : &kept->columns[number];
	if (column->ready != ready || column->season != season ||
	    column->min_samples != min_samples)
		free_column(column);
	column->ready = ready;
	column->season = season;
	column->min_samples = min_samples;
	return column;
}

const struct kept_quantiles *
kept_quantiles(struct kept *kept, const struct series_bucket *bucket)
{
	struct kept_quantiles *known = &kept->quantiles[clock_place(bucket->index, SERIES_BUCKETS)];
	if (known->n == bucket->n && known->index == bucket->index)
		return known;
	known->index = bucket->index;
	known->n = bucket->n;
	known->p50 = latency_quantile(&bucket->latency, 0.5) / 1000;
	known->p95 = latency_quantile(&bucket->latency, 0.95) / 1000;
	known->p99 = latency_quantile(&bucket->latency, 0.99) / 1000;
	return known;
}

/* Of the window's buckets [from, until), which are one stretch. */
static const struct quality_bucket *
sum_stretch(struct kept *kept, const struct window *window, size_t from, size_t until)
{
	int64_t index = window->quality_first + (int64_t)from;
	int64_t end = window->quality_first + (int64_t)until;
	struct kept_stretch *known =
	    &kept->stretches[clock_place(clock_stretch(index, KEPT_STRETCH), KEPT_STRETCHES)];
	uint64_t changes = 0;
	for (size_t slot = from; slot < until; slot++)
		changes += window->quality[slot] != NULL ? window->quality[slot]->changes : 0;
	if (known->sum == NULL)
		known->sum = mem_alloc(sizeof(*known->sum));
	else if (known->from == index && known->until == end && known->changes == changes)
		return known->sum;
	known->from = index;
	known->until = end;
	known->changes = changes;
	memset(known->sum, 0, sizeof(*known->sum));
	for (size_t slot = from; slot < until; slot++) {
		if (window->quality[slot] != NULL)
			series_quality_merge(known->sum, window->quality[slot]);
	}
	return known->sum;
}

void
kept_quality(struct kept *kept, const struct window *window, struct quality_bucket *sum)
{
	for (size_t slot = 0; slot < SERIES_QUALITY_BUCKETS;) {
		int64_t index = window->quality_first + (int64_t)slot;
		size_t until = slot + KEPT_STRETCH - clock_place(index, KEPT_STRETCH);
		until = until < SERIES_QUALITY_BUCKETS ? until : SERIES_QUALITY_BUCKETS;
		series_quality_merge(sum, sum_stretch(kept, window, slot, until));
		slot = until;
	}
}

static void
add_scores(uint64_t *restrict into, const uint32_t *restrict from)
{
	for (size_t i = 0; i < QUALITY_BINS; i++)
		into[i] += from[i];
}

void
kept_scores(struct series *series, wall_us end, uint64_t all[QUALITY_BINS])
{
	if (series->kept == NULL)
		series->kept = kept_new();
	struct kept_scores *known = &series->kept->scores;
	const struct quality_bucket *list[SERIES_QUALITY_BUCKETS];
	int64_t last = series_quality_index(&series->quality, end);
	size_t count = 0;
	uint64_t n = 0;
	for (int64_t index = last - SERIES_QUALITY_BUCKETS + 1; index < last; index++) {
		list[count] = series_quality_find(&series->quality, index);
		if (list[count] != NULL)
			n += list[count++]->predictions;
	}
	if (known->last != last || known->n != n) {
		*known = (struct kept_scores){.last = last, .n = n};
		for (size_t i = 0; i < count; i++)
			add_scores(known->sum, list[i]->all);
	}
	memcpy(all, known->sum, sizeof(known->sum));
	const struct quality_bucket *newest = series_quality_find(&series->quality, last);
	if (newest != NULL)
		add_scores(all, newest->all);
}

const struct history *
kept_hours(struct kept *kept, const struct window *window, size_t ring, size_t of)
{
	if (kept->hours == NULL) {
		kept->rings_count = window->list[0]->rings_count;
		kept->hours = mem_alloc(kept->rings_count * sizeof(*kept->hours));
	}
	struct history *hours = ring == HISTORY_SCORES ? &kept->score_hours : &kept->hours[ring];
	const struct history_column column = {.ring = ring, .of = of};
	history_update(hours, window, &column);
	return hours;
}
