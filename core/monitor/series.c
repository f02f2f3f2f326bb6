#include "core/monitor/series.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"

enum { RING = SERIES_BUCKETS + SERIES_SLACK };

struct series *
series_new(const char *service, const char *model, const char *version, int64_t comparison_us)
{
	struct series *series = mem_alloc(sizeof(*series));
	text_copy(series->service, sizeof(series->service), service);
	text_copy(series->model, sizeof(series->model), model);
	text_copy(series->version, sizeof(series->version), version);
	series->bucket_us = comparison_us / SERIES_BUCKETS > 0 ? comparison_us / SERIES_BUCKETS : 1;
	series->threshold = NAN;
	for (size_t i = 0; i < SERIES_SECONDS; i++)
		series->second_index[i] = -1;
	return series;
}

void
series_free(struct series *series)
{
	if (series == NULL)
		return;
	for (size_t i = 0; i < RING; i++) {
		if (series->buckets[i] != NULL) {
			free(series->buckets[i]->features);
			free(series->buckets[i]->score);
		}
		free(series->buckets[i]);
	}
	series_quality_free(&series->quality);
	free(series);
}

/* Division that rounds down for times before 1970 too. */
static int64_t
index_of(wall_us ts, int64_t length)
{
	return ts >= 0 ? ts / length : -((-ts + length - 1) / length);
}

static size_t
place_of(int64_t index, size_t ring)
{
	int64_t place = index % (int64_t)ring;
	return (size_t)(place < 0 ? place + (int64_t)ring : place);
}

static void
clear_counts(uint32_t *counts, size_t size)
{
	if (size > 0)
		memset(counts, 0, size * sizeof(*counts));
}

static void
grow_counts(uint32_t **counts, size_t *size, size_t wanted)
{
	if (wanted <= *size)
		return;
	*counts = mem_grow(*counts, wanted, sizeof(**counts));
	memset(*counts + *size, 0, (wanted - *size) * sizeof(**counts));
	*size = wanted;
}

struct series_bucket *
series_bucket_at(struct series *series, wall_us ts, size_t features_size, size_t score_size)
{
	int64_t index = index_of(ts, series->bucket_us);
	struct series_bucket **slot = &series->buckets[place_of(index, RING)];
	if (*slot == NULL) {
		*slot = mem_alloc(sizeof(**slot));
		(*slot)->index = index;
	}
	struct series_bucket *bucket = *slot;
	if (bucket->index > index)
		return NULL;
	if (bucket->index < index) { /* the ring comes round: empty it, keep its memory */
		uint32_t *features = bucket->features, *score = bucket->score;
		size_t sizes[] = {bucket->features_size, bucket->score_size};
		clear_counts(features, sizes[0]);
		clear_counts(score, sizes[1]);
		*bucket = (struct series_bucket){.index = index,
		    .features = features,
		    .features_size = sizes[0],
		    .score = score,
		    .score_size = sizes[1]};
	}
	grow_counts(&bucket->features, &bucket->features_size, features_size);
	grow_counts(&bucket->score, &bucket->score_size, score_size);
	return bucket;
}

void
series_count_second(struct series *series, wall_us ts)
{
	int64_t second = index_of(ts, CLOCK_SECOND);
	size_t place = place_of(second, SERIES_SECONDS);
	if (series->second_index[place] > second)
		return;
	if (series->second_index[place] < second) {
		series->second_index[place] = second;
		series->second_count[place] = 0;
	}
	series->second_count[place]++;
}

double
series_rate(const struct series *series, wall_us clock)
{
	int64_t now = index_of(clock, CLOCK_SECOND);
	int64_t began = index_of(series->first_ts, CLOCK_SECOND);
	int64_t seconds = now - began < 10 ? now - began : 10;
	uint64_t sum = 0;
	for (size_t i = 0; i < SERIES_SECONDS; i++) {
		if (series->second_index[i] < now && series->second_index[i] >= now - 10)
			sum += series->second_count[i];
	}
	return seconds > 0 ? (double)sum / (double)seconds : NAN;
}
