/* monitor_save_series.c: the rings of a series. A bucket's slot follows from its index. Of a
 * bucket's cells each is written with the bins of its column, one that counted nothing as a single
 * byte. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/monitor/monitor_save_parts.h"

PACK_WHOLE(struct series_bucket, 4224);
PACK_WHOLE(struct ring_bucket, 704);
PACK_WHOLE(struct cell, 56);
PACK_WHOLE(struct unseen, 384);

struct columns { /* of a ring: where each stands, and its fine bins */
	size_t count;
	size_t offset[MONITOR_FEATURES_MAX], bins[MONITOR_FEATURES_MAX];
};

static void
find_columns(struct columns *columns, const struct model_state *model, size_t ring)
{
	columns->count = 0;
	for (size_t i = 0; i < model->features_count; i++) {
		if (model->places[i].ring != ring || model->places[i].offset == SIZE_MAX)
			continue;
		columns->offset[columns->count] = model->places[i].offset;
		columns->bins[columns->count++] = model->features[i].feature.bins.count;
	}
}

static void
find_score(struct columns *columns, const struct monitor *monitor, const struct series *series)
{
	const struct model_state *model = monitor->models[series->model_index];
	const struct reference_column *score = &model->versions[series->version_index].score;
	columns->count = score->ready;
	columns->offset[0] = 0;
	columns->bins[0] = score->feature.bins.count;
}

/* --- cells --- */

enum { CELL_EMPTY, CELL_COUNTS, CELL_NUMBERS };

static void
save_cell(const struct cell *cell, size_t bins, struct buf *pack)
{
	static const double zeros[4];
	const double numbers[] = {cell->low, cell->high, cell->sum, cell->carry};
	const uint32_t counts[] = {cell->present, cell->missing, cell->lacking, cell->nonfinite,
	    cell->wrong_type, cell->out_of_range};
	bool numeric = memcmp(numbers, zeros, sizeof(zeros)) != 0, any = numeric;
	for (size_t i = 0; i < 6; i++)
		any = any || counts[i] > 0;
	pack_varint(pack, numeric ? CELL_NUMBERS : any ? CELL_COUNTS : CELL_EMPTY);
	if (!any)
		return;
	pack_counts(pack, counts, 6);
	for (size_t i = 0; numeric && i < 4; i++)
		pack_f64(pack, numbers[i]);
	pack_counts(pack, cell->counts, bins);
}

static void
load_cell(struct cell *cell, size_t bins, struct unpack *unpack)
{
	uint32_t counts[6];
	uint64_t kind = unpack_varint(unpack, CELL_NUMBERS);
	if (kind == CELL_EMPTY)
		return;
	unpack_counts(unpack, counts, 6);
	cell->present = counts[0];
	cell->missing = counts[1];
	cell->lacking = counts[2];
	cell->nonfinite = counts[3];
	cell->wrong_type = counts[4];
	cell->out_of_range = counts[5];
	if (kind == CELL_NUMBERS) {
		cell->low = unpack_f64(unpack);
		cell->high = unpack_f64(unpack);
		cell->sum = unpack_f64(unpack);
		cell->carry = unpack_f64(unpack);
	}
	unpack_counts(unpack, cell->counts, bins);
}

/* --- rings of cells --- */

static void
save_ring(const struct ring *ring, const struct columns *columns, struct buf *pack)
{
	size_t used = 0;
	for (size_t i = 0; i < ring->buckets_count; i++)
		used += ring->buckets[i] != NULL;
	pack_varint(pack, used);
	for (size_t i = 0; i < ring->buckets_count; i++) {
		const struct ring_bucket *bucket = ring->buckets[i];
		if (bucket == NULL)
			continue;
		pack_i64(pack, bucket->index);
		pack_varint(pack, bucket->n);
		pack_counts(pack, bucket->hours, SEASON_HOURS);
		pack_varint(pack, bucket->size);
		for (size_t k = 0; k < columns->count; k++) {
			const struct cell *cell = ring_cell(bucket, columns->offset[k]);
			if (cell != NULL)
				save_cell(cell, columns->bins[k], pack);
		}
	}
}

