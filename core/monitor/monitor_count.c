/* monitor_count.c: a prediction into the buckets of its series, value by value. */
#include <math.h>

#include "core/base/jsonw.h"
#include "core/monitor/models.h"
#include "core/monitor/monitor_count.h"
#include "core/monitor/state.h"

/* A present value into its bin. Returns true if it is one that the reference has not. */
static bool
count_present(struct cell *cell, const struct reference_column *column,
    const struct feature_value *value, bool number)
{
	const struct profile_feature *feature = &column->feature;
	const struct bins *bins = &feature->bins;
	bool words = bins->kind == BINS_CATEGORIES_KIND;
	if (!words && !number) {
		cell->wrong_type++;
		return false;
	}
	size_t bin = words ? (size_t)reference_column_bin(column, value)
			   : bins_find_number(bins, value->number);
	bool unseen = bins->kind != BINS_EDGES && bin + 1 == bins->count;
	cell->counts[bin]++;
	if (words) {
		cell->present++;
		cell->wrong_type += number && unseen;
	} else {
		cell_add_number(cell, value->number,
		    value->number < feature->low || value->number > feature->high);
	}
	return unseen;
}

static bool
count_value(
    struct cell *cell, const struct reference_column *column, const struct feature_value *value)
{
	bool number = value->kind == VALUE_NUMBER;
	if (number && !isfinite(value->number)) {
		cell->missing += isnan(value->number);
		cell->nonfinite += !isnan(value->number);
		return false;
	}
	if (value->kind == VALUE_MISSING) {
		cell->missing++;
		return false;
	}
	if (column->ready)
		return count_present(cell, column, value, number);
	cell->present++;
	return false;
}

const char *
monitor_word(const struct feature_value *value, char room[32])
{
	return value->kind == VALUE_TEXT ? value->text
					 : jsonw_format_double(room, 32, value->number);
}

void
monitor_count_value(struct monitor *monitor, struct model_state *model, struct series *series,
    size_t at, const struct feature_value *value, bool lacking)
{
	struct reference_column *column = &model->features[at];
	const struct model_place *place = &model->places[at];
	if (model->profile == NULL && room_grow_reference(monitor, column, value)) {
		models_place(model, at);
		return; /* in the reference; its place is in the next record's bucket */
	}
	struct cell *cell = ring_cell(series->now[place->ring], place->offset);
	if (cell == NULL)
		return;
	cell->lacking += lacking;
	if (!count_value(cell, column, value))
		return;
	char text[32];
	series_unseen(series, at, place->ring, monitor_word(value, text), series->last_ts);
}

void
monitor_count_hour(const struct model_state *model, struct series *series, wall_us ts, size_t hour)
{
	for (size_t i = 0; i < series->rings_count; i++) {
		series->now[i] = ring_at(&series->rings[i], ts, model->sizes[i]);
		if (series->now[i] == NULL)
			continue;
		series->now[i]->n++;
		series->now[i]->hours[hour]++;
	}
}

/* A feature of the model that the record does not bear is missing in it. */
static void
count_features(struct monitor *monitor, struct model_state *model, struct series *series,
    const struct prediction *prediction, size_t hour)
{
	static const struct feature_value absent = {
	    .name = "", .kind = VALUE_MISSING, .number = NAN, .text = ""};
	bool seen[MONITOR_FEATURES_MAX] = {false};
	monitor_count_hour(model, series, prediction->ts, hour);
	for (size_t i = 0; i < prediction->features_count; i++) {
		const struct feature_value *value = &prediction->features[i];
		size_t at = models_column(monitor, model, i, value->name);
		if (at == SIZE_MAX || seen[at])
			continue;
		seen[at] = true;
		monitor_count_value(monitor, model, series, at, value, false);
	}
	for (size_t at = 0; at < model->features_count; at++) {
		if (!seen[at])
			monitor_count_value(monitor, model, series, at, &absent, true);
	}
}

void
monitor_count_score(
    struct monitor *monitor, struct series *series, double score, wall_us ts, size_t hour)
{
	struct model_state *model = monitor->models[series->model_index];
	struct reference_column *column = &model->versions[series->version_index].score;
	struct feature_value value = {
	    .name = "score", .kind = VALUE_NUMBER, .number = score, .text = ""};
	reference_column_add(column, &value, (uint64_t)monitor->config->reference_records);
	struct ring_bucket *bucket =
	    ring_at(&series->scores, ts, column->ready ? cell_size(column->feature.bins.count) : 0);
	if (bucket == NULL)
		return;
	bucket->n++;
	bucket->hours[hour]++;
	struct cell *cell = ring_cell(bucket, 0);
	if (cell != NULL)
		count_value(cell, column, &value);
}

