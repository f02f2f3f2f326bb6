/* monitor.c: records into buckets, and the clock. models.c keeps the references; views.c makes
 * numbers of the buckets. */
#include "core/monitor/monitor.h"
#include "core/monitor/monitor_view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/join/stats.h"
#include "core/monitor/kept.h"
#include "core/monitor/models.h"
#include "core/monitor/monitor_count.h"
#include "core/monitor/plan.h"
#include "core/monitor/state.h"

#define OTHER "other"
enum { OTHERS = MONITOR_SERIES_ALL - MONITOR_SERIES_MAX - 1 }; /* but for the mixed one */

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

static struct join *
new_join(const struct config *config, const char *folder)
{
	size_t memory = (size_t)config->join_memory << 20;
	uint64_t file = (uint64_t)config->join_file << 30;
	const struct join_options options = {.memory = memory,
	    .folder = folder,
	    .file_bytes = file > 0 ? file : memory, /* none but what a checkpoint needs */
	    .ttl_us = config->label_ttl_us,
	    .assume_us = config->assume_negative_us,
	    .sample = (uint32_t)config->join_sample};
	return join_new(&options);
}

void
monitor_set_join_folder(struct monitor *monitor, const char *folder)
{
	join_free(monitor->join);
	monitor->join = new_join(monitor->config, folder);
}

void
monitor_limit_windows(struct monitor *monitor, int64_t mib)
{
	monitor->room.most = (size_t)mib << 20;
}

struct monitor *
monitor_new(const struct config *config)
{
	struct monitor *monitor = mem_alloc(sizeof(*monitor));
	monitor->config = config;
	find_lengths(&monitor->lengths, config);
	monitor_limit_windows(monitor, config->windows_memory);
	monitor->join = new_join(config, NULL);
	pthread_mutex_init(&monitor->plan_lock, NULL);
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
	for (size_t i = 0; i < monitor->services_count; i++)
		kept_free(monitor->services[i].kept);
	free(monitor->services);
	free(monitor->lengths.features);
	free(monitor->series);
	free(monitor->sources);
	join_free(monitor->join);
	plan_release(monitor->plan);
	pthread_mutex_destroy(&monitor->plan_lock);
	free(monitor);
}

size_t
monitor_add_source(struct monitor *monitor)
{
	mem_reserve(&monitor->sources, &monitor->sources_capacity, monitor->sources_count + 1,
	    sizeof(*monitor->sources));
	monitor->sources[monitor->sources_count] =
	    (struct source_state){.watermark = INT64_MIN, .weight = 1};
	return monitor->sources_count++;
}

void
monitor_weigh_source(struct monitor *monitor, size_t source, uint32_t weight)
{
	monitor->sources[source].weight = weight;
}

/* The map for CBPE, if the profile has one for the version. */
static const struct calibration_map *
calibration_of(const struct model_state *model, const char *version)
{
	const struct profile_score *score =
	    model->profile != NULL ? profile_score_of(model->profile, version) : NULL;
	return score != NULL && score->calibrated ? &score->calibration : NULL;
}

static void
begin_parts(struct monitor *monitor, struct series *series)
{
	const struct model_state *model = monitor->models[series->model_index];
	series_quality_init(&series->quality, monitor->config,
	    calibration_of(model, series->version), &monitor->room.used);
	attributions_init(&series->attributions, model->profile, series->bucket_us);
	expectations_init(
	    &series->expectations, model->suites, model->suites_count, series->bucket_us);
}

struct series *
monitor_add_series(
    struct monitor *monitor, const char *service, const char *model, const char *version)
{
	mem_reserve(&monitor->series, &monitor->series_capacity, monitor->series_count + 1,
	    sizeof(*monitor->series));
	struct series *series =
	    series_new(service, model, version, &monitor->lengths, &monitor->room.used);
	struct model_state *state = models_get(monitor, series->model, &series->model_index);
	series->version_index = models_version(state, series->version);
	begin_parts(monitor, series);
	series->number = monitor->series_count;
	monitor->series[monitor->series_count++] = series;
	room_add_series(monitor, series);
	return series;
}

void
monitor_empty_series(struct monitor *monitor, struct series *series)
{
	uint64_t given = series->quality.cohorts.given;
	series_empty(series, &monitor->lengths);
	begin_parts(monitor, series);
	series->quality.cohorts.given = given + 1; /* a batch may remember those before */
}

static struct series *
find_series(
    const struct monitor *monitor, const char *service, const char *model, const char *version)
{
	for (size_t i = 0; i < monitor->series_count; i++) {
		struct series *series = monitor->series[i];
		if (strcmp(series->version, version) == 0 &&
		    strcmp(series->service, service) == 0 && strcmp(series->model, model) == 0)
			return series;
	}
	return NULL;
}

/* Of a service and model that are known; NULL: there is no room for it. */
static struct series *
other_version(struct monitor *monitor, const char *service, const char *model, wall_us ts)
{
	struct series *other = find_series(monitor, service, model, OTHER);
	bool kin = false;
	for (size_t i = 0; i < monitor->series_count && other == NULL && !kin; i++)
		kin = strcmp(monitor->series[i]->service, service) == 0 &&
		      strcmp(monitor->series[i]->model, model) == 0;
	if (kin && monitor->series_count < MONITOR_SERIES_MAX + OTHERS)
		other = monitor_add_series(monitor, service, model, OTHER);
	if (other != NULL)
		tally_add(&other->tally, ts);
	if (other != NULL && other->folded && room_is_ample(&monitor->room))
		room_unfold(monitor, other);
	return other != NULL && !other->folded ? other : NULL;
}