static void
load_cells(struct ring_bucket *bucket, const struct columns *columns, struct unpack *unpack)
{
	for (size_t k = 0; k < columns->count && !unpack->failed; k++) {
		struct cell *cell = ring_cell(bucket, columns->offset[k]);
		size_t end = columns->offset[k] + cell_size(columns->bins[k]);
		if (cell != NULL && end > bucket->size)
			unpack_fail(unpack);
		else if (cell != NULL)
			load_cell(cell, columns->bins[k], unpack);
	}
}

static void
load_ring(struct ring *ring, const struct columns *columns, struct unpack *unpack)
{
	size_t most = 0;
	for (size_t k = 0; k < columns->count; k++) {
		size_t end = columns->offset[k] + cell_size(columns->bins[k]);
		most = end > most ? end : most;
	}
	size_t used = (size_t)unpack_varint(unpack, ring->buckets_count);
	for (size_t i = 0; i < used && !unpack->failed; i++) {
		int64_t index = unpack_stretch(unpack, ring->bucket_us);
		struct ring_bucket *bucket = ring_at(ring, index * ring->bucket_us, 0);
		if (bucket == NULL || bucket->n > 0) { /* its slot is taken */
			unpack_fail(unpack);
			return;
		}
		bucket->n = (uint32_t)unpack_varint(unpack, UINT32_MAX);
		unpack_counts(unpack, bucket->hours, SEASON_HOURS);
		size_t size = (size_t)unpack_varint(unpack, most);
		ring_at(ring, index * ring->bucket_us, size);
		load_cells(bucket, columns, unpack);
	}
}

/* --- traffic --- */

static void
save_buckets(const struct series *series, struct buf *pack)
{
	size_t used = 0;
	for (size_t i = 0; i < SERIES_BUCKETS + SERIES_SLACK; i++)
		used += series->buckets[i] != NULL;
	pack_varint(pack, used);
	for (size_t i = 0; i < SERIES_BUCKETS + SERIES_SLACK; i++) {
		const struct series_bucket *bucket = series->buckets[i];
		if (bucket == NULL)
			continue;
		const uint32_t counts[] = {bucket->n, bucket->answered, bucket->errors,
		    bucket->rejected, bucket->decided, bucket->flagged, bucket->identified,
		    bucket->duplicates};
		pack_i64(pack, bucket->index);
		pack_counts(pack, counts, 8);
		pack_varint(pack, bucket->volume);
		latency_save(&bucket->latency, pack);
	}
}

static void
load_buckets(struct series *series, struct unpack *unpack)
{
	size_t used = (size_t)unpack_varint(unpack, SERIES_BUCKETS + SERIES_SLACK);
	for (size_t i = 0; i < used && !unpack->failed; i++) {
		uint32_t counts[8];
		int64_t index = unpack_stretch(unpack, series->bucket_us);
		unpack_counts(unpack, counts, 8);
		struct series_bucket *bucket = series_bucket_at(series, index * series->bucket_us);
		if (bucket == NULL || bucket->n > 0) { /* its slot is taken */
			unpack_fail(unpack);
			return;
		}
		bucket->n = counts[0];
		bucket->answered = counts[1];
		bucket->errors = counts[2];
		bucket->rejected = counts[3];
		bucket->decided = counts[4];
		bucket->flagged = counts[5];
		bucket->identified = counts[6];
		bucket->duplicates = counts[7];
		bucket->volume = unpack_varint(unpack, UINT64_MAX);
		latency_load(&bucket->latency, unpack);
	}
}

static void
save_seconds(const struct series *series, struct buf *pack)
{
	for (size_t i = 0; i < SERIES_SECONDS; i++) {
		pack_i64(pack, series->second_index[i]);
		pack_varint(pack, series->second_count[i]);
	}
}

