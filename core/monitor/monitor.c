/* monitor.c: records into buckets, and the clock. models.c keeps the references; views.c makes
 * numbers of the buckets. */
#include "core/monitor/monitor.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/jsonw.h"
#include "core/base/mem.h"
#include "core/monitor/state.h"

/* The lengths that features' comparison windows have, each once. */
static void
find_lengths(struct series_lengths *lengths, const struct config *config)
{
	*lengths = (struct series_lengths){
	    .comparison_us = config->comparison_us, .of = (size_t)config->of_windows};
	lengths->features = mem_alloc((config->features_count + 1) * sizeof(*lengths->features));
	lengths->features[lengths->features_count++] = config->comparison_us;
	for (size_t i = 0; i < config->features_count; i++) {
		int64_t window = config->features[i].window_us;
		size_t at = 0;
		while (at < lengths->features_count && lengths->features[at] != window)
			at++;
		if (window > 0 && at == lengths->features_count)
			lengths->features[lengths->features_count++] = window;
	}
}

struct monitor *
monitor_new(const struct config *config)
{
	struct monitor *monitor = mem_alloc(sizeof(*monitor));
	monitor->config = config;
	find_lengths(&monitor->lengths, config);
	const struct join_options options = {.memory = (size_t)config->join_memory << 20,
	    .ttl_us = config->label_ttl_us,
	    .assume_us = config->assume_negative_us,
	    .sample = (uint32_t)config->join_sample};
	monitor->join = join_new(&options);
	return monitor;
}

void
monitor_free(struct monitor *monitor)
{
	if (monitor == NULL)
		return;
	for (size_t i = 0; i < monitor->series_count; i++)
		series_free(monitor->series[i]);
	models_free(monitor);
	free(monitor->lengths.features);
	free(monitor->series);
	free(monitor->sources);
	join_free(monitor->join);
	free(monitor);
}

size_t
monitor_add_source(struct monitor *monitor)
{
	mem_reserve(&monitor->sources, &monitor->sources_capacity, monitor->sources_count + 1,
	    sizeof(*monitor->sources));
	monitor->sources[monitor->sources_count] = (struct source_state){.watermark = INT64_MIN};
	return monitor->sources_count++;
}

/* The map for CBPE, if the profile has one for the version. */
static const struct calibration_map *
calibration_of(const struct model_state *model, const char *version)
{
	const struct profile_score *score =
	    model->profile != NULL ? profile_score_of(model->profile, version) : NULL;
	return score != NULL && score->calibrated ? &score->calibration : NULL;
}

struct series *
monitor_add_series(
    struct monitor *monitor, const char *service, const char *model, const char *version)
{
	mem_reserve(&monitor->series, &monitor->series_capacity, monitor->series_count + 1,
	    sizeof(*monitor->series));
	struct series *series = series_new(service, model, version, &monitor->lengths);
	struct model_state *state = models_get(monitor, series->model, &series->model_index);
	series->version_index = models_version(state, series->version);
	series_quality_init(
	    &series->quality, monitor->config, calibration_of(state, series->version));
	attributions_init(&series->attributions, state->profile, series->bucket_us);
	expectations_init(
	    &series->expectations, state->suites, state->suites_count, series->bucket_us);
	if (monitor->config->replay_rows > 0)
		series->recent = recent_new((size_t)monitor->config->replay_rows);
	series->number = monitor->series_count;
	monitor->series[monitor->series_count++] = series;
	return series;
}

/* The series of a record. The last one is tried first: a log mostly repeats itself. */
static struct series *
series_get(struct monitor *monitor, struct source_state *source, const char *service,
    const char *model, const char *version, struct err *err)
{
	char rooms[3][SNAPSHOT_NAME];
	service = models_kept_name(rooms[0], service);
	model = models_kept_name(rooms[1], model);
	version = models_kept_name(rooms[2], version);
	for (size_t i = 0; i <= monitor->series_count; i++) {
		size_t at = i == 0 ? source->last_series : i - 1;
		if (at >= monitor->series_count)
			continue;
		struct series *series = monitor->series[at];
		if (strcmp(series->service, service) == 0 && strcmp(series->model, model) == 0 &&
		    strcmp(series->version, version) == 0) {
			source->last_series = at;
			return series;
		}
	}
	if (monitor->series_count == MONITOR_SERIES_MAX) {
		err_set(err, ERR_DATA,
		    "more than %d combinations of service, model and version; this one is not kept",
		    MONITOR_SERIES_MAX);
		return NULL;
	}
	source->last_series = monitor->series_count;
	return monitor_add_series(monitor, service, model, version);
}

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