/* The series that counts what there is no room to count by itself. */
static struct series *
get_other(struct monitor *monitor, const char *service, const char *model, wall_us ts)
{
	monitor->room.elsewhere++;
	struct series *other = other_version(monitor, service, model, ts);
	if (other != NULL)
		return other;
	other = find_series(monitor, OTHER, OTHER, OTHER);
	if (other == NULL) {
		other = monitor_add_series(monitor, OTHER, OTHER, OTHER);
		other->mixed = true;
	}
	if (other->folded)
		room_unfold(monitor, other);
	return other;
}

struct series *
monitor_back_or_other(struct monitor *monitor, struct series *series, wall_us ts)
{
	bool back = room_returns(monitor, series, ts);
	return back ? series : get_other(monitor, series->service, series->model, ts);
}

/* The series of a record. The last one is tried first: a log mostly repeats itself. */
static struct series *
series_get(struct monitor *monitor, struct source_state *source, const char *service,
    const char *model, const char *version, wall_us ts)
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
			tally_add(&series->tally, ts);
			return series->folded ? monitor_back_or_other(monitor, series, ts) : series;
		}
	}
	if (monitor->series_count >= MONITOR_SERIES_MAX)
		return get_other(monitor, service, model, ts);
	struct series *series = monitor_add_series(monitor, service, model, version);
	tally_add(&series->tally, ts);
	return series;
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

enum monitor_verdict
monitor_judge(const struct monitor *monitor, const struct source_state *source, wall_us ts,
    wall_us now, struct err *err)
{
	if (ts > now + MONITOR_AHEAD) {
		err_set(err, ERR_DATA, "its time is %lld s ahead of the wall clock",
		    (long long)((ts - now) / CLOCK_SECOND));
		return MONITOR_REFUSED;
	}
	bool late =
	    source->watermark != INT64_MIN && ts < source->watermark - monitor->config->lateness_us;
	return late ? MONITOR_LATE : MONITOR_ACCEPTED;
}

void
monitor_accept(struct monitor *monitor, struct source_state *source, wall_us ts, wall_us now)
{
	if (ts > source->watermark)
		source->watermark = ts;
	if (ts > now - MONITOR_LIVE)
		monitor->live = true;
}

enum monitor_verdict
monitor_add(struct monitor *monitor, struct source_state *source,
    const struct prediction *prediction, uint64_t hash, const struct monitor_how *how,
    struct err *err)
{
	enum monitor_verdict verdict =
	    monitor_judge(monitor, source, prediction->ts, how->now, err);
	if (verdict != MONITOR_ACCEPTED)
		return verdict;
	struct series *series = series_get(monitor, source,
	    prediction->service[0] != '\0' ? prediction->service : how->service,
	    prediction->model[0] != '\0' ? prediction->model : how->model, prediction->version,
	    prediction->ts);
	source->last_series = series->number;
	struct series_bucket *bucket = series_bucket_at(series, prediction->ts);
	if (bucket == NULL)
		return MONITOR_LATE;
	monitor_accept(monitor, source, prediction->ts, how->now);
	monitor_count(monitor, series, bucket, prediction, hash, source->weight, how->keep);
	if (room_is_over(&monitor->room))
		room_make(monitor);
	return MONITOR_ACCEPTED;
}

enum monitor_verdict
monitor_prediction(struct monitor *monitor, size_t number, const struct prediction *prediction,
    const char *default_service, const char *default_model, struct err *err)
{
	struct source_state *source = &monitor->sources[number];
	const struct monitor_how how = {
	    .now = clock_wall(), .service = default_service, .model = default_model, .keep = true};
	if (prediction->ts <= how.now + MONITOR_AHEAD)
		source->heard = clock_mono();
	enum monitor_verdict verdict =
	    monitor_add(monitor, source, prediction, join_hash(prediction->request_id), &how, err);
	if (verdict == MONITOR_ACCEPTED)
		concept_settle(&monitor->series[source->last_series]->quality.concept);
	return verdict;
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
		struct series *series = monitor->series[i];
		if (series->recent == NULL)
			continue;
		recent_expire(series->recent, monitor->clock - monitor->config->comparison_us);
		room_count_recent(monitor, series);
	}
}

struct recent *
monitor_recent(
    const struct monitor *monitor, const char *service, const char *model, const char *version)
{
	const struct series *series = find_series(monitor, service, model, version);
	return series != NULL ? series->recent : NULL;
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
	struct join_view view = {.pending = stats.pending,
	    .joined = stats.joined,
	    .waiting_labels = stats.waiting_labels,
	    .duplicates = stats.duplicate_labels + stats.duplicate_predictions,
	    .expired = stats.expired + stats.expired_labels,
	    .evicted = stats.evicted};
	text_copy(view.reason, sizeof(view.reason), stats.error);
	return view;
}
