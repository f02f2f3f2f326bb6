#include "core/monitor/series.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/monitor/kept.h"

enum { RING = SERIES_BUCKETS + SERIES_SLACK };

static void
begin(struct series *series, const struct series_lengths *lengths)
{
	int64_t comparison_us = lengths->comparison_us;
	series->bucket_us = comparison_us / SERIES_BUCKETS > 0 ? comparison_us / SERIES_BUCKETS : 1;
	series->threshold = NAN;
	for (size_t i = 0; i < SERIES_SECONDS; i++)
		series->second_index[i] = -1;
	series->rings_count = lengths->features_count;
	series->rings = mem_alloc(series->rings_count * sizeof(*series->rings));
	series->now = mem_alloc(series->rings_count * sizeof(struct ring_bucket *));
	for (size_t i = 0; i < series->rings_count; i++) {
		ring_init(&series->rings[i], lengths->features[i], lengths->of);
		series->rings[i].used = series->used;
	}
	ring_init(&series->scores, comparison_us, lengths->of);
	series->scores.used = series->used;
}

static void
end(struct series *series)
{
	for (size_t i = 0; i < RING; i++) {
		*series->used -= series->buckets[i] != NULL ? sizeof(struct series_bucket) : 0;
		free(series->buckets[i]);
	}
	for (size_t i = 0; i < series->rings_count; i++)
		ring_free(&series->rings[i]);
	ring_free(&series->scores);
	for (size_t i = 0; i < series->unseen_count; i++) {
		*series->used -= series->unseen[i] != NULL ? sizeof(struct unseen) : 0;
		free(series->unseen[i]);
	}
	free(series->unseen);
	free(series->now);
	free(series->rings);
	series_quality_free(&series->quality);
	attributions_free(&series->attributions);
	expectations_free(&series->expectations);
	recent_free(series->recent);
	kept_free(series->kept);
}

struct series *
series_new(const char *service, const char *model, const char *version,
    const struct series_lengths *lengths, size_t *used)
{
	struct series *series = mem_alloc(sizeof(*series));
	series->used = used;
	series->since = INT64_MIN;
	text_copy(series->service, sizeof(series->service), service);
	text_copy(series->model, sizeof(series->model), model);
	text_copy(series->version, sizeof(series->version), version);
	begin(series, lengths);
	return series;
}

void
series_free(struct series *series)
{
	if (series == NULL)
		return;
	end(series);
	free(series);
}

/* Its names stay untouched: plans of other threads point to them. */
void
series_empty(struct series *series, const struct series_lengths *lengths)
{
	const size_t names = offsetof(struct series, bucket_us);
	struct series old = *series;
	end(series);
	memset((char *)series + names, 0, sizeof(*series) - names);
	series->used = old.used;
	series->since = old.since;
	series->number = old.number;
	series->model_index = old.model_index;
	series->version_index = old.version_index;
	series->mixed = old.mixed;
	begin(series, lengths);
}

struct series_bucket *
series_bucket_at(struct series *series, wall_us ts)
{
	if (series->last != NULL && ts >= series->from && ts < series->until)
		return series->last;
	int64_t index = clock_stretch(ts, series->bucket_us);
	struct series_bucket **slot = &series->buckets[clock_place(index, RING)];
	if (*slot == NULL) {
		*slot = mem_alloc(sizeof(**slot));
		(*slot)->index = index;
		*series->used += sizeof(**slot);
	}
	if ((*slot)->index > index)
		return NULL;
	if ((*slot)->index < index) {
		memset(*slot, 0, sizeof(**slot));
		(*slot)->index = index;
	}
	series->last = *slot;
	series->from = index * series->bucket_us;
	series->until = series->from + series->bucket_us;
	return *slot;
}

uint64_t
series_records(const struct series *series, wall_us from, wall_us until, uint64_t *volume)
{
	uint64_t sum = 0;
	*volume = 0;
	int64_t first = clock_stretch(from, series->bucket_us);
	int64_t last = clock_stretch(until, series->bucket_us);
	for (size_t i = 0; i < RING; i++) {
		const struct series_bucket *bucket = series->buckets[i];
		if (bucket == NULL || bucket->index < first || bucket->index > last)
			continue;
		sum += bucket->n;
		*volume += bucket->volume;
	}
	return sum;
}

void
series_unseen(struct series *series, size_t feature, size_t ring, const char *word, wall_us ts)
{
	int64_t window_us = series->rings[ring].bucket_us * RING_WINDOW;
	if (feature >= series->unseen_count) {
		size_t count = feature + 1;
		series->unseen = mem_grow(series->unseen, count, sizeof(struct unseen *));
		for (size_t i = series->unseen_count; i < count; i++)
			series->unseen[i] = NULL;
		series->unseen_count = count;
	}
	if (series->unseen[feature] == NULL) {
		series->unseen[feature] = mem_alloc(sizeof(struct unseen));
		*series->used += sizeof(struct unseen);
	}
	unseen_add(series->unseen[feature], word, ts, series->last_ts - window_us);
}

void
series_count_second(struct series *series, wall_us ts, uint32_t weight)
{
	if (ts >= series->second_from && ts < series->second_until) {
		series->second_count[series->second] += weight;
		return;
	}
	int64_t second = clock_stretch(ts, CLOCK_SECOND);
	size_t place = clock_place(second, SERIES_SECONDS);
	if (series->second_index[place] > second)
		return;
	if (series->second_index[place] < second) {
		series->second_index[place] = second;
		series->second_count[place] = 0;
	}
	series->second_count[place] += weight;
	series->second = place;
	series->second_from = second * CLOCK_SECOND;
	series->second_until = series->second_from + CLOCK_SECOND;
}

double
series_rate(const struct series *series, wall_us clock)
{
	int64_t now = clock_stretch(clock, CLOCK_SECOND);
	int64_t began = clock_stretch(series->first_ts, CLOCK_SECOND);
	int64_t seconds = now - began < 10 ? now - began : 10;
	uint64_t sum = 0;
	for (size_t i = 0; i < SERIES_SECONDS; i++) {
		if (series->second_index[i] < now && series->second_index[i] >= now - 10)
			sum += series->second_count[i];
	}
	return seconds > 0 ? (double)sum / (double)seconds : NAN;
}