struct traffic
monitor_traffic(const struct prediction *prediction)
{
	struct traffic traffic = {.ts = prediction->ts,
	    .threshold = prediction->threshold,
	    .latency_us = NAN,
	    .status = (int16_t)prediction->status,
	    .decision = (int8_t)monitor_decision(prediction),
	    .scored = prediction->status < 400 && !isnan(prediction->score)};
	if (!isnan(prediction->latency_ms)) {
		traffic.latency_us = latency_bounded(prediction->latency_ms * 1000);
		traffic.latency_bucket = (uint16_t)latency_bucket(traffic.latency_us);
	}
	return traffic;
}

void
monitor_count_traffic(struct series *series, struct series_bucket *bucket,
    const struct traffic *traffic, uint32_t weight)
{
	series->records++;
	series_count_second(series, traffic->ts, weight);
	if (series->first_ts == 0 || traffic->ts < series->first_ts)
		series->first_ts = traffic->ts;
	if (traffic->ts > series->last_ts)
		series->last_ts = traffic->ts;
	bucket->n++;
	bucket->volume += weight;
	bucket->answered += traffic->status > 0;
	bucket->errors += traffic->status >= 500;
	bucket->rejected += traffic->status >= 400 && traffic->status < 500;
	if (!isnan(traffic->latency_us))
		latency_count(&bucket->latency, traffic->latency_us, traffic->latency_bucket);
	if (!isnan(traffic->threshold))
		series->threshold = traffic->threshold;
	if (!traffic->scored)
		return;
	bucket->decided += traffic->decision >= 0;
	bucket->flagged += traffic->decision == 1;
}

/* The part that labels are joined to. Returns true if its request id came before. */
static bool
count_quality(struct monitor *monitor, struct series *series, struct series_bucket *bucket,
    const struct prediction *prediction, uint64_t hash, struct join_entry *entry)
{
	struct series_quality *quality = &series->quality;
	*entry = (struct join_entry){.ts = prediction->ts,
	    .score = join_score(prediction->score),
	    .series = (uint32_t)series->number,
	    .cohort = cohorts_find(&quality->cohorts, prediction,
		series_quality_index(quality, prediction->ts), SERIES_QUALITY_BUCKETS),
	    .decision = (int8_t)monitor_decision(prediction),
	    .label = (int8_t)prediction->label};
	struct quality_place place = series_quality_place(quality->map, entry->score);
	return monitor_count_quality(monitor, series, bucket, hash, entry, &place);
}

static void
count_columns(struct monitor *monitor, struct series *series, const struct prediction *prediction)
{
	size_t hour = season_hour(prediction->ts);
	count_features(monitor, monitor->models[series->model_index], series, prediction, hour);
	monitor_count_score(monitor, series, prediction->score, prediction->ts, hour);
	attributions_add(&series->attributions, prediction);
	expectations_add(&series->expectations, prediction);
}

void
monitor_keep_row(struct monitor *monitor, struct series *series,
    const struct prediction *prediction, uint64_t hash, const struct join_entry *entry, bool failed)
{
	if (monitor->config->replay_rows == 0 || series->mixed)
		return;
	if (series->recent == NULL)
		series->recent = recent_new((size_t)monitor->config->replay_rows);
	recent_add(series->recent, prediction, hash, entry->decision, entry->label, failed);
	room_count_recent(monitor, series);
}

void
monitor_count(struct monitor *monitor, struct series *series, struct series_bucket *bucket,
    const struct prediction *prediction, uint64_t hash, uint32_t weight, bool keep)
{
	struct traffic traffic = monitor_traffic(prediction);
	struct join_entry entry = {.decision = -1, .label = (int8_t)prediction->label};
	monitor_count_traffic(series, bucket, &traffic, weight);
	if (traffic.scored) {
		if (!series->mixed)
			count_columns(monitor, series, prediction);
		if (count_quality(monitor, series, bucket, prediction, hash, &entry))
			return;
	}
	if (keep)
		monitor_keep_row(monitor, series, prediction, hash, &entry, !traffic.scored);
}
