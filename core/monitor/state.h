/* state.h: the inside of the monitor, shared by those who fill it (monitor*.c, models.c) and those
 * who read it (views*.c). */
#ifndef FRAUDTOP_MONITOR_STATE_H
#define FRAUDTOP_MONITOR_STATE_H

#include <pthread.h>

#include "core/monitor/monitor.h"
#include "core/reference/reference.h"
#include "core/monitor/series.h"

struct version_state {
	char version[SNAPSHOT_NAME];
	struct reference_column score;
};

struct model_place { /* where a feature's state is in the buckets of a series */
	size_t ring;
	size_t offset; /* SIZE_MAX until its reference is ready */
	const struct config_feature *config; /* what is configured of it, or NULL */
	bool extra; /* the model's profile has it not: only counted */
};

struct model_state {
	char name[SNAPSHOT_NAME];
	struct profile *profile; /* NULL: the reference grows from the first records */
	char profile_path[256];
	struct suite **suites; /* that its records are held to */
	size_t suites_count;
	struct reference_column *features;
	struct model_place *places;
	size_t features_count;
	size_t *sizes; /* a ring: of all its columns in a bucket */
	struct version_state *versions;
	size_t versions_count;
};

struct source_state {
	wall_us watermark; /* INT64_MIN: nothing yet */
	mono_us heard; /* when it last brought a record */
	size_t last_series;
	uint32_t weight; /* records that one of its stands for */
};

struct plan;

struct monitor {
	const struct config *config;
	struct series_lengths lengths;
	struct join *join;
	struct series **series;
	size_t series_count, series_capacity;
	struct model_state **models;
	size_t models_count, models_capacity;
	struct source_state *sources;
	size_t sources_count, sources_capacity;
	wall_us clock; /* 0: no record yet */
	bool live;
	pthread_mutex_t plan_lock; /* of the next one only: all else is its owner's */
	const struct plan *plan; /* plan.h; NULL: none yet */
	size_t plan_progress; /* what it was made of */
};

/* What counts of a prediction whether it was scored or not. */
struct traffic {
	wall_us ts;
	double threshold, latency_us; /* NaN: not logged */
	uint16_t latency_bucket; /* only with a latency */
	int16_t status;
	int8_t decision;
	bool scored;
};

/* monitor.c */
/* A series that is not there yet; there is room for it. */
struct series *monitor_add_series(
    struct monitor *monitor, const char *service, const char *model, const char *version);
/* Is it in time? err says why not, if it is refused. */
enum monitor_verdict monitor_judge(const struct monitor *monitor, const struct source_state *source,
    wall_us ts, wall_us now, struct err *err);
/* What follows from a record's being accepted. */
void monitor_accept(struct monitor *monitor, struct source_state *source, wall_us ts, wall_us now);
struct monitor_how {
	wall_us now;
	const char *service, *model; /* where the record names none */
	bool keep; /* in the recent rows */
};
enum monitor_verdict monitor_add(struct monitor *monitor, struct source_state *source,
    const struct prediction *prediction, uint64_t hash, const struct monitor_how *how,
    struct err *err);

/* monitor_count.c */
struct traffic monitor_traffic(const struct prediction *prediction);
void monitor_count_traffic(struct series *series, struct series_bucket *bucket,
    const struct traffic *traffic, uint32_t weight);
/* Makes series->now the buckets of that time, the record counted in them. */
void monitor_count_hour(
    const struct model_state *model, struct series *series, wall_us ts, size_t hour);
/* A value of column `at`; lacking: the record does not name it. */
void monitor_count_value(struct monitor *monitor, struct model_state *model, struct series *series,
    size_t at, const struct feature_value *value, bool lacking);
/* All of it. */
void monitor_count(struct monitor *monitor, struct series *series, struct series_bucket *bucket,
    const struct prediction *prediction, uint64_t hash, uint32_t weight, bool keep);
/* A value as a word that its reference has not; room is for a number's. */
const char *monitor_word(const struct feature_value *value, char room[32]);

/* models.c */
void models_free(struct monitor *monitor);
struct model_state *models_get(struct monitor *monitor, const char *name, size_t *index);
size_t models_version(struct model_state *model, const char *version);
/* The column of the record's i-th feature, SIZE_MAX if there are too many: records of one model
 * repeat their order. */
size_t models_column(
    struct monitor *monitor, struct model_state *model, size_t i, const char *name);
/* Gives a column its place in the buckets: when its reference is ready, or there never will be one.
 */
void models_place(struct model_state *model, size_t column);
/* A name as it is kept: all of it, or what fits. Two that begin alike for so long are one. */
const char *models_kept_name(char room[SNAPSHOT_NAME], const char *name);

/* monitor_quality.c */
/* Counts it unless its request id came before or the join's sample leaves it out; tells the bucket.
 * True: the id came before. */
bool monitor_count_quality(struct monitor *monitor, struct series *series,
    struct series_bucket *bucket, uint64_t hash, struct join_entry *entry,
    const struct quality_place *place);
/* What the change detectors were given is fed to them: before anything is asked or saved. */
void monitor_settle(struct monitor *monitor);
void monitor_count_label(struct monitor *monitor, const struct label *label, uint64_t hash);
/* Those that windows.assume_negative_after makes due at the clock. */
void monitor_assume_negatives(struct monitor *monitor);

#endif
