/* monitor.c: records into buckets, and the clock. views.c makes numbers of the buckets. */
#include "core/monitor/monitor.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/monitor/state.h"

struct monitor *
monitor_new(const struct config *config)
{
	struct monitor *monitor = mem_alloc(sizeof(*monitor));
	monitor->config = config;
	monitor->join = join_new((size_t)config->join_entries, config->label_ttl_us);
	join_assume(monitor->join, config->assume_negative_us);
	return monitor;
}

static void
model_free_state(struct model_state *model)
{
	for (size_t i = 0; i < model->features_count; i++)
		reference_column_free(&model->features[i]);
	for (size_t i = 0; i < model->versions_count; i++)
		reference_column_free(&model->versions[i].score);
	free(model->features);
	free(model->offsets);
	free(model->versions);
	profile_free(model->profile);
	free(model);
}

void
monitor_free(struct monitor *monitor)
{
	if (monitor == NULL)
		return;
	for (size_t i = 0; i < monitor->series_count; i++)
		series_free(monitor->series[i]);
	for (size_t i = 0; i < monitor->models_count; i++)
		model_free_state(monitor->models[i]);
	free(monitor->series);
	free(monitor->models);
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

static struct model_state *
model_get(struct monitor *monitor, const char *name, size_t *index)
{
	for (size_t i = 0; i < monitor->models_count; i++) {
		if (strcmp(monitor->models[i]->name, name) == 0) {
			*index = i;
			return monitor->models[i];
		}
	}
	mem_reserve(&monitor->models, &monitor->models_capacity, monitor->models_count + 1,
	    sizeof(*monitor->models));
	struct model_state *model = mem_alloc(sizeof(*model));
	text_copy(model->name, sizeof(model->name), name);
	*index = monitor->models_count;
	monitor->models[monitor->models_count++] = model;
	return model;
}

/* Gives a column that has just become ready its place in the buckets' count arrays. The place of
 * its missing count follows its bins. */
static void
place_column(struct model_state *model, size_t column)
{
	model->offsets[column] = model->counts_size;
	model->counts_size += model->features[column].feature.bins.count + 1;
}

static size_t
column_add(struct model_state *model, const char *name)
{
	size_t count = model->features_count + 1;
	model->features = mem_grow(model->features, count, sizeof(*model->features));
	model->offsets = mem_grow(model->offsets, count, sizeof(*model->offsets));
	reference_column_init(&model->features[count - 1], name);
	model->offsets[count - 1] = SIZE_MAX;
	model->features_count = count;
	return count - 1;
}

void
monitor_set_profile(
    struct monitor *monitor, const char *model_name, const char *path, struct profile *profile)
{
	size_t index;
	struct model_state *model = model_get(monitor, model_name, &index);
	text_copy(model->profile_path, sizeof(model->profile_path), path);
	model->profile = profile;
	for (size_t i = 0; i < profile->features_count && i < MONITOR_FEATURES_MAX; i++) {
		size_t column = column_add(model, profile->features[i].name);
		reference_column_set(&model->features[column], &profile->features[i]);
		place_column(model, column);
	}
}

static size_t
version_get(struct model_state *model, const char *version)
{
	for (size_t i = 0; i < model->versions_count; i++) {
		if (strcmp(model->versions[i].version, version) == 0)
			return i;
	}
	size_t count = model->versions_count + 1;
	model->versions = mem_grow(model->versions, count, sizeof(*model->versions));
	struct version_state *state = &model->versions[count - 1];
	*state = (struct version_state){0};
	text_copy(state->version, sizeof(state->version), version);
	reference_column_init(&state->score, "score");
	const struct profile_score *score =
	    model->profile != NULL ? profile_score_of(model->profile, version) : NULL;
	if (score != NULL)
		reference_column_set(&state->score, &score->score);
	model->versions_count = count;
	return count - 1;
}

/* A name as it is kept: all of it, or what fits. Two names that begin alike for so long are one. */
static const char *
kept_name(char room[SNAPSHOT_NAME], const char *name)
{
	if (strlen(name) < SNAPSHOT_NAME)
		return name;
	text_copy(room, SNAPSHOT_NAME, name);
	return room;
}

/* The map for CBPE, if the profile has one for the version. */
static const struct calibration_map *
calibration_of(const struct model_state *model, const char *version)
{
	const struct profile_score *score =
	    model->profile != NULL ? profile_score_of(model->profile, version) : NULL;
	return score != NULL && score->calibrated ? &score->calibration : NULL;
}

/* The series of a record. The last one is tried first: a log mostly repeats itself. */
static struct series *
series_get(struct monitor *monitor, struct source_state *source, const char *service,
    const char *model, const char *version, struct err *err)
{
	char rooms[3][SNAPSHOT_NAME];
	service = kept_name(rooms[0], service);
	model = kept_name(rooms[1], model);
	version = kept_name(rooms[2], version);
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
	mem_reserve(&monitor->series, &monitor->series_capacity, monitor->series_count + 1,
	    sizeof(*monitor->series));
	struct series *series = series_new(service, model, version, monitor->config->comparison_us);
	struct model_state *state = model_get(monitor, series->model, &series->model_index);
	series->version_index = version_get(state, series->version);
	series_quality_init(
	    &series->quality, monitor->config, calibration_of(state, series->version));
	series->number = monitor->series_count;
	monitor->series[monitor->series_count] = series;
	source->last_series = monitor->series_count++;
	return series;
}

/* The column of the record's i-th feature: records of one model repeat their order. */
static size_t
column_of(struct model_state *model, size_t i, const char *name)
{
	char room[SNAPSHOT_NAME];
	name = kept_name(room, name);
	if (i < model->features_count && strcmp(model->features[i].feature.name, name) == 0)
		return i;
	for (size_t at = 0; at < model->features_count; at++) {
		if (strcmp(model->features[at].feature.name, name) == 0)
			return at;
	}
	if (model->features_count == MONITOR_FEATURES_MAX)
		return SIZE_MAX;
	return column_add(model, name);
}

static void
count_feature(struct monitor *monitor, struct model_state *model, struct series_bucket *bucket,
    size_t at, const struct feature_value *value)
{
	struct reference_column *column = &model->features[at];
	uint64_t limit = (uint64_t)monitor->config->reference_records;
	if (model->profile == NULL && reference_column_add(column, value, limit)) {
		place_column(model, at);
		return; /* in the reference; its place is in the next record's bucket */
	}
	size_t offset = model->offsets[at];
	size_t missing = offset + column->feature.bins.count;
	if (!column->ready || missing >= bucket->features_size)
		return;
	int bin = reference_column_bin(column, value);
	bucket->features[bin < 0 ? missing : offset + (size_t)bin]++;
}

/* A feature of the model that the record does not bear is missing in it. */
static void
count_features(struct monitor *monitor, struct model_state *model, struct series_bucket *bucket,
    const struct prediction *prediction)
{
	static const struct feature_value absent = {
	    .name = "", .kind = VALUE_MISSING, .number = NAN, .text = ""};
	bool seen[MONITOR_FEATURES_MAX] = {false};
	for (size_t i = 0; i < prediction->features_count; i++) {
		const struct feature_value *value = &prediction->features[i];
		size_t at = column_of(model, i, value->name);
		if (at == SIZE_MAX || seen[at])
			continue;
		seen[at] = true;
		count_feature(monitor, model, bucket, at, value);
	}
	for (size_t at = 0; at < model->features_count; at++) {
		if (!seen[at])
			count_feature(monitor, model, bucket, at, &absent);
	}
}

static void
count_score(struct monitor *monitor, struct model_state *model, struct series *series,
    struct series_bucket *bucket, double score)
{
	struct version_state *version = &model->versions[series->version_index];
	struct feature_value value = {.name = "score", .kind = VALUE_NUMBER, .number = score};
	reference_column_add(&version->score, &value, (uint64_t)monitor->config->reference_records);
	if (!version->score.ready || bucket->score_size < version->score.feature.bins.count)
		return;
	int bin = reference_column_bin(&version->score, &value);
	if (bin >= 0)
		bucket->score[bin]++;
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
		count_features(monitor, model, bucket, prediction);
		count_score(monitor, model, series, bucket, prediction->score);
		monitor_count_quality(monitor, series, prediction);
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
	struct model_state *model = monitor->models[series->model_index];
	struct version_state *version = &model->versions[series->version_index];
	struct series_bucket *bucket = series_bucket_at(series, prediction->ts, model->counts_size,
	    version->score.ready ? version->score.feature.bins.count : 0);
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
