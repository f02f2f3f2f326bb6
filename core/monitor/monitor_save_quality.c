/* monitor_save_quality.c: the quality of a series: its ring, label lags, cohorts and change
 * detectors. */
#include <string.h>

#include "core/base/hash.h"
#include "core/base/mem.h"
#include "core/monitor/monitor_save_parts.h"

PACK_WHOLE(struct quality_bucket, 6464);
PACK_WHOLE(struct cohort, 152);
PACK_WHOLE(struct cohort_counts, 32);
PACK_WHOLE(struct concept_stream_state, 1776);
PACK_WHOLE(struct page_hinkley, 88);
PACK_WHOLE(struct ddm, 64);

/* --- buckets --- */

static void
save_sums(const struct quality_bucket *bucket, struct buf *pack)
{
	const struct cbpe *expected = &bucket->expected;
	const uint64_t counts[] = {bucket->confusion.tp, bucket->confusion.fp, bucket->confusion.tn,
	    bucket->confusion.fn, bucket->loss.rows, bucket->loss.clipped, expected->flagged,
	    expected->passed};
	const double sums[] = {bucket->loss.squares, bucket->loss.logs, expected->tp, expected->fp,
	    expected->fn, expected->tn, expected->doubt_flagged, expected->doubt_passed};
	for (size_t i = 0; i < 8; i++) {
		pack_varint(pack, counts[i]);
		pack_f64(pack, sums[i]);
	}
	for (size_t i = 0; i < QUALITY_WIDTH_BINS; i++) {
		pack_varint(pack, bucket->width[i].n);
		pack_varint(pack, bucket->width[i].positives);
		pack_f64(pack, bucket->width[i].scores);
	}
}

static void
load_sums(struct quality_bucket *bucket, struct unpack *unpack)
{
	struct cbpe *expected = &bucket->expected;
	uint64_t *counts[] = {&bucket->confusion.tp, &bucket->confusion.fp, &bucket->confusion.tn,
	    &bucket->confusion.fn, &bucket->loss.rows, &bucket->loss.clipped, &expected->flagged,
	    &expected->passed};
	double *sums[] = {&bucket->loss.squares, &bucket->loss.logs, &expected->tp, &expected->fp,
	    &expected->fn, &expected->tn, &expected->doubt_flagged, &expected->doubt_passed};
	for (size_t i = 0; i < 8; i++) {
		*counts[i] = unpack_varint(unpack, UINT64_MAX);
		*sums[i] = unpack_f64(unpack);
	}
	for (size_t i = 0; i < QUALITY_WIDTH_BINS; i++) {
		bucket->width[i].n = (uint32_t)unpack_varint(unpack, UINT32_MAX);
		bucket->width[i].positives = (uint32_t)unpack_varint(unpack, UINT32_MAX);
		bucket->width[i].scores = unpack_f64(unpack);
	}
}

static void
save_bucket(const struct quality_bucket *bucket, size_t cohorts, struct buf *pack)
{
	const uint32_t counts[] = {
	    bucket->predictions, bucket->labelled, bucket->positives, bucket->assumed};
	pack_i64(pack, bucket->index);
	pack_counts(pack, counts, 4);
	pack_counts(pack, bucket->all, QUALITY_BINS);
	pack_counts(pack, bucket->scores.positives, QUALITY_BINS);
	pack_counts(pack, bucket->scores.negatives, QUALITY_BINS);
	save_sums(bucket, pack);
	for (size_t i = 0; i < cohorts; i++) {
		const struct cohort_counts *c = &bucket->cohorts[i];
		const uint32_t all[] = {
		    c->n, c->decided, c->flagged, c->labelled, c->tp, c->fp, c->fn, c->tn};
		pack_counts(pack, all, 8);
	}
}