static void
count_feature(struct monitor *monitor, struct model_state *model, struct series *series, size_t at,
    const struct feature_value *value, bool lacking)
{
	struct reference_column *column = &model->features[at];
	const struct model_place *place = &model->places[at];
	uint64_t limit = (uint64_t)monitor->config->reference_records;
	if (model->profile == NULL && reference_column_add(column, value, limit)) {
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
	series_unseen(series, at, place->ring,
	    value->kind == VALUE_TEXT ? value->text
				      : jsonw_format_double(text, sizeof(text), value->number),
	    series->last_ts);
}

/* A feature of the model that the record does not bear is missing in it. */
static void
count_features(struct monitor *monitor, struct model_state *model, struct series *series,
    const struct prediction *prediction, size_t hour)
{
	static const struct feature_value absent = {
	    .name = "", .kind = VALUE_MISSING, .number = NAN, .text = ""};
	bool seen[MONITOR_FEATURES_MAX] = {false};
	for (size_t i = 0; i < series->rings_count; i++) {
		series->now[i] = ring_at(&series->rings[i], prediction->ts, model->sizes[i]);
		if (series->now[i] == NULL)
			continue;
		series->now[i]->n++;
		series->now[i]->hours[hour]++;
	}
	for (size_t i = 0; i < prediction->features_count; i++) {
		const struct feature_value *value = &prediction->features[i];
		size_t at = models_column(monitor, model, i, value->name);
		if (at == SIZE_MAX || seen[at])
			continue;
		seen[at] = true;
		count_feature(monitor, model, series, at, value, false);
	}
	for (size_t at = 0; at < model->features_count; at++) {
		if (!seen[at])
			count_feature(monitor, model, series, at, &absent, true);
	}
}

static void
count_score(struct monitor *monitor, struct model_state *model, struct series *series,
    const struct prediction *prediction, size_t hour)
{
	struct reference_column *column = &model->versions[series->version_index].score;
	struct feature_value value = {
	    .name = "score", .kind = VALUE_NUMBER, .number = prediction->score, .text = ""};
	reference_column_add(column, &value, (uint64_t)monitor->config->reference_records);
	struct ring_bucket *bucket = ring_at(&series->scores, prediction->ts,
	    column->ready ? cell_size(column->feature.bins.count) : 0);
	if (bucket == NULL)
		return;
	bucket->n++;
	bucket->hours[hour]++;
	struct cell *cell = ring_cell(bucket, 0);
	if (cell != NULL)
		count_value(cell, column, &value);
}

int
monitor_decision(const struct prediction *prediction)
{
	if (prediction->decision >= 0)
		return prediction->decision;
	if (!isnan(prediction->threshold) && !isnan(prediction->score))
		return prediction->score >= prediction->threshold;
	return -1;
}

static void
count_record(struct monitor *monitor, struct series *series, struct series_bucket *bucket,
    const struct prediction *prediction)
{
	struct model_state *model = monitor->models[series->model_index];
	series->records++;
	series_count_second(series, prediction->ts);
	if (series->first_ts == 0 || prediction->ts < series->first_ts)
		series->first_ts = prediction->ts;
	if (prediction->ts > series->last_ts)
		series->last_ts = prediction->ts;
	bucket->n++;
	bucket->answered += prediction->status > 0;
	bucket->errors += prediction->status >= 500;
	bucket->rejected += prediction->status >= 400 && prediction->status < 500;
	if (!isnan(prediction->latency_ms))
		latency_record(&bucket->latency, prediction->latency_ms * 1000);
	if (!isnan(prediction->threshold))
		series->threshold = prediction->threshold;
	if (prediction->status < 400 && !isnan(prediction->score)) {
		int decision = monitor_decision(prediction);
		bucket->decided += decision >= 0;
		bucket->flagged += decision == 1;
		size_t hour = season_hour(prediction->ts);
		count_features(monitor, model, series, prediction, hour);
		count_score(monitor, model, series, prediction, hour);
		attributions_add(&series->attributions, prediction);
		expectations_add(&series->expectations, prediction);
		bucket->identified += prediction->request_id[0] != '\0';
		bucket->duplicates += monitor_count_quality(monitor, series, prediction);
	} else if (series->recent != NULL) {
		recent_add(series->recent, prediction, -1, prediction->label, true);
	}
}

enum monitor_verdict
monitor_prediction(struct monitor *monitor, size_t source_number,
    const struct prediction *prediction, const char *default_service, const char *default_model,
    struct err *err)
{
	struct source_state *source = &monitor->sources[source_number];
	wall_us now = clock_wall();
	if (prediction->ts > now + MONITOR_AHEAD) {
		err_set(err, ERR_DATA, "its time is %lld s ahead of the wall clock",
		    (long long)((prediction->ts - now) / CLOCK_SECOND));
		return MONITOR_REFUSED;
	}
	source->heard = clock_mono();
	if (source->watermark != INT64_MIN &&
	    prediction->ts < source->watermark - monitor->config->lateness_us)
		return MONITOR_LATE;
	struct series *series = series_get(monitor, source,
	    prediction->service[0] != '\0' ? prediction->service : default_service,
	    prediction->model[0] != '\0' ? prediction->model : default_model, prediction->version,
	    err);
	if (series == NULL)
		return MONITOR_REFUSED;
	struct series_bucket *bucket = series_bucket_at(series, prediction->ts);
	if (bucket == NULL)
		return MONITOR_LATE;
	if (prediction->ts > source->watermark)
		source->watermark = prediction->ts;
	if (prediction->ts > now - MONITOR_LIVE)
		monitor->live = true;
	count_record(monitor, series, bucket, prediction);
	return MONITOR_ACCEPTED;
}

void
monitor_tick(struct monitor *monitor)
{
	mono_us now = clock_mono();
	wall_us least = INT64_MAX, most = INT64_MIN;
	for (size_t i = 0; i < monitor->sources_count; i++) {
		const struct source_state *source = &monitor->sources[i];
		if (source->watermark == INT64_MIN)
			continue;
		if (source->watermark > most)
			most = source->watermark;
		if (now - source->heard <= monitor->config->idle_after_us &&
		    source->watermark < least)
			least = source->watermark;
	}
	wall_us clock = least;
	if (least == INT64_MAX) /* all silent */
		clock = monitor->live ? clock_wall() : most;
	if (clock > monitor->clock && clock != INT64_MIN)
		monitor->clock = clock;
	monitor_assume_negatives(monitor);
	join_expire(monitor->join, monitor->clock);
	for (size_t i = 0; i < monitor->series_count; i++) {
		if (monitor->series[i]->recent != NULL)
			recent_expire(monitor->series[i]->recent,
			    monitor->clock - monitor->config->comparison_us);
	}
}

struct recent *
monitor_recent(
    const struct monitor *monitor, const char *service, const char *model, const char *version)
{
	for (size_t i = 0; i < monitor->series_count; i++) {
		struct series *series = monitor->series[i];
		if (strcmp(series->service, service) == 0 && strcmp(series->model, model) == 0 &&
		    strcmp(series->version, version) == 0)
			return series->recent;
	}
	return NULL;
}

wall_us
monitor_clock(const struct monitor *monitor)
{
	return monitor->clock;
}

struct join_view
monitor_join(const struct monitor *monitor)
{
	struct join_stats stats = join_stats(monitor->join);
	return (struct join_view){.pending = stats.pending,
	    .joined = stats.joined,
	    .waiting_labels = stats.waiting_labels,
	    .duplicates = stats.duplicate_labels + stats.duplicate_predictions,
	    .expired = stats.expired + stats.expired_labels,
	    .evicted = stats.evicted};
}
