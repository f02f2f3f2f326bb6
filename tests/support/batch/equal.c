/* equal.c: are two monitors the same, to the bit? */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/monitor/state.h"
#include "tests/support/batch/random_log.h"

static void
ring_equal(const struct ring *a, const struct ring *b)
{
	assert_int_equal(a->buckets_count, b->buckets_count);
	for (size_t i = 0; i < a->buckets_count; i++) {
		const struct ring_bucket *x = a->buckets[i], *y = b->buckets[i];
		assert_int_equal(x == NULL, y == NULL);
		if (x == NULL)
			continue;
		assert_int_equal(x->index, y->index);
		assert_int_equal(x->n, y->n);
		assert_memory_equal(x->hours, y->hours, sizeof(x->hours));
		assert_int_equal(x->size, y->size);
		if (x->size > 0)
			assert_memory_equal(x->cells, y->cells, x->size * sizeof(*x->cells));
	}
}

static void
concept_equal(const struct concept *a, const struct concept *b)
{
	for (size_t i = 0; i < CONCEPT_STREAMS; i++) {
		struct concept_stream_state x = a->streams[i], y = b->streams[i];
		assert_int_equal(adwin_width(x.adwin), adwin_width(y.adwin));
		double means[] = {adwin_mean(x.adwin), adwin_mean(y.adwin)};
		assert_memory_equal(&means[0], &means[1], sizeof(double));
		double variances[] = {adwin_variance(x.adwin), adwin_variance(y.adwin)};
		assert_memory_equal(&variances[0], &variances[1], sizeof(double));
		x.adwin = y.adwin = NULL;
		assert_memory_equal(&x, &y, sizeof(x));
	}
}

static void
quality_equal(const struct series_quality *a, const struct series_quality *b)
{
	size_t size = sizeof(struct quality_bucket) +
		      cohorts_room(&a->cohorts) * sizeof(struct cohort_counts);
	for (size_t i = 0; i < SERIES_QUALITY_BUCKETS; i++) {
		assert_int_equal(a->buckets[i] == NULL, b->buckets[i] == NULL);
		if (a->buckets[i] != NULL)
			assert_memory_equal(a->buckets[i], b->buckets[i], size);
	}
	assert_memory_equal(&a->label_lag, &b->label_lag, sizeof(a->label_lag));
	assert_memory_equal(&a->positive_lag, &b->positive_lag, sizeof(a->positive_lag));
	concept_equal(&a->concept, &b->concept);
}

static void
recent_equal(struct recent *a, struct recent *b)
{
	assert_int_equal(recent_first(a), recent_first(b));
	assert_int_equal(recent_end(a), recent_end(b));
	for (uint64_t i = recent_first(a); i < recent_end(a); i++) {
		struct recent_row x = recent_get(a, i), y = recent_get(b, i);
		assert_int_equal(x.ts, y.ts);
		assert_int_equal(x.decision, y.decision);
		assert_int_equal(x.label, y.label);
		assert_int_equal(x.failed, y.failed);
		assert_string_equal(x.id, y.id);
		const struct prediction *p = recent_prediction(a, i), *q = recent_prediction(b, i);
		assert_int_equal(p->features_count, q->features_count);
		for (size_t k = 0; k < p->features_count; k++) {
			const struct feature_value *v = &p->features[k], *w = &q->features[k];
			assert_string_equal(v->name, w->name);
			assert_int_equal(v->kind, w->kind);
			assert_string_equal(v->text, w->text);
			assert_true(
			    v->number == w->number || (isnan(v->number) && isnan(w->number)));
		}
	}
}

static void
series_equal(const struct series *a, const struct series *b)
{
	assert_string_equal(a->service, b->service);
	assert_string_equal(a->version, b->version);
	assert_int_equal(a->first_ts, b->first_ts);
	assert_int_equal(a->last_ts, b->last_ts);
	assert_int_equal(a->records, b->records);
	assert_memory_equal(&a->threshold, &b->threshold, sizeof(a->threshold));
	assert_memory_equal(a->second_index, b->second_index, sizeof(a->second_index));
	assert_memory_equal(a->second_count, b->second_count, sizeof(a->second_count));
	for (size_t i = 0; i < SERIES_BUCKETS + SERIES_SLACK; i++) {
		assert_int_equal(a->buckets[i] == NULL, b->buckets[i] == NULL);
		if (a->buckets[i] != NULL)
			assert_memory_equal(a->buckets[i], b->buckets[i], sizeof(*a->buckets[i]));
	}
	for (size_t i = 0; i < a->rings_count; i++)
		ring_equal(&a->rings[i], &b->rings[i]);
	ring_equal(&a->scores, &b->scores);
	assert_int_equal(a->unseen_count, b->unseen_count);
	for (size_t i = 0; i < a->unseen_count; i++) {
		assert_int_equal(a->unseen[i] == NULL, b->unseen[i] == NULL);
		if (a->unseen[i] != NULL)
			assert_memory_equal(a->unseen[i], b->unseen[i], sizeof(*a->unseen[i]));
	}
	quality_equal(&a->quality, &b->quality);
	for (size_t i = 0; i < ATTRIBUTIONS_RING; i++) {
		const struct attributions_bucket *x = a->attributions.buckets[i];
		const struct attributions_bucket *y = b->attributions.buckets[i];
		assert_int_equal(x == NULL, y == NULL);
		if (x != NULL)
			assert_memory_equal(x, y, sizeof(*x) + 2 * sizeof(double));
	}
	assert_int_equal(a->recent == NULL, b->recent == NULL);
	if (a->recent != NULL)
		recent_equal(a->recent, b->recent);
}

static void
reference_equal(const struct reference_column *a, const struct reference_column *b)
{
	assert_string_equal(a->feature.name, b->feature.name);
	assert_int_equal(a->ready, b->ready);
	assert_int_equal(a->seen, b->seen);
	assert_int_equal(a->feature.n, b->feature.n);
	assert_int_equal(a->feature.missing, b->feature.missing);
	assert_int_equal(a->feature.bins.count, b->feature.bins.count);
	assert_memory_equal(&a->feature.mean, &b->feature.mean, sizeof(double));
	for (size_t i = 0; a->ready && i < a->feature.bins.count; i++)
		assert_int_equal(a->feature.counts[i], b->feature.counts[i]);
}

void
monitors_equal(struct monitor *a, struct monitor *b)
{
	assert_int_equal(a->clock, b->clock);
	assert_int_equal(a->live, b->live);
	assert_int_equal(a->series_count, b->series_count);
	for (size_t i = 0; i < a->sources_count; i++)
		assert_int_equal(a->sources[i].watermark, b->sources[i].watermark);
	for (size_t i = 0; i < a->models_count; i++) {
		const struct model_state *x = a->models[i], *y = b->models[i];
		assert_int_equal(x->features_count, y->features_count);
		for (size_t k = 0; k < x->features_count; k++) {
			reference_equal(&x->features[k], &y->features[k]);
			assert_int_equal(x->places[k].offset, y->places[k].offset);
		}
		for (size_t k = 0; k < x->versions_count; k++)
			reference_equal(&x->versions[k].score, &y->versions[k].score);
	}
	for (size_t i = 0; i < a->series_count; i++)
		series_equal(a->series[i], b->series[i]);
	struct join_view x = monitor_join(a), y = monitor_join(b);
	assert_memory_equal(&x, &y, sizeof(x));
}
