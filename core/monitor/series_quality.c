#include "core/monitor/series_quality.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

static size_t
bucket_size(const struct series_quality *quality)
{
	return sizeof(struct quality_bucket) +
	       cohorts_room(&quality->cohorts) * sizeof(struct cohort_counts);
}

void
series_quality_init(struct series_quality *quality, const struct config *config,
    const struct calibration_map *map, size_t *used)
{
	*quality = (struct series_quality){.map = map, .used = used};
	quality->length_us = config->quality_us / SERIES_QUALITY_BUCKETS;
	if (quality->length_us < 1)
		quality->length_us = 1;
	cohorts_init(&quality->cohorts, config);
	concept_init(&quality->concept, config);
}

void
series_quality_free(struct series_quality *quality)
{
	for (size_t i = 0; i < SERIES_QUALITY_BUCKETS; i++) {
		*quality->used -= quality->buckets[i] != NULL ? bucket_size(quality) : 0;
		free(quality->buckets[i]);
	}
	cohorts_free(&quality->cohorts);
	concept_free(&quality->concept);
}

int64_t
series_quality_index(const struct series_quality *quality, wall_us ts)
{
	if (quality->last != NULL && ts >= quality->from && ts < quality->until)
		return quality->last->index;
	return clock_stretch(ts, quality->length_us);
}

struct quality_bucket *
series_quality_bucket(struct series_quality *quality, wall_us ts)
{
	if (quality->last != NULL && ts >= quality->from && ts < quality->until)
		return quality->last;
	int64_t index = series_quality_index(quality, ts);
	size_t size = bucket_size(quality);
	struct quality_bucket **slot =
	    &quality->buckets[clock_place(index, SERIES_QUALITY_BUCKETS)];
	if (*slot == NULL) {
		*slot = mem_alloc(size);
		(*slot)->index = index;
		*quality->used += size;
	}
	if ((*slot)->index > index)
		return NULL;
	if ((*slot)->index < index) { /* the ring comes round */
		memset(*slot, 0, size);
		(*slot)->index = index;
	}
	quality->last = *slot;
	quality->from = index * quality->length_us;
	quality->until = quality->from + quality->length_us;
	return *slot;
}

const struct quality_bucket *
series_quality_find(const struct series_quality *quality, int64_t index)
{
	const struct quality_bucket *bucket =
	    quality->buckets[clock_place(index, SERIES_QUALITY_BUCKETS)];
	return bucket != NULL && bucket->index == index ? bucket : NULL;
}

static struct cohort_counts *
cohort_of(const struct series_quality *quality, struct quality_bucket *bucket, uint8_t cohort)
{
	return cohort < cohorts_room(&quality->cohorts) ? &bucket->cohorts[cohort] : NULL;
}

static void
count_loss(struct quality_bucket *bucket, double score, int label, int sign)
{
	struct quality_loss one = {0};
	quality_loss_add(&one, score, (int8_t)label);
	if (sign < 0)
		one = (struct quality_loss){-one.squares, -one.logs, -one.rows, -one.clipped};
	quality_loss_merge(&bucket->loss, &one);
	/* 0.3 kept to 24 bits may come out above it. */
	int place = (int)ceil(score * QUALITY_WIDTH_BINS - 1e-6) - 1;
	struct width_bin *bin =
	    &bucket->width[place < 0			 ? 0
			   : place >= QUALITY_WIDTH_BINS ? QUALITY_WIDTH_BINS - 1
							 : place];
	bin->n += (uint32_t)sign;
	bin->positives += label == 1 ? (uint32_t)sign : 0;
	bin->scores += sign * score;
}

/* Counts (sign 1) or takes back (-1) a label: unsigned counts wrap round and come back. */
static void
count_label(struct series_quality *quality, struct quality_bucket *bucket,
    const struct join_entry *entry, int label, int sign)
{
	uint32_t one = (uint32_t)sign;
	bucket->changes++;
	bucket->labelled += one;
	bucket->positives += label == 1 ? one : 0;
	uint32_t *bins = label == 1 ? bucket->scores.positives : bucket->scores.negatives;
	bins[quality_bin(entry->score)] += one;
	count_loss(bucket, entry->score, label, sign);
	struct cohort_counts *cohort = cohort_of(quality, bucket, entry->cohort);
	if (cohort != NULL)
		cohort->labelled += one;
	if (entry->decision < 0)
		return;
	size_t cell = 2 * (size_t)(entry->decision == 1) + (size_t)(label == 1);
	struct quality_confusion *counts = &bucket->confusion;
	uint64_t *cells[] = {&counts->tn, &counts->fn, &counts->fp, &counts->tp};
	*cells[cell] += (uint64_t)(int64_t)sign;
	if (cohort == NULL)
		return;
	uint32_t *cohort_cells[] = {&cohort->tn, &cohort->fn, &cohort->fp, &cohort->tp};
	*cohort_cells[cell] += one;
}