static void
load_bucket(struct quality_bucket *bucket, size_t cohorts, struct unpack *unpack)
{
	uint32_t counts[4];
	unpack_counts(unpack, counts, 4);
	bucket->predictions = counts[0];
	bucket->labelled = counts[1];
	bucket->positives = counts[2];
	bucket->assumed = counts[3];
	unpack_counts(unpack, bucket->all, QUALITY_BINS);
	unpack_counts(unpack, bucket->scores.positives, QUALITY_BINS);
	unpack_counts(unpack, bucket->scores.negatives, QUALITY_BINS);
	load_sums(bucket, unpack);
	for (size_t i = 0; i < cohorts; i++) {
		uint32_t all[8];
		unpack_counts(unpack, all, 8);
		bucket->cohorts[i] = (struct cohort_counts){.n = all[0],
		    .decided = all[1],
		    .flagged = all[2],
		    .labelled = all[3],
		    .tp = all[4],
		    .fp = all[5],
		    .fn = all[6],
		    .tn = all[7]};
	}
}

static void
save_buckets(const struct series_quality *quality, struct buf *pack)
{
	size_t used = 0;
	for (size_t i = 0; i < SERIES_QUALITY_BUCKETS; i++)
		used += quality->buckets[i] != NULL;
	pack_varint(pack, used);
	for (size_t i = 0; i < SERIES_QUALITY_BUCKETS; i++) {
		if (quality->buckets[i] != NULL)
			save_bucket(quality->buckets[i], cohorts_room(&quality->cohorts), pack);
	}
}

static void
load_buckets(struct series_quality *quality, struct unpack *unpack)
{
	size_t used = (size_t)unpack_varint(unpack, SERIES_QUALITY_BUCKETS);
	for (size_t i = 0; i < used && !unpack->failed; i++) {
		int64_t index = unpack_stretch(unpack, quality->length_us);
		if (quality->buckets[clock_place(index, SERIES_QUALITY_BUCKETS)] != NULL) {
			unpack_fail(unpack);
			return;
		}
		struct quality_bucket *bucket =
		    series_quality_bucket(quality, index * quality->length_us);
		load_bucket(bucket, cohorts_room(&quality->cohorts), unpack);
	}
}

/* --- cohorts --- */

static void
save_cohorts(const struct cohorts *cohorts, struct buf *pack)
{
	pack_varint(pack, cohorts->list != NULL);
	for (size_t i = 0; cohorts->list != NULL && i < cohorts->most; i++) {
		const struct cohort *cohort = &cohorts->list[i];
		pack_varint(pack, cohort->hash != 0);
		if (cohort->hash == 0)
			continue;
		pack_text(pack, cohort->name);
		pack_f64(pack, cohort->number);
		pack_i64(pack, cohort->last);
	}
}

static void
load_cohorts(struct cohorts *cohorts, int64_t length_us, struct unpack *unpack)
{
	if (!unpack_flag(unpack))
		return;
	cohorts->list = mem_alloc(cohorts->most * sizeof(*cohorts->list));
	for (size_t i = 0; i < cohorts->most; i++) {
		struct cohort *cohort = &cohorts->list[i];
		if (!unpack_flag(unpack))
			continue;
		unpack_text(unpack, cohort->name, sizeof(cohort->name));
		cohort->number = unpack_f64(unpack);
		cohort->last = unpack_stretch(unpack, length_us);
		cohort->hash = cohorts_hash(cohort->name);
	}
}

/* --- change detectors --- */

static void
save_detector(const struct concept_stream_state *stream, enum change_kind kind, struct buf *pack)
{
	const struct page_hinkley *page_hinkley = &stream->page_hinkley;
	const struct ddm *ddm = &stream->ddm;
	if (kind == CHANGE_ADWIN) {
		adwin_save(stream->adwin, pack);
	} else if (kind == CHANGE_PAGE_HINKLEY) {
		pack_varint(pack, page_hinkley->n);
		pack_f64(pack, page_hinkley->mean);
		pack_f64(pack, page_hinkley->up);
		pack_f64(pack, page_hinkley->down);
		pack_f64(pack, page_hinkley->up_least);
		pack_f64(pack, page_hinkley->down_most);
	} else {
		pack_varint(pack, ddm->n);
		pack_f64(pack, ddm->p);
		pack_f64(pack, ddm->p_least);
		pack_f64(pack, ddm->s_least);
		pack_f64(pack, ddm->least);
	}
}