static void
load_seconds(struct series *series, struct unpack *unpack)
{
	for (size_t i = 0; i < SERIES_SECONDS; i++) {
		series->second_index[i] = unpack_stretch(unpack, CLOCK_SECOND);
		series->second_count[i] = (uint32_t)unpack_varint(unpack, UINT32_MAX);
	}
}

/* --- words that the references have not --- */

static void
save_unseen(const struct series *series, struct buf *pack)
{
	pack_varint(pack, series->unseen_count);
	for (size_t i = 0; i < series->unseen_count; i++) {
		const struct unseen *unseen = series->unseen[i];
		pack_varint(pack, unseen != NULL);
		for (size_t k = 0; unseen != NULL && k < UNSEEN_ENTRIES; k++) {
			pack_text(pack, unseen->entries[k].word);
			pack_varint(pack, unseen->entries[k].count);
			pack_i64(pack, unseen->entries[k].last);
		}
	}
}

static void
load_unseen(struct series *series, struct unpack *unpack)
{
	size_t count = (size_t)unpack_varint(unpack, MONITOR_FEATURES_MAX);
	if (count > 0)
		series->unseen = mem_alloc(count * sizeof(struct unseen *));
	series->unseen_count = count;
	for (size_t i = 0; i < count && !unpack->failed; i++) {
		if (!unpack_flag(unpack))
			continue;
		struct unseen *unseen = series->unseen[i] = mem_alloc(sizeof(*unseen));
		*series->used += sizeof(*unseen);
		for (size_t k = 0; k < UNSEEN_ENTRIES; k++) {
			unpack_text(unpack, unseen->entries[k].word, UNSEEN_WORD);
			unseen->entries[k].count = unpack_varint(unpack, UINT64_MAX);
			unseen->entries[k].last = unpack_time(unpack);
		}
	}
}

/* --- all of it --- */

void
save_series(const struct monitor *monitor, const struct series *series, struct buf *pack)
{
	struct columns columns;
	pack_i64(pack, series->first_ts);
	pack_i64(pack, series->last_ts);
	pack_varint(pack, series->records);
	pack_f64(pack, series->threshold);
	save_seconds(series, pack);
	save_buckets(series, pack);
	for (size_t i = 0; i < series->rings_count; i++) {
		find_columns(&columns, monitor->models[series->model_index], i);
		save_ring(&series->rings[i], &columns, pack);
	}
	find_score(&columns, monitor, series);
	save_ring(&series->scores, &columns, pack);
	save_unseen(series, pack);
	save_quality(&series->quality, pack);
	attributions_save(&series->attributions, pack);
	expectations_save(&series->expectations, pack);
	pack_varint(pack, series->recent != NULL);
	if (series->recent != NULL)
		recent_save(series->recent, pack);
}

void
load_series(struct monitor *monitor, struct series *series, struct unpack *unpack)
{
	struct columns columns;
	series->first_ts = unpack_time(unpack);
	series->last_ts = unpack_time(unpack);
	series->records = unpack_varint(unpack, UINT64_MAX);
	series->threshold = unpack_f64(unpack);
	load_seconds(series, unpack);
	load_buckets(series, unpack);
	for (size_t i = 0; i < series->rings_count; i++) {
		find_columns(&columns, monitor->models[series->model_index], i);
		load_ring(&series->rings[i], &columns, unpack);
	}
	find_score(&columns, monitor, series);
	load_ring(&series->scores, &columns, unpack);
	load_unseen(series, unpack);
	load_quality(&series->quality, unpack);
	attributions_load(&series->attributions, unpack);
	expectations_load(&series->expectations, unpack);
	if (!unpack_flag(unpack))
		return;
	series->recent = recent_new((size_t)monitor->config->replay_rows);
	recent_load(series->recent, unpack);
}