static void
feed_error(struct series_quality *quality, const struct join_entry *entry, wall_us seen)
{
	if (entry->decision >= 0)
		concept_add(&quality->concept, CONCEPT_ERROR, entry->decision != entry->label, seen,
		    entry->ts);
}

static void
record_lag(struct series_quality *quality, int64_t lag_us, int label)
{
	if (lag_us < 0)
		return;
	latency_record(&quality->label_lag, (double)lag_us / 10000);
	if (label == 1)
		latency_record(&quality->positive_lag, (double)lag_us / 10000);
}

struct quality_place
series_quality_place(const struct calibration_map *map, double score)
{
	return (struct quality_place){
	    .probability = map != NULL ? calibration_apply(map, score) : score,
	    .bin = quality_bin(score)};
}

static void
count_prediction(struct series_quality *quality, struct quality_bucket *bucket,
    const struct join_entry *entry, const struct quality_place *place)
{
	bucket->changes++;
	bucket->predictions++;
	bucket->all[place->bin]++;
	struct cohort_counts *cohort = cohort_of(quality, bucket, entry->cohort);
	if (cohort != NULL) {
		cohort->n++;
		cohort->decided += entry->decision >= 0;
		cohort->flagged += entry->decision == 1;
	}
	if (entry->decision >= 0) {
		cbpe_add(&bucket->expected, place->probability, entry->decision);
		concept_add(&quality->concept, CONCEPT_DECISION_RATE, entry->decision, entry->ts,
		    entry->ts);
	}
	concept_add(&quality->concept, CONCEPT_SCORE_MEAN, entry->score, entry->ts, entry->ts);
}

void
series_quality_prediction(struct series_quality *quality, const struct join_entry *entry,
    const struct quality_place *place)
{
	struct quality_bucket *bucket = series_quality_bucket(quality, entry->ts);
	if (bucket == NULL)
		return;
	count_prediction(quality, bucket, entry, place);
	if (entry->label < 0)
		return;
	count_label(quality, bucket, entry, entry->label, 1);
	bool waited = entry->label_ts != 0;
	if (waited && entry->label_ts > entry->ts)
		record_lag(quality, entry->label_ts - entry->ts, entry->label);
	feed_error(
	    quality, entry, waited && entry->label_ts > entry->ts ? entry->label_ts : entry->ts);
}

void
series_quality_label(struct series_quality *quality, const struct join_entry *entry, int previous,
    int64_t lag_us, wall_us seen)
{
	struct quality_bucket *bucket = series_quality_bucket(quality, entry->ts);
	if (bucket == NULL)
		return;
	if (previous >= 0)
		count_label(quality, bucket, entry, previous, -1);
	count_label(quality, bucket, entry, entry->label, 1);
	bucket->assumed -= entry->assumed;
	if (previous < 0 || entry->assumed)
		record_lag(quality, lag_us, entry->label);
	if (previous < 0)
		feed_error(quality, entry, seen);
}

void
series_quality_assume(struct series_quality *quality, const struct join_entry *entry, wall_us seen)
{
	struct quality_bucket *bucket = series_quality_bucket(quality, entry->ts);
	if (bucket == NULL)
		return;
	count_label(quality, bucket, entry, 0, 1);
	bucket->assumed++;
	feed_error(quality, entry, seen);
}

/* The two do not overlap, so that it is done several at a time. */
static void
add_counts(uint32_t *restrict into, const uint32_t *restrict from)
{
	for (size_t i = 0; i < QUALITY_BINS; i++)
		into[i] += from[i];
}

void
series_quality_merge(struct quality_bucket *into, const struct quality_bucket *from)
{
	into->changes += from->changes;
	into->predictions += from->predictions;
	into->labelled += from->labelled;
	into->positives += from->positives;
	into->assumed += from->assumed;
	into->confusion.tp += from->confusion.tp;
	into->confusion.fp += from->confusion.fp;
	into->confusion.tn += from->confusion.tn;
	into->confusion.fn += from->confusion.fn;
	add_counts(into->all, from->all);
	add_counts(into->scores.positives, from->scores.positives);
	add_counts(into->scores.negatives, from->scores.negatives);
	for (size_t i = 0; i < QUALITY_WIDTH_BINS; i++) {
		into->width[i].n += from->width[i].n;
		into->width[i].positives += from->width[i].positives;
		into->width[i].scores += from->width[i].scores;
	}
	quality_loss_merge(&into->loss, &from->loss);
	cbpe_merge(&into->expected, &from->expected);
}