static void
load_detector(struct concept_stream_state *stream, enum change_kind kind, struct unpack *unpack)
{
	struct page_hinkley *page_hinkley = &stream->page_hinkley;
	struct ddm *ddm = &stream->ddm;
	if (kind == CHANGE_ADWIN) {
		adwin_load(stream->adwin, unpack);
	} else if (kind == CHANGE_PAGE_HINKLEY) {
		page_hinkley->n = unpack_varint(unpack, UINT64_MAX);
		page_hinkley->mean = unpack_f64(unpack);
		page_hinkley->up = unpack_f64(unpack);
		page_hinkley->down = unpack_f64(unpack);
		page_hinkley->up_least = unpack_f64(unpack);
		page_hinkley->down_most = unpack_f64(unpack);
	} else {
		ddm->n = unpack_varint(unpack, UINT64_MAX);
		ddm->p = unpack_f64(unpack);
		ddm->p_least = unpack_f64(unpack);
		ddm->s_least = unpack_f64(unpack);
		ddm->least = unpack_f64(unpack);
	}
}

static void
save_stream(const struct concept_stream_state *stream, enum change_kind kind, struct buf *pack)
{
	save_detector(stream, kind, pack);
	pack_varint(pack, stream->fed);
	pack_varint(pack, stream->changes);
	pack_varint(pack, stream->n);
	pack_f64(pack, stream->sum);
	pack_varint(pack, stream->marks_count);
	for (size_t i = 0; i < stream->marks_count; i++) {
		pack_varint(pack, stream->marks[i].n);
		pack_f64(pack, stream->marks[i].sum);
		pack_i64(pack, stream->marks[i].prediction);
	}
	pack_i64(pack, stream->changed_at);
	pack_i64(pack, stream->changed_prediction);
	pack_f64(pack, stream->before);
	pack_f64(pack, stream->after);
	pack_varint(pack, stream->direction);
}

static void
load_stream(struct concept_stream_state *stream, enum change_kind kind, struct unpack *unpack)
{
	load_detector(stream, kind, unpack);
	stream->fed = unpack_varint(unpack, UINT64_MAX);
	stream->changes = unpack_varint(unpack, UINT64_MAX);
	stream->n = unpack_varint(unpack, UINT64_MAX);
	stream->sum = unpack_f64(unpack);
	stream->marks_count = (size_t)unpack_varint(unpack, CONCEPT_MARKS);
	for (size_t i = 0; i < stream->marks_count; i++) {
		stream->marks[i].n = unpack_varint(unpack, stream->n);
		stream->marks[i].sum = unpack_f64(unpack);
		stream->marks[i].prediction = unpack_time(unpack);
	}
	stream->changed_at = unpack_time(unpack);
	stream->changed_prediction = unpack_time(unpack);
	stream->before = unpack_f64(unpack);
	stream->after = unpack_f64(unpack);
	stream->direction = (enum change_direction)unpack_varint(unpack, CHANGE_DOWN);
}

/* --- all of it --- */

void
save_quality(const struct series_quality *quality, struct buf *pack)
{
	latency_save(&quality->label_lag, pack);
	latency_save(&quality->positive_lag, pack);
	save_cohorts(&quality->cohorts, pack);
	for (size_t i = 0; i < CONCEPT_STREAMS; i++)
		save_stream(&quality->concept.streams[i], quality->concept.kind, pack);
	save_buckets(quality, pack);
}

void
load_quality(struct series_quality *quality, struct unpack *unpack)
{
	latency_load(&quality->label_lag, unpack);
	latency_load(&quality->positive_lag, unpack);
	load_cohorts(&quality->cohorts, quality->length_us, unpack);
	for (size_t i = 0; i < CONCEPT_STREAMS; i++)
		load_stream(&quality->concept.streams[i], quality->concept.kind, unpack);
	load_buckets(quality, unpack);
}
